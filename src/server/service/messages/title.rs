//! What a conversation is called until it has a better name.

use parlance_core::domain::limits;
use unicode_segmentation::UnicodeSegmentation;

/// Until a title is generated: the beginning of what was asked, on one line. One grapheme may be many characters, and
/// the store counts those.
pub(super) fn first_title(content: &str) -> String {
    let line = content.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = 0;
    line.graphemes(true)
        .take(limits::TITLE_GRAPHEMES)
        .take_while(|grapheme| {
            chars += grapheme.chars().count();
            chars <= limits::TITLE_CHARS
        })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_cut_between_graphemes() {
        assert_eq!(first_title(&"张".repeat(50)), "张".repeat(40));
        // Seven characters each: 29 of them would be too long for a title.
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}";
        assert_eq!(first_title(&family.repeat(50)), family.repeat(28));
        assert_eq!(first_title(&format!("a{}", "\u{301}".repeat(300))), "");
        assert_eq!(first_title("  two\n lines "), "two lines");
    }
}
