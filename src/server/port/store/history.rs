//! Messages of a person across conversations and branches, by page.

use async_trait::async_trait;
use parlance_core::domain::{ConversationId, Message, UserId};

use super::StoreError;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The newest first.
    pub items: Vec<Message>,
    /// Messages on all pages together, counted at the same moment.
    pub total: u64,
}

/// What was said.
#[async_trait]
pub trait History: Send + Sync {
    /// Messages of the owner's conversations that are not deleted, or of the one named, the newest first:
    /// `limit` of them after the first `offset`.
    ///
    /// # Errors
    /// `NotFound` when the named one is not the owner's, or deleted.
    async fn history(
        &self,
        owner: UserId,
        conversation: Option<ConversationId>,
        offset: u64,
        limit: u32,
    ) -> Result<Past, StoreError>;
}
