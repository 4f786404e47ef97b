//! Which text the composer begins with, and how a file or a long paste is put into it. Pure.
//!
//! A draft is in two places: in the tab (`sessionStorage`: at once, survives a reload and a crash of the browser, and
//! is nobody else's) and on the server (soon after, for other devices and later days). The tab's own is the newer one
//! for this tab: what another tab writes meanwhile never overwrites what is being typed here.

/// Longer pastes are offered as a block of code, characters.
pub const LONG_PASTE: usize = 4_000;

/// What to write into a composer that shows `shown`: `None` leaves it. `touched`: the person typed before the scripts
/// came. `said` is the newest message of the person, which a draft may have become in another tab.
#[must_use]
pub fn restored(
    touched: bool,
    tab: Option<&str>,
    shown: &str,
    said: Option<&str>,
) -> Option<String> {
    let is_said = |text: &str| said.is_some_and(|said| said.trim() == text.trim());
    if touched {
        return None;
    }
    match tab {
        Some(tab) if is_said(tab) || tab.trim().is_empty() => None,
        Some(tab) if tab != shown => Some(tab.to_owned()),
        _ => None,
    }
}

/// `text` as a fenced block of Markdown, with the file's name above it and its extension as the language. The fence is
/// longer than any in the text.
#[must_use]
pub fn fenced(name: Option<&str>, text: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let language = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, extension)| extension)
        .filter(|extension| {
            extension
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '+')
        })
        .unwrap_or_default();
    let mut block = String::with_capacity(text.len() + 80);
    if let Some(name) = name {
        for c in name.chars().filter(|c| *c != '`' && !c.is_control()) {
            block.push(c);
        }
        block.push_str("\n\n");
    }
    for piece in [
        &fence,
        language,
        "\n",
        text.trim_end_matches('\n'),
        "\n",
        &fence,
    ] {
        block.push_str(piece);
    }
    block
}

/// `typed` with `more` behind it, an empty line between them.
#[must_use]
pub fn joined(typed: &str, more: &str) -> String {
    let typed = typed.trim_end();
    if typed.is_empty() {
        more.to_owned()
    } else if more.trim().is_empty() {
        typed.to_owned()
    } else {
        [typed, "\n\n", more].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tabs_own_draft_wins_over_the_servers() {
        assert_eq!(
            restored(false, Some("mine"), "older", None).as_deref(),
            Some("mine")
        );
        assert_eq!(restored(false, Some("mine"), "mine", None), None);
        assert_eq!(restored(false, None, "older", None), None);
    }

    #[test]
    fn what_was_typed_before_the_scripts_came_stays() {
        assert_eq!(restored(true, Some("mine"), "typed early", None), None);
    }

    #[test]
    fn a_draft_that_was_sent_elsewhere_does_not_come_back() {
        assert_eq!(restored(false, Some("hi "), "", Some("hi")), None);
        assert_eq!(restored(false, Some(" \n"), "", None), None);
    }

    #[test]
    fn a_file_cannot_leave_its_block() {
        assert_eq!(
            fenced(Some("src/a.rs"), "fn a() {}\n"),
            "src/a.rs\n\n```rs\nfn a() {}\n```"
        );
        assert_eq!(fenced(None, "a\n````\nb"), "`````\na\n````\nb\n`````");
        assert_eq!(
            fenced(Some("no extension"), "x"),
            "no extension\n\n```\nx\n```"
        );
        assert_eq!(fenced(Some("`\n.c s"), "x"), ".c s\n\n```\nx\n```");
    }

    #[test]
    fn what_is_added_stands_behind_what_is_there() {
        assert_eq!(joined("", "b"), "b");
        assert_eq!(joined("a \n\n", "b"), "a\n\nb");
        assert_eq!(joined("a", " \n"), "a");
    }
}
