//! Stretches of a path that lie away from its end, for whoever reads or searches a long conversation.

use async_trait::async_trait;
use parlance_core::domain::{ConversationId, MessageId, MessagePage, UserId};

use super::StoreError;

/// A message with those around it, read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    pub page: MessagePage,
    /// Whether the path goes on behind the page.
    pub later: bool,
    /// Whether the message stands on the path that the person reads; else the page is of the path that leads through
    /// it to the newest message below.
    pub on_path: bool,
}

/// The words of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub id: MessageId,
    pub content: String,
}

/// Reading away from the end.
#[async_trait]
pub trait Reading: Send + Sync {
    /// At most `before` messages, `message` itself, and at most `after` messages. The cost grows with the distance from
    /// the end of the path, by an index row a message.
    ///
    /// # Errors
    /// `NotFound` (conversation or message not the owner's).
    async fn messages_around(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        before: u32,
        after: u32,
    ) -> Result<Surroundings, StoreError>;

    /// Words of the path that the person reads, the newest first: the last `limit` of those before `before`, or of
    /// all.
    ///
    /// # Errors
    /// `NotFound` (conversation or message not the owner's).
    async fn path_words(
        &self,
        owner: UserId,
        id: ConversationId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Words>, StoreError>;
}
