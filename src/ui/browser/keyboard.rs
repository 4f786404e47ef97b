//! Keys: what every handler asks first, and the one listener of the shortcuts.

use leptos::ev::KeyboardEvent;

/// Whether the key belongs to an input method that is choosing characters. Safari ends the composition *before* the
/// key that confirms it, hence the old key code beside the flag. Every handler of Enter, Esc or arrows asks this.
#[must_use]
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// Whether the keyboard is a Mac's or the like.
#[must_use]
pub fn is_mac() -> bool {
    #[cfg(feature = "hydrate")]
    let mac = leptos::prelude::window()
        .navigator()
        .platform()
        .is_ok_and(|name| name.starts_with("Mac") || name.starts_with("iP"));
    #[cfg(not(feature = "hydrate"))]
    let mac = false;
    mac
}

/// Carries the shortcuts out from now on. Call it once, in an effect.
pub fn listen() {
    #[cfg(feature = "hydrate")]
    live::listen();
}

#[cfg(feature = "hydrate")]
mod live {
    use leptos::{ev, prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast;
    use web_sys::{
        Element, Event, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlTextAreaElement,
        KeyboardEvent,
    };

    use super::{is_composing, is_mac};
    use crate::{
        browser::{composer::is_layered, form::post, preferences::shortcuts_work},
        state::shortcuts::{Deed, Held, Press, SHORTCUTS, is_off},
    };

    const COMPOSER: &str = "#composer-text";
    const LIST: &str = "#shortcuts";

    pub(super) fn listen() {
        let mac = is_mac();
        let keys = window_event_listener(ev::keydown, move |event| {
            if !is_composing(&event) && !event.default_prevented() && carried_out(&event, mac) {
                event.prevent_default();
            }
        });
        let switches = window_event_listener(ev::change, |event| {
            switched(&event);
        });
        on_cleanup(move || {
            keys.remove();
            switches.remove();
        });
    }

    /// A switch of the list: kept at once, without leaving the page.
    fn switched(event: &Event) -> Option<()> {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        let form = target.closest("[data-off]").ok().flatten()?;
        let form = form.dyn_into::<HtmlFormElement>().ok()?;
        let off: Vec<_> = all("[data-off] input[type=checkbox]:not(:checked)")
            .iter()
            .filter(|switch| form.contains(Some(switch)))
            .filter_map(|switch| switch.get_attribute("value"))
            .collect();
        for list in all("[data-off]") {
            // Setting a well-formed attribute cannot fail.
            let _ = list.set_attribute("data-off", &off.join("."));
        }
        spawn_local(async move {
            // What was not kept is on again with the next page.
            let _ = post(form).await;
        });
        None
    }

    /// Whether the press was a shortcut and did something.
    fn carried_out(event: &KeyboardEvent, mac: bool) -> bool {
        let (key, code) = (event.key(), event.code());
        let press = Press {
            key: &key,
            code: &code,
            ctrl: event.ctrl_key(),
            meta: event.meta_key(),
            alt: event.alt_key(),
            shift: event.shift_key(),
        };
        let Some(shortcut) = SHORTCUTS.iter().find(|one| one.fits(press, mac)) else {
            return false;
        };
        let list = first(LIST).and_then(|list| list.dyn_into::<HtmlDialogElement>().ok());
        let off = first("[data-off]").and_then(|held| held.get_attribute("data-off"));
        if !shortcuts_work() || is_off(&off.unwrap_or_default(), shortcut.name) {
            return false;
        }
        if shortcut.deed == Deed::List {
            return list.is_some_and(|list| {
                if list.open() {
                    list.close();
                    return true;
                }
                // Fails where another dialog is on top.
                first("dialog[open]").is_none() && list.show_modal().is_ok()
            });
        }
        let bare = matches!(shortcut.held, Held::Nothing | Held::Alt | Held::Shift);
        // Esc and plain keys belong to whatever lies on top of the page; nothing reaches below a dialog.
        if first("dialog[open]").is_some() || (bare && is_layered()) {
            return false;
        }
        let field = active().filter(|element| {
            element
                .matches("input, textarea, select, [contenteditable]")
                .unwrap_or(false)
        });
        let composer = first(COMPOSER).and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok());
        let in_composer =
            composer.is_some() && field.as_deref() == composer.as_deref().map(AsRef::as_ref);
        // With Option a Mac types signs and walks through words.
        let types = shortcut.held == Held::Alt && mac;
        let empty = composer
            .as_ref()
            .is_some_and(|area| area.value().is_empty());
        if field.is_some() && types && !(in_composer && empty) {
            return false;
        }
        match shortcut.deed {
            Deed::Press(target) => press_last(target),
            Deed::Reword(target) => in_composer && empty && press_last(target),
            Deed::Write => composer.is_some_and(|area| area.focus().is_ok()),
            Deed::Walk(by) => walk(by),
            Deed::List => false,
        }
    }

    fn active() -> Option<Element> {
        document().active_element()
    }

    fn first(selector: &str) -> Option<Element> {
        document().query_selector(selector).ok().flatten()
    }

    fn all(selector: &str) -> Vec<HtmlElement> {
        let Ok(found) = document().query_selector_all(selector) else {
            return Vec::new();
        };
        (0..found.length())
            .filter_map(|place| found.get(place)?.dyn_into().ok())
            .collect()
    }

    fn press_last(selector: &str) -> bool {
        let target = all(selector).pop();
        if let Some(target) = &target {
            target.click();
        }
        target.is_some()
    }

    /// To the conversation so many places below the one that is open, or to the first.
    fn walk(by: i32) -> bool {
        let rows = all(".sidebar-list a[href^='/chat/']");
        let at = rows
            .iter()
            .position(|row| row.get_attribute("aria-current").as_deref() == Some("page"));
        let place = match at {
            Some(at) => usize::try_from(by + at as i32).ok(),
            None => Some(0),
        };
        let row = place.and_then(|place| rows.get(place));
        if let Some(row) = row {
            row.click();
        }
        row.is_some()
    }
}
