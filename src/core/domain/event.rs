//! What travels on a stream: one JSON line `{"type": …, "data": {…}}` an event.
//!
//! Text always arrives in `type:"message"`, so that a reader who knows only that type gets all of it.

use serde::{Deserialize, Serialize};

mod read;

use super::{
    ConversationId, ConversationStatus, GenerationId, GenerationKind, GenerationStatus, Lane,
    Message, MessageId, Part, PartText, Problem, Timestamp,
    lane::{FIRST, is_first},
};

pub use read::NotAnEvent;

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Event {
    /// Always the first.
    Hello(Hello),
    Message(MessageEvent),
    /// How a generation fares; carries no text.
    Status(StatusEvent),
    /// The conversation itself changed.
    Conversation(ConversationEvent),
    /// Sign of life, a real event so that the reader's watchdog sees it.
    Ping(Ping),
    /// Something went wrong with the stream itself.
    Error(Problem),
    /// Always the last: the server is about to close.
    Bye(Bye),
}

impl Event {
    /// The JSON line; with the conversation that it is about on a stream that carries several.
    ///
    /// # Panics
    /// Never: events have string keys and finite numbers.
    #[must_use]
    pub fn to_json(&self, about: Option<ConversationId>) -> String {
        const DATA: &str = r#","data":{"#;
        let mut line = serde_json::to_string(self).expect("string keys and finite numbers");
        if let Some((conversation, place)) = about.zip(line.find(DATA)) {
            // Every event has data, and none of it is empty: what follows is a key.
            line.insert_str(
                place + DATA.len(),
                &format!(r#""conversation_id":"{conversation}","#),
            );
        }
        line
    }

    /// Which of the replies to one message it is about; what is about no reply is told in the first lane.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Self::Message(
                MessageEvent::Snapshot { lane, .. }
                | MessageEvent::Delta { lane, .. }
                | MessageEvent::Final { lane, .. },
            ) => *lane,
            Self::Status(status) => status.lane,
            _ => FIRST,
        }
    }
}

/// How the position that the reader asked for was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Resume {
    /// What follows continues the cursor without a gap.
    Exact,
    /// No or an unusable cursor: the state is sent anew.
    Snapshot,
    /// The cursor is ahead of the store (a restored backup, a power failure): the state is sent anew.
    Reset,
}

/// Greeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hello {
    pub protocol: u32,
    pub rev: u64,
    pub resume: Resume,
    /// Milliseconds between pings.
    pub heartbeat_ms: u64,
    /// Milliseconds since the Unix epoch.
    pub server_time: i64,
}

/// A change to the messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MessageEvent {
    /// Replaces what the reader holds of this generation.
    Snapshot {
        generation_id: GenerationId,
        g: String,
        message_id: MessageId,
        user_message_id: MessageId,
        seq: u64,
        #[serde(skip_serializing_if = "is_first")]
        lane: Lane,
        status: GenerationStatus,
        kind: GenerationKind,
        /// The reply that this one goes on from; its text is the beginning of `parts`.
        #[serde(skip_serializing_if = "Option::is_none")]
        continues_message_id: Option<MessageId>,
        parts: Vec<PartText>,
    },
    /// Text that is valid only on top of frame `prev`.
    Delta {
        g: String,
        prev: u64,
        seq: u64,
        #[serde(skip_serializing_if = "is_first")]
        lane: Lane,
        #[serde(skip_serializing_if = "Part::is_text")]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        part: Part,
        text: String,
    },
    /// The generation is over; `message` is what was stored.
    Final {
        generation_id: GenerationId,
        g: String,
        user_message_id: MessageId,
        #[serde(skip_serializing_if = "is_first")]
        lane: Lane,
        status: GenerationStatus,
        message: Option<Box<Message>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Problem>,
        /// UTF-8 bytes of part `text`.
        text_len: u64,
        /// SHA-256 of part `text`, hex.
        text_sha256: String,
    },
    /// Another message was stored.
    Upsert { message: Box<Message> },
    /// A message is gone.
    Delete { id: MessageId },
}

/// How a generation fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusEvent {
    pub generation_id: GenerationId,
    #[serde(default, skip_serializing_if = "is_first")]
    pub lane: Lane,
    pub status: Fare,
    /// With `queued`: place in the line, 1 is next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// With `retrying`: which attempt comes next, 2 for the first repetition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// With `retrying`: milliseconds until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_in_ms: Option<u64>,
}

/// What a reader may be told while it waits for text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Fare {
    Queued,
    Starting,
    /// The provider failed before any text; it is asked again soon.
    Retrying,
    Streaming,
    /// The provider is silent.
    Stalled,
    /// The text is complete and on its way into the store.
    Saving,
}

/// The conversation itself changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationEvent {
    pub id: ConversationId,
    pub rev: u64,
    pub title: String,
    /// Last message of the path that is read; a reader on another path reads the conversation anew.
    pub head: Option<MessageId>,
    pub status: ConversationStatus,
    /// The reply that is being written.
    pub generation_id: Option<GenerationId>,
    /// The message whose replies are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<MessageId>,
    pub updated_at: Timestamp,
}

/// Sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ping {
    /// Milliseconds since the Unix epoch.
    pub t: i64,
}

/// Why the server closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ByeReason {
    /// Streams are renewed now and then, so that rights are checked again.
    Rotate,
    /// The server is shutting down.
    Drain,
    /// The session ended.
    Revoked,
    /// This process holds as many streams as it can.
    Overload,
    /// The conversation is gone.
    Gone,
}

/// Farewell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bye {
    pub reason: ByeReason,
    /// Milliseconds to wait before coming back.
    pub retry_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_is_small_and_flat() {
        let event = Event::Message(MessageEvent::Delta {
            g: "k7f2m9qd3x".into(),
            prev: 39,
            seq: 42,
            lane: 0,
            part: Part::Text,
            text: " and\r\nso".into(),
        });
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(
            json,
            r#"{"type":"message","data":{"op":"delta","g":"k7f2m9qd3x","prev":39,"seq":42,"text":" and\r\nso"}}"#
        );
        assert_eq!(Event::from_json(&json).unwrap(), event);
    }
}
