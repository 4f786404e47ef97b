//! What models are told beside the conversation.

use async_trait::async_trait;
use parlance_core::domain::{
    ContextId, ConversationContext, ConversationId, MessageId, NamedContext, Timestamp, UserId,
};

use super::StoreError;

/// A conversation's context as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub context: ConversationContext,
    /// Grows with each change.
    pub rev: u64,
    /// UTF-8 bytes of the messages that the context leaves out or words otherwise, as they were said.
    pub edited_bytes: u64,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retold {
    /// The new rev.
    Done(u64),
    /// It has another rev than the caller thinks; nothing has changed.
    Stale,
    /// This is no message of the conversation; nothing has changed.
    Unknown(MessageId),
}

/// Contexts of a person, and those of their conversations.
#[async_trait]
pub trait Contexts: Send + Sync {
    /// All of a person's, by name.
    async fn contexts(&self, owner: UserId) -> Result<Vec<NamedContext>, StoreError>;

    /// `None` when it is not the owner's.
    async fn context(
        &self,
        owner: UserId,
        id: ContextId,
    ) -> Result<Option<NamedContext>, StoreError>;

    /// Stores a new one; a default takes that from the one before. `most` is how many the person may have.
    ///
    /// # Errors
    /// `Conflict(Contexts)` when there are too many.
    async fn create_context(
        &self,
        owner: UserId,
        context: &NamedContext,
        most: u32,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Whether the owner has it, and it is now as given.
    async fn change_context(
        &self,
        owner: UserId,
        context: &NamedContext,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Whether there was one. Conversations that began with it keep their copies.
    async fn delete_context(&self, owner: UserId, id: ContextId) -> Result<bool, StoreError>;

    /// What a conversation's model is told, in the bin too; `None` when it is not the owner's.
    async fn told(
        &self,
        owner: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Told>, StoreError>;

    /// All of it anew, if it still has the rev `seen` (`None`: whatever it has). Summaries of a path whose messages are
    /// told otherwise from now on are dropped.
    ///
    /// # Errors
    /// `NotFound`.
    async fn tell(
        &self,
        owner: UserId,
        conversation: ConversationId,
        context: &ConversationContext,
        seen: Option<u64>,
    ) -> Result<Retold, StoreError>;
}
