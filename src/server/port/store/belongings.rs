//! All that a person has, piece by piece: what is in the bin too, whatever path it lies on.

use async_trait::async_trait;
use parlance_core::domain::{Conversation, ConversationId, Message, MessageId, Timestamp, UserId};

use super::StoreError;

/// A conversation, deleted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    pub conversation: Conversation,
    /// When it went into the bin.
    pub deleted_at: Option<Timestamp>,
}

/// Reading everything without holding it. The cost of a page does not depend on how many came before.
#[async_trait]
pub trait Belongings: Send + Sync {
    /// Conversations of the owner, those in the bin too, the newest first: at most `limit` of those made before `after`
    /// was, or of all.
    async fn all_conversations(
        &self,
        owner: UserId,
        after: Option<(Timestamp, ConversationId)>,
        limit: u32,
    ) -> Result<Vec<Belonging>, StoreError>;

    /// Messages of a conversation on whatever branch, in the order in which they were stored, each with its rev: at most
    /// `limit` of those after `after`, or of all.
    ///
    /// # Errors
    /// `NotFound` when the conversation is not the owner's, or no more; in the bin it is still there.
    async fn all_messages(
        &self,
        owner: UserId,
        id: ConversationId,
        after: Option<(u64, MessageId)>,
        limit: u32,
    ) -> Result<Vec<(u64, Message)>, StoreError>;
}
