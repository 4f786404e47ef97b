//! What the server hands to a chat page: the domain's data cut to what is shown, with Markdown already rendered.

use parlance_core::domain::{
    Conversation, ConversationId, GenerationFailure, GenerationId, GenerationStatus, Message,
    MessageId, MessageStatus, Part, PartText, ProblemCode, Role,
};
use serde::{Deserialize, Serialize};

/// Where a person's own message stands on its way to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Delivery {
    #[default]
    Sent,
    /// On its way; shown already.
    Sending,
}

/// One turn of the thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Stays the same from the first showing on, also when the stored message takes the place of the sent one.
    pub key: String,
    /// `None` until the server has answered.
    pub id: Option<MessageId>,
    pub role: Role,
    pub content: String,
    /// `content` as safe HTML; `None` when it is shown as it was typed or when the renderer has not been there yet.
    pub html: Option<String>,
    pub reasoning: Option<String>,
    pub status: MessageStatus,
    pub error: Option<ProblemCode>,
    pub model: Option<String>,
    #[serde(default)]
    pub delivery: Delivery,
}

impl From<Message> for Turn {
    fn from(message: Message) -> Self {
        Self {
            key: message.id.to_string(),
            id: Some(message.id),
            role: message.role,
            content: message.content,
            html: None,
            reasoning: message.reasoning,
            status: message.status,
            error: message.error.map(|problem| problem.code),
            model: message.model,
            delivery: Delivery::Sent,
        }
    }
}

/// The reply that was being written when the page was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenReply {
    pub generation_id: GenerationId,
    pub message_id: MessageId,
    pub user_message_id: MessageId,
    pub status: GenerationStatus,
    pub parts: Vec<PartText>,
    /// Part `text` as safe HTML.
    pub html: Option<String>,
}

impl OpenReply {
    /// The text of one strand, empty when there is none.
    #[must_use]
    pub fn part(&self, kind: Part) -> &str {
        self.parts
            .iter()
            .find(|part| part.kind == kind)
            .map_or("", |part| part.text.as_str())
    }
}

/// A conversation page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPage {
    pub conversation: Conversation,
    pub turns: Vec<Turn>,
    pub active: Option<OpenReply>,
    pub failure: Option<GenerationFailure>,
    /// Opaque position that `turns` and `active` cover.
    pub cursor: String,
    pub composer: ComposerSeed,
}

/// The page of a conversation that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartPage {
    /// Minted by the server, so that a double submit without scripts makes one conversation.
    pub conversation_id: ConversationId,
    pub personas: Vec<PersonaCard>,
    pub composer: ComposerSeed,
}

/// What is shown of a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonaCard {
    pub slug: String,
    pub name: String,
    pub description: String,
}

/// What the composer begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComposerSeed {
    /// For the form as it stands without scripts.
    pub client_message_id: String,
    /// Text that was kept when a send failed.
    pub draft: Option<String>,
}
