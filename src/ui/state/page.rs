//! What the server hands to a chat page: the domain's data cut to what is shown, with Markdown already rendered.

use parlance_core::domain::{
    Branch, Conversation, ConversationId, GenerationFailure, GenerationId, GenerationKind,
    GenerationStatus, Message, MessageId, MessageStatus, Part, PartText, ProblemCode, Role,
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
    /// The message before it; `None` for the first.
    #[serde(default)]
    pub parent: Option<MessageId>,
    /// This message and the others in its place, in the order of their making; empty when it stands alone.
    #[serde(default)]
    pub siblings: Vec<MessageId>,
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
            parent: message.parent_id,
            siblings: Vec::new(),
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

/// Among siblings: the one before, the own number from 1, how many there are, the one after.
pub type Place = (Option<MessageId>, usize, usize, Option<MessageId>);

impl Turn {
    /// Where it stands among its siblings, if it has any.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let at = self.siblings.iter().position(|id| Some(*id) == self.id)?;
        let before = at.checked_sub(1).map(|before| self.siblings[before]);
        let after = self.siblings.get(at + 1).copied();
        Some((before, at + 1, self.siblings.len(), after))
    }

    /// Gives the turns the siblings that the store named.
    pub fn branch(turns: &mut [Self], branches: Vec<Branch>) {
        for branch in branches {
            if let Some(turn) = turns
                .iter_mut()
                .find(|turn| turn.id == Some(branch.message_id))
            {
                turn.siblings = branch.siblings;
            }
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
    #[serde(default)]
    pub kind: GenerationKind,
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
    /// The newest of the path that is read, or with `past` an earlier stretch of it.
    pub turns: Vec<Turn>,
    /// Whether the path has messages before `turns`.
    #[serde(default)]
    pub earlier: bool,
    /// The message before which an earlier stretch is read: nothing is followed from there.
    #[serde(default)]
    pub past: Option<MessageId>,
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
