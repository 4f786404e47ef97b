//! Reading an event back, in the browser above all.
//!
//! By hand in two steps instead of by derive: what serde writes for tagged enums buffers the content and
//! reads every type in it a second time, which cost the first download some 20 KiB.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Event, MessageEvent};
use crate::domain::{GenerationId, GenerationStatus, Message, MessageId, Part, PartText, Problem};

/// A text that is no event.
#[derive(Debug, thiserror::Error)]
#[error("not an event")]
pub struct NotAnEvent;

impl From<serde_json::Error> for NotAnEvent {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The fields of all message events; which of them must be there depends on `op`.
#[derive(Deserialize)]
struct Fields {
    op: String,
    g: Option<String>,
    generation_id: Option<GenerationId>,
    message_id: Option<MessageId>,
    user_message_id: Option<MessageId>,
    prev: Option<u64>,
    seq: Option<u64>,
    status: Option<GenerationStatus>,
    parts: Option<Vec<PartText>>,
    part: Option<Part>,
    text: Option<String>,
    message: Option<Box<Message>>,
    error: Option<Problem>,
    text_len: Option<u64>,
    text_sha256: Option<String>,
    id: Option<MessageId>,
}

impl Event {
    /// Reads one JSON line of a stream.
    ///
    /// # Errors
    /// When the line is no JSON, of an unknown type, or lacks a field.
    pub fn from_json(line: &str) -> Result<Self, NotAnEvent> {
        let Envelope { kind, data } = serde_json::from_str(line)?;
        let data = data.get();
        Ok(match kind {
            "hello" => Self::Hello(serde_json::from_str(data)?),
            "message" => Self::Message(message(serde_json::from_str(data)?).ok_or(NotAnEvent)?),
            "status" => Self::Status(serde_json::from_str(data)?),
            "conversation" => Self::Conversation(serde_json::from_str(data)?),
            "ping" => Self::Ping(serde_json::from_str(data)?),
            "error" => Self::Error(serde_json::from_str(data)?),
            "bye" => Self::Bye(serde_json::from_str(data)?),
            _ => return Err(NotAnEvent),
        })
    }
}

fn message(fields: Fields) -> Option<MessageEvent> {
    Some(match fields.op.as_str() {
        "snapshot" => MessageEvent::Snapshot {
            generation_id: fields.generation_id?,
            g: fields.g?,
            message_id: fields.message_id?,
            user_message_id: fields.user_message_id?,
            seq: fields.seq?,
            status: fields.status?,
            parts: fields.parts?,
        },
        "delta" => MessageEvent::Delta {
            g: fields.g?,
            prev: fields.prev?,
            seq: fields.seq?,
            part: fields.part.unwrap_or_default(),
            text: fields.text?,
        },
        "final" => MessageEvent::Final {
            generation_id: fields.generation_id?,
            g: fields.g?,
            user_message_id: fields.user_message_id?,
            status: fields.status?,
            message: fields.message,
            error: fields.error,
            text_len: fields.text_len?,
            text_sha256: fields.text_sha256?,
        },
        "upsert" => MessageEvent::Upsert {
            message: fields.message?,
        },
        "delete" => MessageEvent::Delete { id: fields.id? },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bye, ByeReason, Hello, Resume, event::Ping};
    use uuid::Uuid;

    #[test]
    fn reads_back_every_kind() {
        let id = Uuid::from_u128(7);
        let events = [
            Event::Hello(Hello {
                protocol: 1,
                rev: 2,
                resume: Resume::Exact,
                heartbeat_ms: 10_000,
                server_time: 5,
            }),
            Event::Message(MessageEvent::Snapshot {
                generation_id: GenerationId(id),
                g: "k7f2m9qd3x".into(),
                message_id: MessageId(id),
                user_message_id: MessageId(id),
                seq: 1,
                status: GenerationStatus::Streaming,
                parts: vec![PartText {
                    kind: Part::Reasoning,
                    text: "hm".into(),
                }],
            }),
            Event::Message(MessageEvent::Delta {
                g: "k7f2m9qd3x".into(),
                prev: 1,
                seq: 2,
                part: Part::Reasoning,
                text: "…\r\n".into(),
            }),
            Event::Message(MessageEvent::Final {
                generation_id: GenerationId(id),
                g: "k7f2m9qd3x".into(),
                user_message_id: MessageId(id),
                status: GenerationStatus::Failed,
                message: None,
                error: Some(Problem::new(crate::domain::ProblemCode::UpstreamAuth)),
                text_len: 0,
                text_sha256: String::new(),
            }),
            Event::Message(MessageEvent::Delete { id: MessageId(id) }),
            Event::Ping(Ping { t: 3 }),
            Event::Error(Problem::new(crate::domain::ProblemCode::StorageUnavailable)),
            Event::Bye(Bye {
                reason: ByeReason::Rotate,
                retry_ms: 4,
            }),
        ];
        for event in events {
            let line = serde_json::to_string(&event).unwrap();
            assert_eq!(Event::from_json(&line).unwrap(), event, "{line}");
        }
    }

    #[test]
    fn refuses_what_lacks_a_field_or_a_meaning() {
        for line in [
            "",
            "{}",
            "null",
            r#"{"type":"message","data":{"op":"delta","g":"x"}}"#,
            r#"{"type":"execute","data":{}}"#,
        ] {
            assert!(Event::from_json(line).is_err(), "{line}");
        }
    }
}
