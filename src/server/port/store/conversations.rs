//! Conversations and their messages, for reading.

use async_trait::async_trait;
use parlance_core::domain::{
    Branch, Conversation, ConversationId, ConversationSort, GenerationId, Message, MessageId,
    MessagePage, ModelConfigId, Parameters, PersonaId, Timestamp, UserId, WhenBusy,
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
    /// `None`: what the server was set up with.
    pub model_config_id: Option<ModelConfigId>,
    pub parameters: Parameters,
    /// What new messages go to beside the first model.
    pub compare_with: Vec<ModelConfigId>,
    pub created_at: Timestamp,
}

/// Where a page of a list begins: after this row, in the list's own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageKey {
    pub place: Place,
    pub id: ConversationId,
}

/// A row's place in one of the orders. Ties go by id, the later first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Last used first.
    Updated(Timestamp),
    /// Newest first.
    Created(Timestamp),
    /// From A to Z, as code points.
    Title(String),
}

/// Who gave a conversation its title: the later may change what the earlier gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TitleBy {
    /// The beginning of the first message.
    FirstWords,
    Model,
    Person,
}

/// What became of a new title.
#[derive(Clone, Debug)]
pub enum Renamed {
    Done(Conversation),
    /// A person's title stands; the conversation as it is.
    Kept(Conversation),
}

/// A row of the account's own stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Also when it was deleted.
    pub conversation: Conversation,
    pub head: Option<MessageId>,
    /// The message whose replies are compared.
    pub compared: Option<MessageId>,
    /// A reply that is being written.
    pub running: Option<GenerationId>,
}

/// A row of the list beside the pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub conversation: Conversation,
    /// A reply is being written.
    pub running: bool,
    /// Something was said since the owner saw it last.
    pub unread: bool,
}

/// A conversation that was deleted just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub id: ConversationId,
    /// The replies that were being written.
    pub running: Vec<GenerationId>,
}

/// A conversation read whole, in one transaction.
#[derive(Clone, Debug)]
pub struct Opened {
    pub conversation: Conversation,
    /// Last message of the path that the person reads.
    pub head: Option<MessageId>,
    /// The end of the path, or in order of `rev` those with `rev > since`.
    pub messages: Vec<Message>,
    /// Which of the path's messages have siblings.
    pub branches: Vec<Branch>,
    /// Whether the path has earlier messages.
    pub earlier: bool,
    /// The generation of the first lane that began last.
    pub newest: Option<GenerationRow>,
    /// The message whose replies are compared: head, path and newest are then those of the first lane.
    pub compared: Option<MessageId>,
    /// Those of the newest's turn in the other lanes, in their order, also when they are no longer compared.
    pub beside: Vec<GenerationRow>,
}

/// What changed after a rev, read in one transaction.
#[derive(Clone, Debug)]
pub struct Changes {
    pub conversation: Conversation,
    pub head: Option<MessageId>,
    /// Messages stored after the asked rev, in order, each with the rev of its insert.
    pub messages: Vec<(u64, Message)>,
    /// Whether `messages` was cut at the asked limit.
    pub truncated: bool,
    /// Generations that ended after the asked rev, in any lane.
    pub ended: Vec<GenerationRow>,
    /// As in [`Opened`], like what follows.
    pub newest: Option<GenerationRow>,
    pub compared: Option<MessageId>,
    pub beside: Vec<GenerationRow>,
}

impl Changes {
    /// The generations of the newest turn: one in each lane.
    #[must_use]
    pub fn lanes(self) -> Vec<GenerationRow> {
        self.newest.into_iter().chain(self.beside).collect()
    }
}

/// What replies in a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsOf {
    /// `None`: what the server was set up with.
    pub model: Option<ModelConfigId>,
    /// What is asked beside it.
    pub compare_with: Vec<ModelConfigId>,
}

/// Conversations of a person.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// # Errors
    /// `Conflict(ConversationId)` when the id is taken by anybody.
    async fn create_conversation(&self, new: NewConversation) -> Result<Conversation, StoreError>;

    /// Not deleted, in the order asked for, at most `limit`. `after` is of the same order.
    async fn list_conversations(
        &self,
        owner: UserId,
        sort: ConversationSort,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError>;

    /// With `since`: the messages whose `rev` is greater. Without: the newest `limit` messages of the path that is
    /// read, with their siblings' ids. `None` when it is not the owner's, or deleted. The cost does not depend on the
    /// length of the conversation.
    async fn open_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        since: Option<u64>,
        limit: u32,
    ) -> Result<Option<Opened>, StoreError>;

    /// At most `limit` messages of the path before `before`, which is any message of the conversation.
    ///
    /// # Errors
    /// `NotFound` (conversation or message not the owner's).
    async fn messages_before(
        &self,
        owner: UserId,
        id: ConversationId,
        before: MessageId,
        limit: u32,
    ) -> Result<MessagePage, StoreError>;

    /// Conversations of the owner that changed at or after `since`, deleted ones too, at most `limit`, the
    /// latest first.
    async fn changed_conversations(
        &self,
        owner: UserId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Change>, StoreError>;

    /// Gives a title, unless one by somebody higher stands.
    ///
    /// # Errors
    /// `NotFound`.
    async fn rename_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        title: &str,
        by: TitleBy,
        now: Timestamp,
    ) -> Result<Renamed, StoreError>;

    /// # Errors
    /// `NotFound`.
    async fn set_when_busy(
        &self,
        owner: UserId,
        id: ConversationId,
        when_busy: WhenBusy,
        now: Timestamp,
    ) -> Result<Conversation, StoreError>;

    /// What replies in the conversation from now on. `None`: it stays as it is; as a model, `Some(None)`: what the server
    /// was set up with.
    ///
    /// # Errors
    /// `NotFound`.
    async fn set_model(
        &self,
        owner: UserId,
        id: ConversationId,
        model: Option<Option<ModelConfigId>>,
        parameters: Option<&Parameters>,
        compare_with: Option<&[ModelConfigId]>,
        now: Timestamp,
    ) -> Result<Conversation, StoreError>;

    /// What replies in the conversation: `None` when it is not the owner's, or deleted.
    async fn models_of(
        &self,
        owner: UserId,
        id: ConversationId,
    ) -> Result<Option<ModelsOf>, StoreError>;

    /// What changed after `since`, at most `limit` messages. `None` as above.
    async fn changes_since(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
        limit: usize,
    ) -> Result<Option<Changes>, StoreError>;

    /// As [`Self::list_conversations`] by last use, with what a list shows beside the title.
    async fn list_sidebar(
        &self,
        owner: UserId,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError>;

    /// The owner has read the conversation as it is. Whether that was news.
    ///
    /// # Errors
    /// `NotFound`.
    async fn mark_seen(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Marks those of `ids` deleted that are the owner's and are not yet; `None`: all of them. What waited to be sent
    /// in them is dropped. Returns which they were.
    async fn delete_conversations(
        &self,
        owner: UserId,
        ids: Option<&[ConversationId]>,
        now: Timestamp,
    ) -> Result<Vec<Gone>, StoreError>;

    /// One of [`Self::delete_conversations`]. Returns the replies that were being written in it.
    ///
    /// # Errors
    /// `NotFound`.
    async fn delete_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<Vec<GenerationId>, StoreError> {
        let gone = self.delete_conversations(owner, Some(&[id]), now).await?;
        gone.into_iter()
            .next()
            .map(|one| one.running)
            .ok_or(StoreError::NotFound)
    }

    /// Takes the mark of deletion away. Returns the conversation, and whether it had the mark.
    ///
    /// # Errors
    /// `NotFound`.
    async fn restore_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<(Conversation, bool), StoreError>;

    /// Drops at most `limit` conversations that were deleted before `before`, with everything in them. Returns how many.
    async fn purge_conversations(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
