//! A generation: one run of a model, from the person's turn to its one terminal state.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{GenerationId, MessageId, Problem};

/// Where a generation stands. The last five are terminal: exactly one of them, and for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GenerationStatus {
    Queued,
    Starting,
    Streaming,
    Completed,
    /// Ended by the person, with text.
    Stopped,
    /// Ended by a fault, with text.
    Interrupted,
    /// Ended by a fault before any text: there is no message.
    Failed,
    /// Ended by the person before any text: there is no message.
    Cancelled,
}

impl GenerationStatus {
    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Starting | Self::Streaming)
    }

    /// The word that the database and the wire use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Starting => "starting",
            Self::Streaming => "streaming",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a generation is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GenerationKind {
    /// The first reply to a message.
    #[default]
    New,
    /// Another reply to the same message, beside the earlier ones.
    Regenerate,
    /// A reply that begins with the text of an unfinished one and goes on from there.
    Continue,
}

impl GenerationKind {
    /// The word that the database and the wire use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Regenerate => "regenerate",
            Self::Continue => "continue",
        }
    }
}

impl FromStr for GenerationKind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::New, Self::Regenerate, Self::Continue]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(UnknownWord)
    }
}

impl FromStr for GenerationStatus {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [
            Self::Queued,
            Self::Starting,
            Self::Streaming,
            Self::Completed,
            Self::Stopped,
            Self::Interrupted,
            Self::Failed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
        .ok_or(UnknownWord)
    }
}

/// A word that is none of the known ones.
#[derive(Debug, thiserror::Error)]
#[error("unknown word")]
pub struct UnknownWord;

/// Which strand of a reply a piece of text belongs to. On the wire: `text`, `reasoning`, `tool:n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    #[default]
    Text,
    Reasoning,
    Tool(u16),
}

impl Part {
    /// The default strand is left out on the wire.
    #[must_use]
    pub fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Reasoning => f.write_str("reasoning"),
            Self::Tool(number) => write!(f, "tool:{number}"),
        }
    }
}

impl FromStr for Part {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "text" => Ok(Self::Text),
            "reasoning" => Ok(Self::Reasoning),
            _ => word
                .strip_prefix("tool:")
                .and_then(|number| number.parse().ok())
                .map(Self::Tool)
                .ok_or(UnknownWord),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// All text of one strand so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartText {
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "text"))]
    pub kind: Part,
    pub text: String,
}

impl PartText {
    /// Adds `text` to its strand, which begins with it if there is none yet.
    pub fn append(parts: &mut Vec<Self>, kind: Part, text: &str) {
        match parts.iter_mut().find(|part| part.kind == kind) {
            Some(part) => part.text.push_str(text),
            None => parts.push(Self {
                kind,
                text: text.to_owned(),
            }),
        }
    }
}

/// A reply that is being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveGeneration {
    pub generation_id: GenerationId,
    /// The id that the reply will be stored under.
    pub message_id: MessageId,
    /// The person's message that it answers.
    pub user_message_id: MessageId,
    pub status: GenerationStatus,
    pub kind: GenerationKind,
    /// The reply that this one goes on from; its text is the beginning of `parts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues_message_id: Option<MessageId>,
    pub parts: Vec<PartText>,
}

/// A generation that ended without a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GenerationFailure {
    pub generation_id: GenerationId,
    pub user_message_id: MessageId,
    /// `failed` or `cancelled`.
    pub status: GenerationStatus,
    pub error: Option<Problem>,
}

/// Answer to a stop: the terminal state, whoever brought it about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stopped {
    pub status: GenerationStatus,
    /// Number of the last frame; nothing follows it.
    pub seq: u64,
    /// The stored reply, if there is one.
    pub message_id: Option<MessageId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_their_names_on_the_wire() {
        for part in [Part::Text, Part::Reasoning, Part::Tool(7)] {
            assert_eq!(part.to_string().parse::<Part>().unwrap(), part);
        }
        assert!("tool:x".parse::<Part>().is_err());
    }
}
