//! Keys in menus: one listener for every menu of the document (`kit::Menu`), and one that closes a menu after a choice.
//!
//! The browser opens and closes menus by itself, Esc included; this only moves the focus about in them.

use crate::i18n::letters::lower;

/// Listens from now on. Call it once, in an effect.
pub fn listen() {
    #[cfg(feature = "hydrate")]
    {
        use leptos::{ev, prelude::*};

        use super::composer::is_composing;

        let keys = window_event_listener(ev::keydown, |event| {
            if !is_composing(&event)
                && !event.ctrl_key()
                && !event.meta_key()
                && !event.alt_key()
                && live::key(&event.key())
            {
                event.prevent_default();
            }
        });
        let choices = window_event_listener(ev::click, |event| live::chosen(&event));
        on_cleanup(move || {
            keys.remove();
            choices.remove();
        });
    }
}

/// Where the focus goes from item `at` of `names`; `None` when the key means nothing here.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
fn target(key: &str, at: Option<usize>, names: &[String]) -> Option<usize> {
    let last = names.len().checked_sub(1)?;
    match key {
        "ArrowDown" => Some(at.filter(|at| *at < last).map_or(0, |at| at + 1)),
        "ArrowUp" => Some(at.filter(|at| *at > 0).map_or(last, |at| at - 1)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => {
            let mut characters = key.chars();
            let typed = characters.next().filter(|c| !c.is_whitespace())?;
            // The names of other keys have more than one letter.
            if characters.next().is_some() {
                return None;
            }
            let typed = lower(&typed.to_string());
            let from = at.map_or(0, |at| at + 1);
            (from..=last)
                .chain(0..from)
                .find(|place| lower(&names[*place]).starts_with(&typed))
        }
    }
}

#[cfg(feature = "hydrate")]
mod live {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlElement, MouseEvent};

    const OPEN: &str = ".menu:popover-open";

    /// Moves the focus in the menu that is open, or from its button into it; whether the key was for the menu.
    pub(super) fn key(key: &str) -> bool {
        let document = document();
        let (Some(active), Ok(Some(menu))) =
            (document.active_element(), document.query_selector(OPEN))
        else {
            return false;
        };
        let outside = !menu.contains(Some(&active));
        if outside && active.get_attribute("popovertarget") != Some(menu.id()) {
            return false;
        }
        // A letter on the button would be lost on whoever presses Space or Enter to close it.
        if outside && !key.starts_with("Arrow") {
            return false;
        }
        let items = items(&menu);
        let names: Vec<String> = items
            .iter()
            .map(|item| item.text_content().unwrap_or_default().trim().to_owned())
            .collect();
        let at = items.iter().position(|item| item.contains(Some(&active)));
        let Some(item) = super::target(key, at, &names).and_then(|place| items.get(place)) else {
            return false;
        };
        // Fails only for an element that has just left the page.
        let _ = item.focus();
        true
    }

    fn items(menu: &Element) -> Vec<HtmlElement> {
        let Ok(found) = menu.query_selector_all(".menu-item:not(:disabled)") else {
            return Vec::new();
        };
        (0..found.length())
            .filter_map(|place| found.get(place)?.dyn_into().ok())
            .collect()
    }

    /// Closes the menu after a choice; the browser gives the focus back to the button.
    pub(super) fn chosen(event: &MouseEvent) {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let menu = target
            .and_then(|target| target.closest(".menu-item").ok().flatten())
            .and_then(|item| item.closest(OPEN).ok().flatten())
            .and_then(|menu| menu.dyn_into::<HtmlElement>().ok());
        if let Some(menu) = menu {
            // Fails for what is closed already.
            let _ = menu.hide_popover();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    fn at(key: &str, from: Option<usize>) -> Option<usize> {
        let names = ["Rename", "Delete", "删除", "Details"].map(str::to_owned);
        target(key, from, &names)
    }

    #[test]
    fn arrows_go_round() {
        assert_eq!(at("ArrowDown", None), Some(0));
        assert_eq!(at("ArrowDown", Some(3)), Some(0));
        assert_eq!(at("ArrowUp", Some(0)), Some(3));
        assert_eq!(at("ArrowUp", None), Some(3));
        assert_eq!(
            (at("Home", Some(2)), at("End", Some(2))),
            (Some(0), Some(3))
        );
        assert_eq!(target("ArrowDown", None, &[]), None);
    }

    #[test]
    fn a_letter_finds_the_next_item_that_begins_with_it() {
        assert_eq!(at("d", None), Some(1));
        assert_eq!(at("D", Some(1)), Some(3));
        assert_eq!(at("d", Some(3)), Some(1));
        assert_eq!(at("删", Some(0)), Some(2));
        for other in ["x", " ", "Enter", "Tab", "Escape", ""] {
            assert_eq!(at(other, Some(0)), None, "{other:?}");
        }
    }
}
