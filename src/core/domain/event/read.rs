//! Reading an event back, in the browser above all.
//!
//! By hand, field by field, instead of by derive: what serde writes for a struct knows the order of its fields,
//! every one that is twice or missing, and two notations, and for a tagged enum reads all of that a second time.
//! It cost the first download some 22 KiB.

use std::fmt;

use serde::{Deserialize, de};
use serde_json::value::RawValue;

use super::{Bye, ConversationEvent, Event, Hello, MessageEvent, Ping, StatusEvent};
use crate::domain::{ConversationId, Lane};

/// A text that is no event.
#[derive(Debug, thiserror::Error)]
#[error("not an event")]
pub struct NotAnEvent;

impl From<serde_json::Error> for NotAnEvent {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

/// The fields of a JSON object, whose values are read when they are asked for.
struct Fields<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'a> Fields<'a> {
    fn of(json: &'a str) -> Result<Self, NotAnEvent> {
        Ok(serde_json::from_str(json)?)
    }

    /// A field that may be absent or `null`.
    fn may<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, NotAnEvent> {
        match self.0.iter().find(|(field, _)| *field == name) {
            Some((_, value)) => Ok(serde_json::from_str(value.get())?),
            None => Ok(None),
        }
    }

    /// A field that must be there.
    fn must<T: Deserialize<'a>>(&self, name: &str) -> Result<T, NotAnEvent> {
        self.may(name)?.ok_or(NotAnEvent)
    }

    /// What the event is about, as an object of its own.
    fn data(&self) -> Result<Self, NotAnEvent> {
        Self::of(self.must::<&RawValue>("data")?.get())
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Collect)
    }
}

struct Collect;

impl<'de> de::Visitor<'de> for Collect {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = object.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

impl Event {
    /// Reads one JSON line of a stream.
    ///
    /// # Errors
    /// When the line is no JSON, of an unknown type, or lacks a field.
    pub fn from_json(line: &str) -> Result<Self, NotAnEvent> {
        let envelope = Fields::of(line)?;
        let data = envelope.data()?;
        Ok(match envelope.must("type")? {
            "hello" => Self::Hello(Hello {
                protocol: data.must("protocol")?,
                rev: data.must("rev")?,
                resume: data.must("resume")?,
                heartbeat_ms: data.must("heartbeat_ms")?,
                server_time: data.must("server_time")?,
            }),
            "message" => Self::Message(message(&data)?),
            "status" => Self::Status(StatusEvent {
                generation_id: data.must("generation_id")?,
                lane: lane(&data)?,
                status: data.must("status")?,
                position: data.may("position")?,
                attempt: data.may("attempt")?,
                next_in_ms: data.may("next_in_ms")?,
            }),
            "conversation" => Self::Conversation(ConversationEvent {
                id: data.must("id")?,
                rev: data.must("rev")?,
                title: data.must("title")?,
                head: data.may("head")?,
                status: data.must("status")?,
                generation_id: data.may("generation_id")?,
                compared: data.may("compared")?,
                updated_at: data.must("updated_at")?,
            }),
            "ping" => Self::Ping(Ping { t: data.must("t")? }),
            "error" => Self::Error(envelope.must("data")?),
            "bye" => Self::Bye(Bye {
                reason: data.must("reason")?,
                retry_ms: data.must("retry_ms")?,
            }),
            _ => return Err(NotAnEvent),
        })
    }

    /// On a stream that carries several conversations: which one a line is about. `None` when it is about
    /// the account, or no event.
    #[must_use]
    pub fn addressee(line: &str) -> Option<ConversationId> {
        let data = Fields::of(line).and_then(|envelope| envelope.data()).ok()?;
        data.may("conversation_id").ok()?
    }
}

fn lane(data: &Fields<'_>) -> Result<Lane, NotAnEvent> {
    Ok(data.may("lane")?.unwrap_or_default())
}

fn message(data: &Fields<'_>) -> Result<MessageEvent, NotAnEvent> {
    Ok(match data.must("op")? {
        "snapshot" => MessageEvent::Snapshot {
            generation_id: data.must("generation_id")?,
            g: data.must("g")?,
            message_id: data.must("message_id")?,
            user_message_id: data.must("user_message_id")?,
            seq: data.must("seq")?,
            lane: lane(data)?,
            status: data.must("status")?,
            kind: data.may("kind")?.unwrap_or_default(),
            continues_message_id: data.may("continues_message_id")?,
            parts: data.must("parts")?,
        },
        "delta" => MessageEvent::Delta {
            g: data.must("g")?,
            prev: data.must("prev")?,
            seq: data.must("seq")?,
            lane: lane(data)?,
            part: data.may("part")?.unwrap_or_default(),
            text: data.must("text")?,
        },
        "final" => MessageEvent::Final {
            generation_id: data.must("generation_id")?,
            g: data.must("g")?,
            user_message_id: data.must("user_message_id")?,
            lane: lane(data)?,
            status: data.must("status")?,
            message: data.may("message")?,
            error: data.may("error")?,
            text_len: data.must("text_len")?,
            text_sha256: data.must("text_sha256")?,
        },
        "upsert" => MessageEvent::Upsert {
            message: data.must("message")?,
        },
        "delete" => MessageEvent::Delete {
            id: data.must("id")?,
        },
        _ => return Err(NotAnEvent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ByeReason, ConversationStatus, GenerationId, GenerationKind, GenerationStatus, MessageId,
        Part, PartText, Problem, Resume, Timestamp, event::Fare,
    };
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
                lane: 2,
                status: GenerationStatus::Streaming,
                kind: GenerationKind::Continue,
                continues_message_id: Some(MessageId(id)),
                parts: vec![PartText {
                    kind: Part::Reasoning,
                    text: "hm".into(),
                }],
            }),
            Event::Message(MessageEvent::Delta {
                g: "k7f2m9qd3x".into(),
                prev: 1,
                seq: 2,
                lane: 1,
                part: Part::Reasoning,
                text: "…\r\n".into(),
            }),
            Event::Message(MessageEvent::Final {
                generation_id: GenerationId(id),
                g: "k7f2m9qd3x".into(),
                user_message_id: MessageId(id),
                lane: 1,
                status: GenerationStatus::Failed,
                message: None,
                error: Some(Problem::new(crate::domain::ProblemCode::UpstreamAuth)),
                text_len: 0,
                text_sha256: String::new(),
            }),
            Event::Message(MessageEvent::Delete { id: MessageId(id) }),
            Event::Status(StatusEvent {
                generation_id: GenerationId(id),
                lane: 2,
                status: Fare::Retrying,
                position: None,
                attempt: Some(2),
                next_in_ms: Some(500),
            }),
            Event::Conversation(ConversationEvent {
                id: ConversationId(id),
                rev: 9,
                title: "„Ein“ \"Titel\"".into(),
                head: None,
                status: ConversationStatus::Active,
                generation_id: None,
                compared: Some(MessageId(id)),
                updated_at: Timestamp::parse("2026-11-21T04:00:00Z").unwrap(),
            }),
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
            assert_eq!(Event::addressee(&line), None);
            let conversation = ConversationId(id);
            let line = event.to_json(Some(conversation));
            assert_eq!(Event::addressee(&line), Some(conversation), "{line}");
            assert_eq!(Event::from_json(&line).unwrap(), event, "{line}");
        }
    }

    #[test]
    fn refuses_what_lacks_a_field_or_a_meaning() {
        for line in [
            "",
            "{}",
            "null",
            "[]",
            r#"{"type":"ping"}"#,
            r#"{"type":"ping","data":{"t":"soon"}}"#,
            r#"{"type":"status","data":{"generation_id":"x","status":"streaming"}}"#,
            r#"{"type":"message","data":{"op":"delta","g":"x"}}"#,
            r#"{"type":"execute","data":{}}"#,
        ] {
            assert!(Event::from_json(line).is_err(), "{line}");
        }
    }
}
