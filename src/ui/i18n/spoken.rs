//! Which language is there: on the server both, in the browser the page's own alone, fetched beside the page's code.
//!
//! A page is in one language from its first byte to its last, so the texts of the other are no part of its download.
//! Must not enter: a text.

use parlance_core::domain::{FieldCode, ProblemCode};

use super::{Texts, en, zh_cn};

/// All that a language says.
pub(super) struct Language {
    pub(super) texts: &'static Texts,
    pub(super) problem: fn(ProblemCode) -> &'static str,
    pub(super) field: fn(&str, FieldCode) -> &'static str,
}

static EN: Language = Language {
    texts: &en::TEXTS,
    problem: en::problem,
    field: en::field,
};

static ZH_CN: Language = Language {
    texts: &zh_cn::TEXTS,
    problem: zh_cn::problem,
    field: zh_cn::field,
};

/// The language of this name.
#[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
pub(super) fn language(locale: super::Locale) -> &'static Language {
    match locale {
        super::Locale::En => &EN,
        super::Locale::ZhCn => &ZH_CN,
    }
}

#[cfg(all(feature = "hydrate", target_family = "wasm"))]
pub(super) use fetched::language;
#[cfg(all(feature = "hydrate", target_family = "wasm"))]
pub use fetched::when_there;

#[cfg(all(feature = "hydrate", target_family = "wasm"))]
mod fetched {
    //! The page's language, once it is there.

    use std::cell::Cell;

    use leptos::wasm_split::{SplitLoaderError, wasm_split};

    use super::{EN, Language, ZH_CN};
    use crate::i18n::{Locale, locale_of_page};

    thread_local! {
        static SPOKEN: Cell<Option<&'static Language>> = const { Cell::new(None) };
    }

    /// The page's language, whichever is asked for: no other is there.
    pub fn language(_: Locale) -> &'static Language {
        SPOKEN
            .get()
            .expect("nothing is shown before the language is there")
    }

    /// Does it when the texts of the page are there. The server's page is whole without: where they cannot be fetched
    /// it stays as it is.
    pub fn when_there(then: impl FnOnce() + 'static) {
        wasm_bindgen_futures::spawn_local(async {
            let found = match locale_of_page() {
                Locale::En => english().await,
                Locale::ZhCn => chinese().await,
            };
            if let Ok(language) = found {
                SPOKEN.set(Some(language));
                then();
            }
        });
    }

    #[wasm_split(en, wasm_split_path = leptos::wasm_split, fallible)]
    fn english() -> Result<&'static Language, SplitLoaderError> {
        Ok(&EN)
    }

    #[wasm_split(zh_cn, wasm_split_path = leptos::wasm_split, fallible)]
    fn chinese() -> Result<&'static Language, SplitLoaderError> {
        Ok(&ZH_CN)
    }
}
