//! All texts of the pages, in every language. A language is one constant of [`Texts`]: what is missing does not compile.
//!
//! The server chooses the language (cookie, then `Accept-Language`, then English) and writes it into `<html lang>`, where
//! the browser reads it, so that both render the same. Must not enter: dates and numbers of one moment, components.

use leptos::prelude::*;
use parlance_core::domain::{FieldCode, ProblemCode};

use crate::rpc::problem::RpcError;

pub mod chat;
pub mod code;
pub mod compare;
pub mod composer;
#[cfg(feature = "ssr")]
pub mod contexts;
#[cfg(feature = "ssr")]
pub mod dates;
mod en;
#[cfg(feature = "ssr")]
pub mod entrance;
pub mod find;
#[cfg(feature = "ssr")]
pub mod history;
pub mod kit;
pub mod letters;
pub mod models;
#[cfg(feature = "ssr")]
pub mod moment;
#[cfg(any(feature = "ssr", test))]
mod negotiate;
pub mod numbers;
#[cfg(feature = "ssr")]
mod personas;
#[cfg(feature = "ssr")]
pub mod profile;
#[cfg(feature = "ssr")]
pub mod pwa;
pub mod roles;
pub mod settings;
#[cfg(feature = "ssr")]
pub mod shortcuts;
pub mod sidebar;
mod spoken;
#[cfg(feature = "ssr")]
pub mod start;
mod texts;
pub mod turns;
mod zh_cn;

#[cfg(all(feature = "hydrate", target_family = "wasm"))]
pub use spoken::when_there;
pub use texts::{Auth, Errors, Home, Sample, Site, Texts};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    En,
    ZhCn,
}

impl Locale {
    /// BCP 47 tag, as in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// The part of the page's WASM that holds the texts of this language (`manifest.json`).
    #[must_use]
    pub fn part(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh_cn",
        }
    }

    /// The language whose tag is `tag` or a variety of it; `zh-TW` is nearer to `zh-CN` than to English.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::ZhCn)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The texts of this language.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        spoken::language(self).texts
    }
}

impl Texts {
    /// The sentence for a problem.
    #[must_use]
    pub fn problem(&self, code: ProblemCode) -> &'static str {
        (spoken::language(self.locale).problem)(code)
    }

    /// The sentence for what is wrong with `field`.
    #[must_use]
    pub fn field(&self, field: &str, code: FieldCode) -> &'static str {
        (spoken::language(self.locale).field)(field, code)
    }

    /// The sentence for a server function's failure.
    #[must_use]
    pub fn failure(&self, error: &RpcError) -> &'static str {
        if error.is_unreachable() {
            self.errors.unreachable
        } else {
            self.problem(error.0.code)
        }
    }
}

/// Makes the page's language known to all components below and answers it. A no-op where it is known already.
pub fn provide_locale() -> Locale {
    if let Some(locale) = use_context::<Locale>() {
        return locale;
    }
    let locale = locale_of_page();
    provide_context(locale);
    locale
}

/// The texts in the page's language. Call it while a component is being built; the answer may be kept for ever.
#[must_use]
pub fn t() -> &'static Texts {
    use_context::<Locale>()
        .unwrap_or_else(locale_of_page)
        .texts()
}

#[cfg(feature = "ssr")]
fn locale_of_page() -> Locale {
    use axum::http::{header, request::Parts};

    let accepted = use_context::<Parts>().and_then(|parts| {
        parts
            .headers
            .get(header::ACCEPT_LANGUAGE)?
            .to_str()
            .ok()
            .map(str::to_owned)
    });
    negotiate::negotiate(
        crate::rpc::preferences::locale_tag().as_deref(),
        accepted.as_deref(),
    )
}

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
fn locale_of_page() -> Locale {
    document()
        .document_element()
        .and_then(|html| Locale::from_tag(&html.get_attribute("lang")?))
        .unwrap_or(Locale::En)
}

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
fn locale_of_page() -> Locale {
    Locale::En
}
