//! A turn: the person's message, the generation that answers it, and its one end.

use async_trait::async_trait;
use parlance_core::domain::{
    ConversationId, GenerationId, GenerationStatus, Message, MessageId, MessageStatus, PersonaId,
    Problem, Timestamp, Usage, UserId,
};
use uuid::Uuid;

use super::StoreError;

/// A person's message to be taken in.
#[derive(Clone, Debug)]
pub struct Begin {
    pub user_id: UserId,
    pub conversation_id: ConversationId,
    /// Make the conversation, with this title, if nobody has one with this id.
    pub create: bool,
    /// The title, if the conversation has none yet.
    pub title: String,
    pub message_id: MessageId,
    pub reply_message_id: MessageId,
    pub generation_id: GenerationId,
    /// Unique for the person: the same one again changes nothing.
    pub client_message_id: String,
    /// `None`: the head of the path.
    pub parent_id: Option<MessageId>,
    pub content: String,
    /// `None`: that of the conversation.
    pub persona_id: Option<PersonaId>,
    pub owner_instance: Uuid,
    pub owner_boot: Uuid,
    pub now: Timestamp,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Begun {
    /// Stored just now; somebody must run the generation.
    Started { generation: GenerationRow, rev: u64 },
    /// Stored by an earlier call with the same client id.
    Repeated { generation: GenerationRow, rev: u64 },
}

/// A row of `generations`.
#[derive(Clone, Debug)]
pub struct GenerationRow {
    pub id: GenerationId,
    /// Short number that the journal uses.
    pub no: i64,
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub user_message_id: MessageId,
    pub reply_message_id: MessageId,
    pub persona_id: Option<PersonaId>,
    /// The run of the process that writes it.
    pub owner_boot: Uuid,
    pub status: GenerationStatus,
    pub error: Option<Problem>,
    /// Frames in its log; known once it is terminal.
    pub last_seq: u64,
    /// `conversations.rev` of the transaction that ended it; 0 before.
    pub ended_rev: u64,
    pub created_at: Timestamp,
}

/// The reply to be stored; all from committed frames.
#[derive(Clone, Debug)]
pub struct Reply {
    pub content: String,
    pub reasoning: Option<String>,
    pub status: MessageStatus,
}

/// The end of a generation.
#[derive(Clone, Debug)]
pub struct Finish {
    pub generation: GenerationRow,
    /// A terminal one.
    pub status: GenerationStatus,
    /// Frames committed; the seal takes the next number where the journal is in the same database.
    pub last_seq: u64,
    /// `None` for `failed` and `cancelled`.
    pub reply: Option<Reply>,
    pub error: Option<Problem>,
    pub finish_reason: Option<String>,
    pub model: Option<String>,
    pub usage: Option<Usage>,
    pub first_token_at: Option<Timestamp>,
    pub ended_at: Timestamp,
}

/// What the store holds after the end.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Whether this call ended it; `false` when somebody else had, and then the rest is theirs.
    pub won: bool,
    pub generation: GenerationRow,
    pub message: Option<Message>,
    pub rev: u64,
}

/// Turns of a conversation.
#[async_trait]
pub trait Turns: Send + Sync {
    /// Stores the message and the generation (`starting`) before any provider is asked.
    ///
    /// # Errors
    /// `NotFound` (conversation or parent not this person's), `GenerationActive`,
    /// `Conflict(ClientMessageId)` when the client id was used in another conversation.
    async fn begin_turn(&self, begin: Begin) -> Result<Begun, StoreError>;

    /// The messages from the root to `message`, oldest first.
    async fn path(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Vec<Message>, StoreError>;

    /// The terminal transaction: seal, message, status, rev. Exactly one call wins.
    async fn finish_generation(&self, finish: Finish) -> Result<Finished, StoreError>;

    /// `None` when it is not the owner's.
    async fn generation(
        &self,
        owner: UserId,
        id: GenerationId,
    ) -> Result<Option<GenerationRow>, StoreError>;

    /// Non-terminal generations that this instance left behind in an earlier boot. A store that only
    /// one process can open returns all non-terminal ones.
    async fn unfinished_generations(
        &self,
        instance: Uuid,
        boot: Uuid,
    ) -> Result<Vec<GenerationRow>, StoreError>;
}
