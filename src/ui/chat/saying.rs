//! What a person wrote, as it was typed. Something very long is cut in two, the second part folded away: nothing is
//! measured, and what is folded costs the browser nothing.

use leptos::prelude::*;

use crate::i18n::{Texts, numbers::grouped};

/// More lines are folded away.
const LINES: usize = 40;
/// More bytes are folded away, however few lines they are.
const BYTES: usize = 3_000;

/// The text of a message.
pub(super) fn said(texts: &Texts, text: &str) -> impl IntoView {
    let Some(place) = fold(text) else {
        return text.to_owned().into_any();
    };
    let (shown, rest) = text.split_at(place);
    let lines = i64::try_from(text.lines().count()).unwrap_or(i64::MAX);
    let all = (texts.turns.show_all)(&grouped(lines));
    let (shown, rest) = (shown.to_owned(), rest.to_owned());
    view! {
        {shown}
        <details class="said-rest">
            <summary>
                <span class="said-all">{all}</span>
                <span class="said-less">{texts.turns.show_less}</span>
            </summary>
            <div>{rest}</div>
        </details>
    }
    .into_any()
}

/// Where a text that is too long to be shown at once is cut: after a line if it has enough of them, else after a word
/// or, where there is none near, within one.
fn fold(text: &str) -> Option<usize> {
    let line = text
        .match_indices('\n')
        .nth(LINES - 1)
        .map(|(place, _)| place + 1);
    // A few lines more are no reason to fold.
    let line = line.filter(|place| text[*place..].lines().count() > LINES / 4);
    let limit = text.floor_char_boundary(BYTES);
    let long = text.len() > BYTES + BYTES / 4;
    match line {
        Some(place) if place <= BYTES || !long => Some(place),
        _ if long => {
            let head = &text[..limit];
            let word = head
                .rfind(char::is_whitespace)
                .map(|place| place + head[place..].chars().next().map_or(0, char::len_utf8));
            Some(word.filter(|place| *place > BYTES / 2).unwrap_or(limit))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_shown_whole() {
        for text in [
            "",
            "hi",
            &"line\n".repeat(40),
            &"line\n".repeat(45),
            &"x".repeat(3_500),
        ] {
            assert_eq!(fold(text), None);
        }
    }

    #[test]
    fn many_lines_are_cut_after_a_line() {
        let text = "line\n".repeat(20_000);
        assert_eq!(fold(&text), Some(40 * 5));
    }

    #[test]
    fn one_long_line_is_cut_after_a_word_and_never_within_a_character() {
        let words = "word ".repeat(40_000);
        let place = fold(&words).unwrap();
        assert!(place <= BYTES && words[..place].ends_with(' '));
        let chinese = "字".repeat(70_000);
        let place = fold(&chinese).unwrap();
        assert!(place > BYTES / 2 && chinese.is_char_boundary(place));
        // Forty lines of which one is a novel.
        let mixed = format!("{}\n{}", "x".repeat(200_000), "y\n".repeat(60));
        assert_eq!(fold(&mixed), Some(BYTES));
    }
}
