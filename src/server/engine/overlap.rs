//! A model that was asked to go on often says its last words once more. This finds the repetition and leaves it out,
//! before the first frame is cut; what a screen has shown is never taken back.
//!
//! Pure. It holds back the first text until it is clear how much of it repeats, which is a few words.

/// Bytes of the kept text's end that may come again.
const TAIL: usize = 2 * 1024;
/// A repetition is at least this many bytes long: two words, or four characters of Chinese. Less happens by chance.
const SHORTEST: usize = 10;
/// Or it is the last word begun anew: at least this many letters.
const WORD: usize = 3;

/// Joins a continuation to the text that it goes on from.
#[derive(Debug)]
pub(super) struct Overlap {
    /// The end of the kept text.
    tail: String,
    held: String,
    decided: bool,
}

impl Overlap {
    /// `kept`: the text that the reply begins with already.
    pub(super) fn new(kept: &str) -> Self {
        let mut start = kept.len().saturating_sub(TAIL);
        while !kept.is_char_boundary(start) {
            start += 1;
        }
        Self {
            tail: kept[start..].to_owned(),
            held: String::new(),
            decided: kept.is_empty(),
        }
    }

    /// Takes what the model says; gives what of all that was held back is new. Empty while that is not clear.
    pub(super) fn push(&mut self, text: &str) -> String {
        if self.decided {
            return text.to_owned();
        }
        self.held.push_str(text);
        if self.may_grow() {
            return String::new();
        }
        self.finish().unwrap_or_default()
    }

    /// The model says no more: what was held back, without the repetition. `None`: nothing.
    pub(super) fn finish(&mut self) -> Option<String> {
        self.decided = true;
        let held = std::mem::take(&mut self.held);
        let rest = &held[repeated(&self.tail, &held)..];
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    /// Forgets what was held back: the attempt that said it failed and the model is asked anew.
    pub(super) fn restart(&mut self) {
        self.held.clear();
    }

    /// Whether more text could make a longer repetition of what is held.
    fn may_grow(&self) -> bool {
        let said = self.held.trim_start();
        if self.held.len() > self.tail.len() + SHORTEST {
            return false;
        }
        said.is_empty()
            || suffixes(&self.tail)
                .any(|suffix| suffix.len() > said.len() && suffix.starts_with(said))
    }
}

/// Bytes at the front of `held` that repeat the end of `tail`.
fn repeated(tail: &str, held: &str) -> usize {
    let said = held.trim_start();
    let blank = held.len() - said.len();
    // The longest first.
    let Some(found) = suffixes(tail).find(|suffix| said.starts_with(suffix)) else {
        return 0;
    };
    if found.len() >= SHORTEST || (blank == 0 && is_last_word(tail, found)) {
        blank + found.len()
    } else {
        0
    }
}

/// Whether `suffix` is the word at the end of `tail`, from its first letter on. Said again without a space between, it
/// would make a word that there is none of.
fn is_last_word(tail: &str, suffix: &str) -> bool {
    let before = &tail[..tail.len() - suffix.len()];
    suffix.len() >= WORD
        && suffix.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !before.ends_with(char::is_alphanumeric)
}

/// All ends of a text, the whole first, the empty one not.
fn suffixes(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().map(|(at, _)| &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a continuation that arrives in pieces of `width` characters.
    fn joined(kept: &str, said: &str, width: usize) -> String {
        let mut overlap = Overlap::new(kept);
        let characters: Vec<char> = said.chars().collect();
        let mut text = String::new();
        for piece in characters.chunks(width) {
            text.push_str(&overlap.push(&piece.iter().collect::<String>()));
        }
        text.push_str(&overlap.finish().unwrap_or_default());
        text
    }

    fn all(kept: &str, said: &str, wanted: &str) {
        for width in [1, 2, 3, 7, 1000] {
            assert_eq!(joined(kept, said, width), wanted, "{width}: {said}");
        }
    }

    #[test]
    fn a_repeated_end_is_left_out() {
        all(
            "Once upon a time there was a mill.",
            "there was a mill. It stood by the river.",
            " It stood by the river.",
        );
        all(
            "从前有一座山，山里有一座庙",
            "山里有一座庙，庙里有一个老和尚",
            "，庙里有一个老和尚",
        );
        all(
            "the same sentence again",
            "\n\nthe same sentence again and more",
            " and more",
        );
    }

    #[test]
    fn what_only_looks_alike_goes_through() {
        for (kept, said) in [
            ("very ", "very good"),
            ("ha", "ha"),
            ("It was 100", "100 times"),
            ("the end", " the end of it"),
            ("abc", "xyz"),
            ("there was a mill.", "there was a milestone"),
            ("", "anything"),
            ("anything", ""),
        ] {
            all(kept, said, said);
        }
    }

    #[test]
    fn a_word_that_was_cut_is_not_said_twice() {
        all("a quick bro", "brown fox", "wn fox");
        all("a quick bro", "wn fox", "wn fox");
    }

    #[test]
    fn nothing_but_the_repetition_leaves_nothing() {
        all(
            "there was a mill by the river",
            "there was a mill by the river",
            "",
        );
    }

    #[test]
    fn text_flows_as_soon_as_it_is_clear() {
        let mut overlap = Overlap::new("there was a mill by the river");
        assert_eq!(overlap.push("a mill"), "");
        assert_eq!(overlap.push("stone"), "a millstone");
        assert_eq!(overlap.push(" a mill"), " a mill");
        assert_eq!(overlap.finish(), None);
    }

    #[test]
    fn a_failed_attempt_leaves_nothing_behind() {
        let mut overlap = Overlap::new("there was a mill by the river");
        assert_eq!(overlap.push("a mill by"), "");
        overlap.restart();
        assert_eq!(overlap.push("a mill by the river, and"), ", and");
    }

    #[test]
    fn no_more_is_held_than_may_be_repeated() {
        let kept = "x".repeat(TAIL * 3);
        let mut overlap = Overlap::new(&kept);
        let mut out = 0;
        for _ in 0..TAIL * 2 {
            out += overlap.push("x").len();
        }
        assert!(overlap.held.is_empty() && out > 0, "{out}");
        let mut blank = Overlap::new("word");
        assert!((0..100).any(|_| !blank.push(" ").is_empty()));
    }
}
