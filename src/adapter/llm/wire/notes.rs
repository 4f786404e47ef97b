//! The pieces of an answer, out of its chunks, and what has to be known of it until the end.

use parlance_server::port::llm::Piece;

use super::chunk::{Chunk, Counts};

/// What is known of the answer so far.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    named: bool,
    pub(crate) has_text: bool,
    pub(crate) counts: Counts,
    /// The last reason seen: some providers repeat it, and text may follow it.
    pub(crate) finish: Option<String>,
}

impl Notes {
    /// Notes what a chunk says, and gives its pieces.
    pub(crate) fn read(&mut self, chunk: impl Chunk, mut give: impl FnMut(Piece)) {
        if !self.named && !chunk.model().is_empty() {
            self.named = true;
            give(Piece::Model(word(chunk.model())));
        }
        self.counts = chunk.counts().over(self.counts);
        let reason = chunk.finish_reason();
        if !reason.is_empty() {
            self.finish = Some(word(&reason));
        }
        chunk.each_text(|part, text| {
            self.has_text = true;
            let text = clean(text);
            give(Piece::Text { part, text });
        });
    }
}

/// Longest name or reason that is kept, characters.
const WORD_CHARS: usize = 200;

/// A name or reason of the provider's, which may be as long as it likes.
fn word(text: &str) -> String {
    clean(text.chars().take(WORD_CHARS).collect())
}

/// Text without U+0000, which PostgreSQL cannot store.
fn clean(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}
