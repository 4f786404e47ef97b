//! The reply that is being written: its text so far and how it fares.

use parlance_core::domain::{
    GenerationId, GenerationKind, GenerationStatus, MessageId, Part, PartText, ShortId, StatusEvent,
};

/// A reply that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    pub generation_id: GenerationId,
    pub message_id: MessageId,
    pub user_message_id: MessageId,
    pub status: GenerationStatus,
    pub kind: GenerationKind,
    /// How it fares, when the server said so.
    pub fare: Option<StatusEvent>,
    pub parts: Vec<PartText>,
    /// Text of the reply that this one goes on from: shown until that much is here again.
    pub(super) kept: String,
    /// The same as safe HTML, where the page brought it.
    pub(super) kept_html: Option<String>,
    pub(super) g: String,
    pub(super) seq: u64,
}

impl Running {
    pub(super) fn new(
        generation_id: GenerationId,
        message_id: MessageId,
        user_message_id: MessageId,
    ) -> Self {
        Self {
            generation_id,
            message_id,
            user_message_id,
            status: GenerationStatus::Queued,
            kind: GenerationKind::New,
            fare: None,
            parts: Vec::new(),
            kept: String::new(),
            kept_html: None,
            g: ShortId::from(generation_id).to_string(),
            seq: 0,
        }
    }

    /// Takes over what an older state of the same reply kept.
    pub(super) fn keep(&mut self, old: &mut Self) {
        self.kept = std::mem::take(&mut old.kept);
        self.kept_html = old.kept_html.take();
    }

    /// The text of one strand so far, empty when there is none.
    #[must_use]
    pub fn part(&self, kind: Part) -> &str {
        self.parts
            .iter()
            .find(|part| part.kind == kind)
            .map_or("", |part| part.text.as_str())
    }

    /// What it goes on from, as safe HTML and as text; `None` where no HTML is at hand.
    #[must_use]
    pub fn seed(&self) -> Option<(String, String)> {
        Some((self.kept_html.clone()?, self.kept.clone()))
    }

    /// Part `text` as the reader sees it: it never becomes shorter, also where a reply goes on from another.
    #[must_use]
    pub fn shown(&self) -> &str {
        let text = self.part(Part::Text);
        if text.len() < self.kept.len() && self.kept.starts_with(text) {
            &self.kept
        } else {
            text
        }
    }
}
