//! A message: a person's turn or a model's reply. Its content never changes once stored.

use serde::{Deserialize, Serialize};

use super::{
    AskedBeside, ConversationId, GenerationId, MessageId, ModelConfigId, Part, PersonaId, Problem,
    Timestamp, Usage,
};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    User,
    Assistant,
    System,
    Tool,
}

/// Where a message stands. A stored one is never `streaming`: that is how a reply that is being
/// written is shown before its single insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MessageStatus {
    Streaming,
    Completed,
    /// The person stopped it.
    Stopped,
    /// It ended before its time; `error` says why.
    Interrupted,
}

/// One message, as pages and API show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    /// The message that this one answers; `None` for the first.
    pub parent_id: Option<MessageId>,
    /// The unfinished reply whose text this one begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues_message_id: Option<MessageId>,
    pub role: Role,
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    pub status: MessageStatus,
    /// The provider's own word, such as `stop` or `length`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The model configuration that was asked; `None`: what the server was set up with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_config_id: Option<ModelConfigId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona_id: Option<PersonaId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What it cost by the prices of its time, millionths of the currency that they are in; `None` where tokens or prices
    /// are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<i64>,
    /// Milliseconds from asking for a reply to its first piece; `None` for a person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<i64>,
    /// Milliseconds from asking for a reply to its end; `None` for a person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_ms: Option<i64>,
    pub created_at: Timestamp,
}

impl Message {
    /// A finished message of text alone, at the beginning of a conversation.
    #[must_use]
    pub fn said(
        conversation_id: ConversationId,
        id: MessageId,
        role: Role,
        content: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            conversation_id,
            parent_id: None,
            continues_message_id: None,
            role,
            content: content.into(),
            reasoning: None,
            status: MessageStatus::Completed,
            finish_reason: None,
            error: None,
            model: None,
            model_config_id: None,
            persona_id: None,
            usage: None,
            cost_micros: None,
            first_token_ms: None,
            response_ms: None,
            created_at,
        }
    }

    /// Its text, strand by strand, as a reply is written; without empty ones.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        let reasoning = self.reasoning.as_deref().unwrap_or_default();
        [(Part::Reasoning, reasoning), (Part::Text, &*self.content)]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
    }
}

/// Answer to a message that was taken in: its ids, and where to begin following the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accepted {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub reply_message_id: MessageId,
    pub generation_id: GenerationId,
    /// What else was asked the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<AskedBeside>,
    /// Opaque position for `…/stream?after=`.
    pub cursor: String,
}
