//! What the composer needs of the browser: keys, touch, its text, and an id for what is sent.

use leptos::{ev::KeyboardEvent, prelude::document, web_sys::HtmlTextAreaElement};

pub use super::keyboard::is_composing;
use super::preferences;

/// Whether the key sends what is written.
#[must_use]
pub fn sends(event: &KeyboardEvent) -> bool {
    let main = event.ctrl_key() || event.meta_key();
    let held = event.shift_key() || event.alt_key();
    event.key() == "Enter"
        && !is_composing(event)
        && enter_sends(main, held, is_touch() || !preferences::enter_sends())
}

/// Enter sends, unless it is held with another key, or is to start a new line: as the person wants it, or because the
/// keyboard is one on glass, where there is no other way to one. With Ctrl or Command it always sends.
fn enter_sends(main: bool, held: bool, starts_line: bool) -> bool {
    main || !(held || starts_line)
}

/// Whether the main pointer is a finger.
#[must_use]
pub fn is_touch() -> bool {
    #[cfg(feature = "hydrate")]
    let touch = leptos::prelude::window()
        .match_media("(pointer: coarse)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches());
    #[cfg(not(feature = "hydrate"))]
    let touch = false;
    touch
}

/// Puts the keyboard into `field`, but never the keyboard on glass onto the screen.
pub fn focus(field: &HtmlTextAreaElement) {
    if !is_touch() {
        // Fails only for an element that is not in the page.
        let _ = field.focus();
    }
}

/// Whether the keyboard is nowhere in particular: on the page itself, or on the heading after a change of page.
#[must_use]
pub fn is_idle() -> bool {
    document()
        .active_element()
        .is_none_or(|element| matches!(element.tag_name().as_str(), "BODY" | "H1"))
}

/// Whether something is open on top of the page.
#[must_use]
pub fn is_layered() -> bool {
    document()
        .query_selector(":popover-open, dialog[open]")
        .is_ok_and(|open| open.is_some())
}

/// An id for a message, under which sending it twice stores it once. Random bits need no secure context.
#[must_use]
pub fn mint_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The value of what is chosen among the radio buttons, or in the list, named `name`. Read from the page, because it may have been
/// chosen before the scripts were there.
#[must_use]
pub fn checked(name: &str) -> Option<String> {
    let chosen = document()
        .query_selector(&format!(
            "[name=\"{name}\"]:checked, [name=\"{name}\"] :checked"
        ))
        .ok()
        .flatten();
    chosen.and_then(|input| input.get_attribute("value"))
}

/// Puts the keyboard into the composer of this page, if it has one.
pub fn focus_composer() {
    use leptos::wasm_bindgen::JsCast;

    let field = document().get_element_by_id("composer-text");
    if let Some(field) = field.and_then(|field| field.dyn_into().ok()) {
        focus(&field);
    }
}

/// Whether the browser has a network; it may be wrong when it says so, never when it denies it.
#[must_use]
pub fn is_online() -> bool {
    #[cfg(feature = "hydrate")]
    let online = leptos::prelude::window().navigator().on_line();
    #[cfg(not(feature = "hydrate"))]
    let online = true;
    online
}

/// Puts `text` into `field`, and lets everything that watches the typing know.
pub fn write(field: &HtmlTextAreaElement, text: &str) {
    field.set_value(text);
    #[cfg(feature = "hydrate")]
    {
        let event = web_sys::EventInit::new();
        event.set_bubbles(true);
        if let Ok(event) = web_sys::Event::new_with_event_init_dict("input", &event) {
            // Fails only for an event that is on its way already.
            let _ = field.dispatch_event(&event);
        }
    }
}

/// Whether somebody typed into `field` before the scripts came.
#[must_use]
pub fn is_touched(field: &HtmlTextAreaElement) -> bool {
    field
        .default_value()
        .is_ok_and(|first| first != field.value())
}

#[cfg(test)]
mod tests {
    use super::enter_sends;

    #[test]
    fn enter_sends_unless_a_new_line_is_wanted() {
        assert!(enter_sends(false, false, false));
        assert!(!enter_sends(false, true, false), "Shift+Enter");
        assert!(!enter_sends(false, false, true), "on glass, or swapped");
        assert!(enter_sends(true, false, true), "Ctrl+Enter");
        assert!(enter_sends(true, true, true));
    }
}
