//! The keys that stand beside a button's name, in tooltips and menus: a style, so that they are there for whatever a
//! script makes later too, and cost the page's code nothing.
//!
//! Must not enter: how they look (`floats.css`).

use leptos::prelude::*;

use crate::{
    rpc::{form::cookie, shortcuts::is_mac},
    state::shortcuts::{COOKIE, Deed, SHORTCUTS, Shortcut, is_off},
};

/// The style that gives whatever has a shortcut its keys as `--keys`.
pub fn hints(nonce: Option<String>) -> impl IntoView {
    let off = cookie(COOKIE).unwrap_or_default();
    view! { <style nonce=nonce>{rules(&off, is_mac())}</style> }
}

/// With a space ahead of the keys: words stand before them.
fn rules(off: &str, mac: bool) -> String {
    let on = SHORTCUTS
        .iter()
        .filter(|shortcut| !is_off(off, shortcut.name));
    let rules = on.filter_map(|shortcut| {
        let place = place(shortcut)?;
        let keys = shortcut.keys(mac);
        Some(format!(
            ":root:not([data-shortcuts=off]) {place}{{--keys:\"\u{2002}{keys}\"}}"
        ))
    });
    rules.collect()
}

/// Where the keys are shown; `None` for what no element does.
fn place(shortcut: &Shortcut) -> Option<String> {
    match shortcut.deed {
        Deed::Press(selector) | Deed::Reword(selector) => {
            // Of several messages the last one is meant.
            Some(match selector.split_once(' ') {
                Some((turn, act)) if turn.starts_with("[data-role") => {
                    format!("{turn}:nth-last-child(1 of {turn}) {act}")
                }
                _ => selector.to_owned(),
            })
        }
        Deed::List => Some("[commandfor=shortcuts][command=show-modal]".to_owned()),
        Deed::Write | Deed::Walk(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_table_and_of_the_keyboard() {
        let rules = rules("", false);
        for rule in [
            "#sidebar-toggle{--keys:\"\u{2002}Ctrl+Shift+S\"}",
            "[data-role=assistant]:nth-last-child(1 of [data-role=assistant]) [data-act=copy]{",
            "[commandfor=shortcuts][command=show-modal]{--keys:\"\u{2002}Ctrl+/\"}",
        ] {
            assert!(rules.contains(rule), "{rules}");
        }
        assert!(super::rules("", true).contains("\u{2002}⇧⌘S"));
    }

    #[test]
    fn what_is_switched_off_has_no_keys() {
        assert!(!rules("stop.new", false).contains("composer-stop"));
        assert!(rules("new", false).contains("composer-stop"));
    }
}
