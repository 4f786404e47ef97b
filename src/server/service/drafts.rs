//! Unsent texts, so that a form that failed loses nothing.

use std::sync::Arc;

use parlance_core::domain::{ConversationId, FieldCode, limits};

use super::{Error, Viewer};
use crate::port::{clock::Clock, store::Store};

/// The verbs of drafts.
#[derive(Clone)]
pub struct Drafts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Drafts {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Keeps what the viewer typed; an empty text forgets it.
    ///
    /// # Errors
    /// `Invalid` when the text is larger than a body may be.
    pub async fn keep(
        &self,
        viewer: &Viewer,
        conversation: Option<ConversationId>,
        text: &str,
    ) -> Result<(), Error> {
        if text.len() > limits::BODY_BYTES {
            return Err(Error::field("text", FieldCode::TooLarge));
        }
        // PostgreSQL takes no NUL in a text, and a draft is kept for those whose message was refused, perhaps for that.
        let text = text.replace('\0', "\u{fffd}");
        Ok(self
            .store
            .save_draft(viewer.user.id, conversation, &text, self.clock.now())
            .await?)
    }

    /// What was kept.
    ///
    /// # Errors
    /// Storage only.
    pub async fn read(
        &self,
        viewer: &Viewer,
        conversation: Option<ConversationId>,
    ) -> Result<Option<String>, Error> {
        Ok(self.store.draft(viewer.user.id, conversation).await?)
    }
}
