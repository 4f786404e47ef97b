//! A conversation and the two shapes it is read in: a row of a list, and open with its messages.

use serde::{Deserialize, Serialize};

use super::{
    ActiveGeneration, ConversationId, GenerationFailure, Message, MessageId, PersonaId, Timestamp,
};

/// Whether a conversation is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConversationStatus {
    Active,
    Archived,
    Deleted,
}

/// One conversation without its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    pub id: ConversationId,
    /// Empty until the first message.
    pub title: String,
    pub persona_id: Option<PersonaId>,
    pub status: ConversationStatus,
    /// Grows by one with each durable change.
    pub rev: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A page of a person's conversations, last used first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationPage {
    pub items: Vec<Conversation>,
    /// Opaque; `None` on the last page.
    pub next_cursor: Option<String>,
}

/// A conversation with its messages, read in one transaction with the cursor that covers them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenConversation {
    #[serde(flatten)]
    pub conversation: Conversation,
    /// All of them, or with `since_rev` those that came later; oldest first.
    pub messages: Vec<Message>,
    /// Ids removed since `since_rev`.
    pub deleted: Vec<MessageId>,
    /// The reply being written, with the text that `cursor` covers.
    pub active: Option<ActiveGeneration>,
    /// Why the newest turn has no reply.
    pub failure: Option<GenerationFailure>,
    /// Opaque position for `…/stream?after=`.
    pub cursor: String,
}
