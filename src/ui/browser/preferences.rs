//! Settings as the page has them: attributes of `<html>`, written by the server and flipped by the settings' forms.

use leptos::prelude::*;

/// Whether Enter sends; else it begins a new line, and Ctrl+Enter sends.
#[must_use]
pub fn enter_sends() -> bool {
    attribute("data-enter").as_deref() != Some("newline")
}

/// Whether the keyboard shortcuts work.
#[must_use]
pub fn shortcuts_work() -> bool {
    attribute("data-shortcuts").as_deref() != Some("off")
}

/// How a reply appears while it is written: `smooth`, `raw` or `at-once`.
#[must_use]
pub fn streaming() -> String {
    attribute("data-streaming").unwrap_or_else(|| "smooth".to_owned())
}

/// The time zone that was chosen; `None` where the browser's is wanted.
#[must_use]
pub fn zone() -> Option<String> {
    attribute("data-zone")
}

/// Whether things should hold still, by this person's choice or by the system's.
#[must_use]
pub fn is_motion_reduced() -> bool {
    #[cfg(feature = "hydrate")]
    let system = window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches());
    #[cfg(not(feature = "hydrate"))]
    let system = false;
    system || attribute("data-motion").as_deref() == Some("reduced")
}

fn attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(name)
}

/// Sends forms with `data-save-on-change` when something in them changes, for as long as the current component lives.
/// The attribute holds the word for success; it, or what went wrong, is put into the form's `role=status`.
pub fn save_on_change() {
    #[cfg(feature = "hydrate")]
    {
        let texts = crate::i18n::t();
        let changes = window_event_listener(leptos::ev::change, move |event| {
            live::changed(&event, texts);
        });
        on_cleanup(move || changes.remove());
    }
}

#[cfg(feature = "hydrate")]
mod live {
    use leptos::{prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast;
    use web_sys::{Element, Event, HtmlFormElement};

    use crate::{browser::form::post, i18n::Texts};

    const WORD: &str = "data-save-on-change";

    pub(super) fn changed(event: &Event, texts: &'static Texts) {
        let Some(field) = event
            .target()
            .and_then(|field| field.dyn_into::<Element>().ok())
        else {
            return;
        };
        let form = field.closest("form[data-save-on-change]").ok().flatten();
        let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        let name = field.get_attribute("name").unwrap_or_default();
        flip(&field, &name);
        spawn_local(async move {
            let saved = post(form.clone()).await;
            // Words and times are the server's.
            if saved.is_ok() && matches!(name.as_str(), "locale" | "zone") {
                let _ = window().location().reload();
                return;
            }
            let words = match &saved {
                Ok(_) => form.get_attribute(WORD).unwrap_or_default(),
                Err(error) => texts.failure(error).to_owned(),
            };
            if let Ok(Some(status)) = form.query_selector("[role=status]") {
                let _ = status.toggle_attribute_with_force("data-failed", saved.is_err());
                status.set_text_content(Some(&words));
            }
        });
    }

    /// Writes the choice into the page before it is known to be saved: nobody waits to see a colour.
    fn flip(field: &Element, name: &str) {
        let on = field.matches(":checked").unwrap_or(false);
        let word = match (name, on) {
            ("locale" | "zone", _) => return,
            ("shortcuts", false) => "off".to_owned(),
            _ => field.get_attribute("value").unwrap_or_default(),
        };
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute(&format!("data-{name}"), &word);
        }
    }
}
