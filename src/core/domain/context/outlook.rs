//! What the next request to a model would consist of, were it sent now. Computed where requests are made (`engine::prompt`).

use serde::{Deserialize, Serialize};

use crate::domain::{MessageId, Role};

/// The next request, in tokens (by OpenAI's `o200k_base`: other models cut a little otherwise). The message that is yet to
/// be written is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outlook {
    /// `false`: the chosen model is gone, and these are the figures of the server's own.
    pub model_is_there: bool,
    /// What question and answer may have together.
    pub window: u32,
    /// What a request may have of it: the answer needs room too.
    pub most: u32,
    /// The persona's system prompt and the conversation's own text.
    pub system: u32,
    /// Of them, the conversation's own text.
    pub context: u32,
    /// The persona's preset messages.
    pub presets: u32,
    /// What stands for messages that are left out.
    pub summary: u32,
    /// The messages that go in.
    pub messages: u32,
    /// `false`: what is always told is already too long. Nothing can be sent until it is shorter.
    pub fits: bool,
    /// Whether the path has messages before these, which are left out.
    pub earlier: bool,
    /// The path as far back as a request could reach, oldest first.
    pub path: Vec<OutlookMessage>,
}

/// A message and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutlookMessage {
    pub id: MessageId,
    pub role: Role,
    /// The beginning of what the model is told.
    pub excerpt: String,
    /// Whether that is not what was said.
    pub reworded: bool,
    pub tokens: u32,
    pub fate: Fate,
}

/// What becomes of a message in the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Fate {
    /// It goes in.
    Sent,
    /// It does not fit, and nothing stands for it.
    LeftOut,
    /// It does not fit; a summary stands for it.
    Summarised,
    /// Its owner does not want it to count.
    Excluded,
    /// It has no words: a reply of reasoning alone.
    Empty,
}
