//! What the composer needs of the browser: keys, input methods, touch, and an id for what is sent.

use leptos::{ev::KeyboardEvent, prelude::document, web_sys::HtmlTextAreaElement};

/// Whether the key belongs to an input method that is choosing characters. Safari ends the composition *before* the
/// key that confirms it, hence the old key code beside the flag.
#[must_use]
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// Whether the key sends what is written: Enter, unless Shift is held or the keyboard is one on glass, where Enter is
/// the only way to a new line; with Ctrl or Command always.
#[must_use]
pub fn sends(event: &KeyboardEvent) -> bool {
    let enter = event.key() == "Enter" && !is_composing(event);
    enter
        && (event.ctrl_key()
            || event.meta_key()
            || (!event.shift_key() && !event.alt_key() && !is_touch()))
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

/// The value of the radio button that is chosen among those named `name`. Read from the page, because it may have been
/// chosen before the scripts were there.
#[must_use]
pub fn checked(name: &str) -> Option<String> {
    let chosen = document()
        .query_selector(&format!("input[name=\"{name}\"]:checked"))
        .ok()
        .flatten();
    chosen.and_then(|input| input.get_attribute("value"))
}
