//! A conversation and the two shapes it is read in: a row of a list, and open with its messages.

use serde::{Deserialize, Serialize};

use super::{
    ActiveGeneration, Beside, ConversationId, GenerationFailure, Message, MessageId, ModelConfigId,
    Parameters, PersonaId, Timestamp, generation::UnknownWord,
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

/// What happens to a message that is sent while a reply is being written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WhenBusy {
    /// It is refused with `generation_active`.
    #[default]
    Reject,
    /// It is taken in and its turn begins when the reply has ended.
    Queue,
    /// The reply is stopped and the turn begins at once.
    Interrupt,
}

impl WhenBusy {
    /// The word that the database and the wire use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Queue => "queue",
            Self::Interrupt => "interrupt",
        }
    }
}

impl std::str::FromStr for WhenBusy {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Reject, Self::Queue, Self::Interrupt]
            .into_iter()
            .find(|when| when.as_str() == word)
            .ok_or(UnknownWord)
    }
}

/// Orders of a list of conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConversationSort {
    /// Last used first.
    #[default]
    Updated,
    /// Newest first.
    Created,
    /// By title, as code points.
    Title,
}

/// A message of the path that has siblings: other replies to the same message, or other wordings of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Branch {
    pub message_id: MessageId,
    /// In the order of their making, `message_id` among them; at least two.
    pub siblings: Vec<MessageId>,
}

/// A stretch of the path that a person reads, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePage {
    pub items: Vec<Message>,
    pub branches: Vec<Branch>,
    /// Whether there are earlier ones.
    pub earlier: bool,
}

/// One conversation without its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    pub id: ConversationId,
    /// Empty until the first message.
    pub title: String,
    pub persona_id: Option<PersonaId>,
    /// The model configuration that was chosen, which may be gone by now; `None`: what the server was set up with.
    #[serde(default)]
    pub model_config_id: Option<ModelConfigId>,
    /// What this conversation sets beyond the model configuration.
    #[serde(default)]
    pub parameters: Parameters,
    /// Models that every new message goes to as well, side by side with the first, at most two.
    #[serde(default)]
    pub compare_with: Vec<ModelConfigId>,
    pub status: ConversationStatus,
    /// Grows by one with each durable change.
    pub rev: u64,
    /// What happens to a message that is sent while a reply is being written.
    pub when_busy: WhenBusy,
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
    /// The end of the path that is read, or with `since_rev` all that came later; oldest first.
    pub messages: Vec<Message>,
    /// Which of `messages` have siblings. Empty with `since_rev`.
    pub branches: Vec<Branch>,
    /// Whether the path has messages before `messages[0]`: see `…/messages?before=`.
    pub earlier: bool,
    /// Last message of the path that is read.
    pub head: Option<MessageId>,
    /// Ids removed since `since_rev`.
    pub deleted: Vec<MessageId>,
    /// The reply being written, with the text that `cursor` covers.
    pub active: Option<ActiveGeneration>,
    /// Why the newest turn has no reply, or why another one that was asked for did not come.
    pub failure: Option<GenerationFailure>,
    /// The message whose replies are compared: `messages`, `head`, `active` and `failure` then tell of the first of
    /// them, and `beside` of the others. `None`: nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
    /// Opaque position for `…/stream?after=`.
    pub cursor: String,
}
