//! Conversations and their messages, for reading.

use async_trait::async_trait;
use parlance_core::domain::{
    Conversation, ConversationId, GenerationId, Message, MessageId, PersonaId, Timestamp, UserId,
};

use super::{GenerationRow, StoreError};

/// A rev that nothing is later than, and that a signed column of 64 bits holds.
pub const LATEST_REV: u64 = u64::MAX >> 1;

/// An empty conversation to be made.
#[derive(Clone, Debug)]
pub struct NewConversation {
    pub id: ConversationId,
    pub user_id: UserId,
    /// Empty until the first message names it.
    pub title: String,
    pub persona_id: Option<PersonaId>,
    pub created_at: Timestamp,
}

/// Where a page of a list begins: after this row, in order of last use, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageKey {
    pub updated_at: Timestamp,
    pub id: ConversationId,
}

/// A conversation read whole, in one transaction.
#[derive(Clone, Debug)]
pub struct Opened {
    pub conversation: Conversation,
    /// Last message of the path that the person reads.
    pub head: Option<MessageId>,
    /// In order of `rev` (oldest first); all of them, or those with `rev > since`.
    pub messages: Vec<Message>,
    /// The generation that began last.
    pub newest: Option<GenerationRow>,
}

/// What changed after a rev, read in one transaction.
#[derive(Clone, Debug)]
pub struct Changes {
    pub conversation: Conversation,
    /// Messages stored after the asked rev, in order, each with the rev of its insert.
    pub messages: Vec<(u64, Message)>,
    /// Whether `messages` was cut at the asked limit.
    pub truncated: bool,
    pub newest: Option<GenerationRow>,
}

/// Conversations of a person.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// # Errors
    /// `Conflict(ConversationId)` when the id is taken by anybody.
    async fn create_conversation(&self, new: NewConversation) -> Result<Conversation, StoreError>;

    /// Not deleted, ordered by `(updated_at, id)` descending, at most `limit`.
    async fn list_conversations(
        &self,
        owner: UserId,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError>;

    /// With messages whose `rev > since`. `None` when it is not the owner's, or deleted.
    async fn open_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
    ) -> Result<Option<Opened>, StoreError>;

    /// What changed after `since`, at most `limit` messages. `None` as above.
    async fn changes_since(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
        limit: usize,
    ) -> Result<Option<Changes>, StoreError>;

    /// Marks it deleted. Returns the generation that was running in it, if any.
    ///
    /// # Errors
    /// `NotFound`.
    async fn delete_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<Option<GenerationId>, StoreError>;
}
