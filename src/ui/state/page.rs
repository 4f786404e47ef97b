//! What the server hands to a chat page: the domain's data cut to what is shown, with Markdown already rendered.

use parlance_core::domain::{
    Branch, ConversationId, GenerationFailure, GenerationId, GenerationKind, GenerationStatus,
    Lane, Message, MessageId, MessageStatus, Part, PartText, ProblemCode, Role, Usage,
};
use serde::{Deserialize, Serialize};

/// Where a person's own message stands on its way to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Delivery {
    #[default]
    Sent,
    /// On its way; shown already.
    Sending,
    /// Not taken: `error` of the turn says why, or nobody answered.
    Failed,
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
    #[serde(default)]
    pub facts: Facts,
}

/// What is known of a turn besides what was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When it was stored, milliseconds since the Unix epoch; `None` until it is.
    pub at: Option<i64>,
    /// The same for the reader's eyes, as short as today allows, and in full. Empty where a turn came by the stream:
    /// then the browser says it.
    pub clock: String,
    pub date: String,
    /// Name of the persona that spoke; `None` where it is not known here, then it is that of the conversation.
    pub name: Option<String>,
    /// The provider's own word for the end, such as `stop` or `length`.
    pub finish_reason: Option<String>,
    pub usage: Option<Usage>,
    /// Milliseconds from asking to the first piece and to the end.
    pub first_token_ms: Option<i64>,
    pub response_ms: Option<i64>,
    /// Millionths of the currency that its prices are in.
    #[serde(default)]
    pub cost_micros: Option<i64>,
    /// The request that went wrong, for those who run the place.
    pub request_id: Option<String>,
}

impl From<Message> for Turn {
    fn from(message: Message) -> Self {
        let (error, request_id) = match message.error {
            Some(problem) => (Some(problem.code), problem.request_id),
            None => (None, None),
        };
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
            error,
            model: message.model,
            delivery: Delivery::Sent,
            facts: Facts {
                at: Some(message.created_at.millis()),
                finish_reason: message.finish_reason,
                usage: message.usage,
                first_token_ms: message.first_token_ms,
                response_ms: message.response_ms,
                cost_micros: message.cost_micros,
                request_id,
                ..Facts::default()
            },
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

/// What a page says of its conversation. No more: whatever can be read here is a part of the download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    pub id: ConversationId,
    /// Empty until the first message.
    pub title: String,
}

/// A conversation page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPage {
    pub conversation: Topic,
    /// Name of the conversation's persona.
    #[serde(default)]
    pub persona: Option<String>,
    /// When the page was made, milliseconds since the Unix epoch.
    #[serde(default)]
    pub made_at: i64,
    /// The newest of the path that is read, or with `past` an earlier stretch of it.
    pub turns: Vec<Turn>,
    /// Whether the path has messages before `turns`.
    #[serde(default)]
    pub earlier: bool,
    /// The message before which an earlier stretch is read: nothing is followed from there.
    #[serde(default)]
    pub past: Option<MessageId>,
    /// The stretch that is shown in place of the newest turns.
    #[serde(default)]
    pub window: Option<super::window::Stretch>,
    /// What was found, where the address asks for something or for the search alone.
    #[serde(default)]
    pub finds: Option<super::find::Finds>,
    pub active: Option<OpenReply>,
    pub failure: Option<GenerationFailure>,
    /// What this page's last reply is compared with: a [`Compared`] as JSON, read by those who show it; empty where
    /// nothing is compared.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub compared: String,
    /// Opaque position that `turns` and `active` cover.
    pub cursor: String,
    pub composer: ComposerSeed,
}

/// Replies to one message that are compared. The page around tells of the first of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    pub message: MessageId,
    /// Name of the model that was asked first.
    pub model: String,
    pub beside: Vec<Beside>,
}

/// One of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    pub lane: Lane,
    pub model: String,
    /// The conversation as if there were no other reply, from the message on that all of them answer.
    pub page: OpenPage,
}

/// The page of a conversation that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartPage {
    /// Minted by the server, so that a double submit without scripts makes one conversation.
    pub conversation_id: ConversationId,
    /// The chosen persona's, or one for this part of the viewer's day. `None` from a server of the build before alone.
    #[serde(default)]
    pub greeting: Option<String>,
    /// Suggestions to begin with, as HTML: the chosen persona's, or others for every visit. Under that name pages of the
    /// build before expect a list.
    #[serde(default)]
    pub ideas: String,
    pub personas: Vec<PersonaCard>,
    pub composer: ComposerSeed,
}

/// What is shown of a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonaCard {
    pub slug: String,
    /// Whether it is the one that was asked for, or the first.
    pub chosen: bool,
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
