//! Settings: one form's target for everybody. A signed-in person's are kept with the account, a visitor's in cookies;
//! the cookies of a signed-in person follow, so that the page looks the same when they have gone.

#![allow(clippy::too_many_arguments, reason = "one for each field of the forms")]

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// Name under which a failed change travels back to its page.
pub const PREFERENCES_FORM: &str = "preferences";

/// Changes settings. A field is named and worded like the page's attribute (`theme=dark`); an absent one stays as it is,
/// but for checkboxes of `page` (a page of the settings), where absent means off. Answers the path to go to.
///
/// # Errors
/// `storage_unavailable`.
#[server(output = Answer)]
pub async fn save_preferences(
    #[server(default)] page: String,
    #[server(default)] locale: String,
    #[server(default)] zone: String,
    #[server(default)] theme: String,
    #[server(default)] accent: String,
    #[server(default)] size: String,
    #[server(default)] density: String,
    #[server(default)] width: String,
    #[server(default)] motion: String,
    #[server(default)] enter: String,
    #[server(default)] streaming: String,
    #[server(default)] shortcuts: String,
) -> Result<String, RpcError> {
    use super::{form, session};
    use crate::i18n::moment::Zone;
    use parlance_core::domain::{
        Preferences, PreferencesChange,
        preferences::{
            Accent, Density, Language, Motion, Streaming, TextSize, Theme, Width, ZoneName,
        },
    };

    let change = PreferencesChange {
        locale: match locale.as_str() {
            "" => None,
            "auto" => Some(None),
            tag => Language::from_word(tag).map(Some),
        },
        time_zone: match zone.as_str() {
            "auto" => Some(None),
            name if Zone::is_known(name) => ZoneName::parse(name).map(Some),
            _ => None,
        },
        theme: Theme::from_word(&theme),
        accent: Accent::from_word(&accent),
        text_size: TextSize::from_word(&size),
        density: Density::from_word(&density),
        width: Width::from_word(&width),
        motion: Motion::from_word(&motion),
        enter_sends: match enter.as_str() {
            "send" => Some(true),
            "newline" => Some(false),
            _ => None,
        },
        streaming: Streaming::from_word(&streaming),
        shortcuts_off: (page == "chat").then_some(shortcuts.is_empty()),
    };
    let outcome = async {
        let before = server::effective();
        let Ok(viewer) = session::viewer() else {
            return Ok::<Preferences, RpcError>(before.with(&change));
        };
        // The first choice takes along what the browser knew before there was an account.
        let change = match viewer.preferences {
            Some(_) => change,
            None => PreferencesChange::from(before.with(&change)),
        };
        Ok(session::app()?.preferences.change(&viewer, &change).await?)
    }
    .await;
    let path = match form::own_path(&format!("/settings/{page}")) {
        Some(path) if !page.is_empty() => path,
        _ => server::came_from().unwrap_or_else(|| "/".to_owned()),
    };
    let outcome = outcome.map(|preferences| {
        server::mirror(&preferences);
        if page.is_empty() {
            path.clone()
        } else {
            format!("{path}?saved=1")
        }
    });
    form::settle(PREFERENCES_FORM, &path, &[], outcome)
}

#[cfg(feature = "ssr")]
pub use server::{effective, locale_tag, mirror};

#[cfg(feature = "ssr")]
mod server {
    use axum::http::{Uri, header, request::Parts};
    use leptos::prelude::use_context;
    use parlance_core::domain::{Preferences, preferences::Language};

    use crate::rpc::{
        form::{cookie, keep_cookie, own_path},
        session::viewer,
    };

    /// A year: browsers keep no cookie for longer than 400 days.
    const SECONDS: u32 = 31_536_000;

    /// The settings of this request: the account's, else the cookies'.
    #[must_use]
    pub fn effective() -> Preferences {
        viewer()
            .ok()
            .and_then(|viewer| viewer.preferences)
            .unwrap_or_else(|| Preferences::from_words(cookie))
    }

    /// The language that was chosen, as a tag; `None` where the browser's is wanted.
    #[must_use]
    pub fn locale_tag() -> Option<String> {
        match viewer().ok().and_then(|viewer| viewer.preferences) {
            Some(preferences) => preferences.locale.map(|tag| Language::word(tag).to_owned()),
            None => cookie("locale"),
        }
    }

    /// The page that the form stood on. Requests of other sites do not get as far as here.
    pub(super) fn came_from() -> Option<String> {
        let parts = use_context::<Parts>()?;
        let referer: Uri = parts
            .headers
            .get(header::REFERER)?
            .to_str()
            .ok()?
            .parse()
            .ok()?;
        own_path(referer.path_and_query()?.as_str())
    }

    /// Writes down in cookies what they do not say already.
    pub fn mirror(preferences: &Preferences) {
        for (name, word) in preferences.words() {
            if cookie(name).as_deref() == word {
                continue;
            }
            let (word, seconds) = match word {
                Some(word) => (word, SECONDS),
                None => ("", 0),
            };
            keep_cookie(name, word, seconds);
        }
    }
}
