//! How many tokens a text has, by OpenAI's `o200k_base`. Other models cut differently, but not by much; the room that
//! is left for the answer absorbs it.
//!
//! The unpacked vocabulary takes 26 MB and a good part of a second's work, so it exists only while long conversations
//! are about: callers ask only when the number of bytes does not settle the matter, and some minutes after the last one
//! it is gone. Loading and counting block: never on an async thread.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tiktoken::{CoreBpe, encoding};

/// Tokens that a turn costs beside its text (OpenAI cookbook, "How to count tokens with tiktoken").
pub(in crate::engine) const PER_TURN: usize = 4;
/// How long the vocabulary is kept for the next who counts.
const LINGER: Duration = Duration::from_secs(120);

static SHARED: Mutex<Weak<CoreBpe>> = Mutex::new(Weak::new());

/// Counts tokens. Cheap to clone; all share one vocabulary.
#[derive(Clone)]
pub(in crate::engine) struct Counter(Arc<CoreBpe>);

impl Counter {
    /// Unpacks the vocabulary, unless somebody has it.
    pub(in crate::engine) fn load() -> Self {
        // Held while unpacking: whoever comes second waits for the first instead of doing it too.
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vocabulary) = shared.upgrade() {
            return Self(vocabulary);
        }
        let vocabulary = Arc::new(encoding::o200k_base());
        *shared = Arc::downgrade(&vocabulary);
        Self(vocabulary)
    }

    /// Tokens of one turn. Never more than its bytes and [`PER_TURN`].
    pub(in crate::engine) fn of_turn(&self, text: &str) -> usize {
        self.0.count(text) + PER_TURN
    }

    /// Keeps the vocabulary for a while. Needs a runtime.
    pub(in crate::engine) fn linger(self) {
        tokio::spawn(async move {
            tokio::time::sleep(LINGER).await;
            drop(self);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn counts_as_the_reference_does() {
        let counter = Counter::load();
        // From the OpenAI cookbook, "How to count tokens with tiktoken".
        for (text, count) in [
            ("", 0),
            ("hello world", 2),
            ("antidisestablishmentarianism", 6),
            ("お誕生日おめでとう", 8),
        ] {
            assert_eq!(counter.of_turn(text) - PER_TURN, count, "{text}");
        }
    }

    #[test]
    fn no_token_is_shorter_than_a_byte() {
        let counter = Counter::load();
        for text in [
            "\u{1f9d1}\u{200d}\u{1f52c}\u{fffd}",
            "a\u{300}\u{301}",
            " \n\t \u{3000}",
            "𠮷野家",
        ] {
            assert!(counter.of_turn(text) <= text.len() + PER_TURN, "{text:?}");
        }
    }

    #[test]
    fn hostile_text_is_counted_in_reasonable_time() {
        let counter = Counter::load();
        let start = Instant::now();
        for text in [
            "a".repeat(256 * 1024),
            " ".repeat(256 * 1024),
            "字".repeat(80 * 1024),
        ] {
            assert!(counter.of_turn(&text) <= text.len() + PER_TURN);
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_vocabulary_stays_for_a_while() {
        let mine = Counter::load();
        let kept = Arc::downgrade(&mine.0);
        mine.linger();
        tokio::time::sleep(LINGER / 2).await;
        assert!(kept.upgrade().is_some());
    }
}
