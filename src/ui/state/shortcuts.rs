//! The keyboard shortcuts: one table for the listener, the list, the hints and the switches. Pure.
//!
//! On a Mac only ⌘, elsewhere only Ctrl. Each can be switched off by itself: a list of names in the cookie [`COOKIE`],
//! since keyboards belong to devices. All at once are off by a setting of the account (WCAG 2.1.4).

/// Name of the cookie that holds the names of what is off, with a dot between them.
pub const COOKIE: &str = "keys";

/// What a shortcut does. Most press a button that is on the page anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Presses the last element that fits the selector.
    Press(&'static str),
    /// Puts the keyboard into the composer.
    Write,
    /// Presses *Edit* of the newest message, from an empty composer alone.
    Reword(&'static str),
    /// Opens the list of shortcuts, or closes it.
    List,
    /// The conversation so many places below in the list.
    Walk(i32),
}

/// Keys that are held down. `Main` is ⌘ on a Mac and Ctrl elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Nothing,
    Shift,
    Alt,
    Main,
    MainShift,
}

/// One shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// Stable, for the cookie and the texts.
    pub name: &'static str,
    pub held: Held,
    /// The key by its place on a keyboard (UI Events, `code`).
    pub code: &'static str,
    pub deed: Deed,
}

const fn shortcut(name: &'static str, held: Held, code: &'static str, deed: Deed) -> Shortcut {
    Shortcut {
        name,
        held,
        code,
        deed,
    }
}

/// All of them, in the order of the list.
pub const SHORTCUTS: [Shortcut; 13] = [
    shortcut(
        "new",
        Held::MainShift,
        "KeyO",
        Deed::Press("a[href='/chat']"),
    ),
    shortcut("previous", Held::Alt, "ArrowUp", Deed::Walk(-1)),
    shortcut("next", Held::Alt, "ArrowDown", Deed::Walk(1)),
    shortcut(
        "sidebar",
        Held::MainShift,
        "KeyS",
        Deed::Press("#sidebar-toggle"),
    ),
    shortcut("write", Held::Shift, "Escape", Deed::Write),
    shortcut(
        "stop",
        Held::Nothing,
        "Escape",
        Deed::Press(".composer-stop:not([hidden])"),
    ),
    shortcut(
        "reword",
        Held::Nothing,
        "ArrowUp",
        Deed::Reword("[data-role=user] [data-act=edit]"),
    ),
    shortcut(
        "again",
        Held::Alt,
        "KeyR",
        Deed::Press("[data-role=assistant] [data-act=regenerate]"),
    ),
    shortcut(
        "copy",
        Held::MainShift,
        "KeyC",
        Deed::Press("[data-role=assistant] [data-act=copy]"),
    ),
    shortcut(
        "code",
        Held::MainShift,
        "Semicolon",
        Deed::Press("[data-role=assistant] [data-act=copy-code]"),
    ),
    shortcut(
        "delete",
        Held::MainShift,
        "Backspace",
        Deed::Press("[data-act=delete-conversation]"),
    ),
    shortcut(
        "settings",
        Held::Main,
        "Period",
        Deed::Press(".sidebar a[href^='/settings']"),
    ),
    shortcut("list", Held::Main, "Slash", Deed::List),
];

/// A key that went down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Press<'a> {
    pub key: &'a str,
    pub code: &'a str,
    pub ctrl: bool,
    pub meta: bool,
    pub alt: bool,
    pub shift: bool,
}

impl Shortcut {
    /// Whether this press is the shortcut's. The letter counts where the keyboard has Latin ones, wherever it lies;
    /// the place of the key counts where it has not, and where Alt makes another sign of it.
    #[must_use]
    pub fn fits(&self, press: Press<'_>, mac: bool) -> bool {
        let (main, other) = if mac {
            (press.meta, press.ctrl)
        } else {
            (press.ctrl, press.meta)
        };
        let held = match (main, press.alt, press.shift) {
            (false, false, false) => Held::Nothing,
            (false, false, true) => Held::Shift,
            (false, true, false) => Held::Alt,
            (true, false, false) => Held::Main,
            (true, false, true) => Held::MainShift,
            _ => return false,
        };
        held == self.held && !other && self.is_key(press)
    }

    fn is_key(&self, press: Press<'_>) -> bool {
        let letter = press.key.len() == 1 && press.key.as_bytes()[0].is_ascii_alphabetic();
        match self.code.strip_prefix("Key") {
            Some(own) if letter => press.key.eq_ignore_ascii_case(own),
            _ => press.code == self.code || sign(self.code) == press.key,
        }
    }

    /// The keys in words, as they stand on the keyboard: `Ctrl+Shift+O`, `⇧⌘O`.
    #[must_use]
    pub fn keys(&self, mac: bool) -> String {
        let held = match (self.held, mac) {
            (Held::Nothing, _) => "",
            (Held::Shift, true) => "⇧",
            (Held::Shift, false) => "Shift+",
            (Held::Alt, true) => "⌥",
            (Held::Alt, false) => "Alt+",
            (Held::Main, true) => "⌘",
            (Held::Main, false) => "Ctrl+",
            (Held::MainShift, true) => "⇧⌘",
            (Held::MainShift, false) => "Ctrl+Shift+",
        };
        [held, sign(self.code)].concat()
    }
}

/// What stands on the key.
fn sign(code: &'static str) -> &'static str {
    match code {
        "ArrowUp" => "↑",
        "ArrowDown" => "↓",
        "Escape" => "Esc",
        "Backspace" => "⌫",
        "Semicolon" => ";",
        "Period" => ".",
        "Slash" => "/",
        letter => letter.strip_prefix("Key").unwrap_or(letter),
    }
}

/// The shortcut of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Shortcut> {
    SHORTCUTS.iter().find(|shortcut| shortcut.name == name)
}

/// Whether the cookie's value switches the shortcut off.
#[must_use]
pub fn is_off(off: &str, name: &str) -> bool {
    off.split('.').any(|other| other == name)
}

/// The cookie's value that leaves on what `on` says. Names that nobody knows are dropped.
#[must_use]
pub fn off(on: impl Fn(&str) -> bool) -> String {
    let names: Vec<_> = SHORTCUTS
        .iter()
        .map(|shortcut| shortcut.name)
        .filter(|name| !on(name))
        .collect();
    names.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press<'a>(key: &'a str, code: &'a str, held: &str) -> Press<'a> {
        Press {
            key,
            code,
            ctrl: held.contains('c'),
            meta: held.contains('m'),
            alt: held.contains('a'),
            shift: held.contains('s'),
        }
    }

    fn found(press: Press<'_>, mac: bool) -> Option<&'static str> {
        SHORTCUTS
            .iter()
            .find(|shortcut| shortcut.fits(press, mac))
            .map(|shortcut| shortcut.name)
    }

    #[test]
    fn a_mac_has_command_and_the_others_have_control() {
        assert_eq!(found(press("O", "KeyO", "cs"), false), Some("new"));
        assert_eq!(found(press("o", "KeyO", "ms"), true), Some("new"));
        assert_eq!(found(press("O", "KeyO", "ms"), false), None);
        assert_eq!(found(press("O", "KeyO", "cs"), true), None);
        assert_eq!(found(press("O", "KeyO", "cms"), true), None);
    }

    #[test]
    fn the_letter_counts_and_not_its_place_where_there_are_letters() {
        // Dvorak has its O where others have S.
        assert_eq!(found(press("O", "KeyS", "cs"), false), Some("new"));
        assert_eq!(found(press("Щ", "KeyO", "cs"), false), Some("new"));
        // Option makes another sign of it.
        assert_eq!(found(press("®", "KeyR", "a"), true), Some("again"));
        assert_eq!(found(press(":", "Semicolon", "cs"), false), Some("code"));
    }

    #[test]
    fn plain_keys_are_no_shortcuts() {
        for key in ["o", "r", "k", "/", "."] {
            assert_eq!(found(press(key, "", ""), false), None, "{key}");
        }
        assert_eq!(found(press("Escape", "Escape", ""), false), Some("stop"));
        assert_eq!(found(press("Escape", "Escape", "s"), false), Some("write"));
    }

    #[test]
    fn no_two_have_the_same_name_or_the_same_keys() {
        for (place, one) in SHORTCUTS.iter().enumerate() {
            for other in &SHORTCUTS[place + 1..] {
                assert_ne!(one.name, other.name);
                assert_ne!((one.held, one.code), (other.held, other.code));
            }
        }
    }

    #[test]
    fn keys_are_written_as_they_stand_on_the_keyboard() {
        let new = named("new").unwrap();
        assert_eq!(
            (new.keys(false).as_str(), new.keys(true).as_str()),
            ("Ctrl+Shift+O", "⇧⌘O")
        );
        assert_eq!(named("stop").unwrap().keys(false), "Esc");
        assert_eq!(named("previous").unwrap().keys(true), "⌥↑");
    }

    #[test]
    fn each_can_be_off_by_itself() {
        let some = off(|name| name != "again" && name != "stop");
        assert_eq!(some, "stop.again");
        assert!(is_off(&some, "again") && !is_off(&some, "new"));
        assert_eq!(off(|_| true), "");
        assert!(!is_off("", "new"));
    }
}
