//! What a person has typed and not yet sent, kept on the server so that a form that failed without
//! scripts loses nothing.

use async_trait::async_trait;
use parlance_core::domain::{ConversationId, Timestamp, UserId};

use super::StoreError;

/// Unsent texts, one for each person and conversation (`None`: a new conversation).
#[async_trait]
pub trait Drafts: Send + Sync {
    /// Keeps `text`; an empty one removes the draft.
    async fn save_draft(
        &self,
        owner: UserId,
        conversation: Option<ConversationId>,
        text: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    async fn draft(
        &self,
        owner: UserId,
        conversation: Option<ConversationId>,
    ) -> Result<Option<String>, StoreError>;
}
