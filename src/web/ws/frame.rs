//! What a session's socket says: `ai_response` for text, everything else as it travels on streams.
//!
//! A frame with `status: "streaming"` carries a piece of the reply: `op` tells whether it is added to what was said
//! (`append`) or takes its place (`replace`). The last frame carries the whole text.
//! Must not enter: when it is said.

use std::collections::HashMap;

use parlance_core::domain::{
    ActiveGeneration, Choice, ConversationId, Event, GenerationId, GenerationStatus, Message,
    MessageEvent, MessageId, MessageStatus, Part, PartText, PersonaId, Position, Problem, Role,
    Timestamp,
};
use parlance_server::engine::follow::Sent;
use serde::Serialize;

#[derive(Serialize)]
struct Frame<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    data: T,
}

#[derive(Serialize)]
struct AiResponse<'a> {
    message: &'a str,
    role_name: Option<&'a str>,
    message_id: Option<MessageId>,
    timestamp: Timestamp,
    /// `streaming`, or how it ended.
    status: &'a str,
    op: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_id: Option<GenerationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_message_id: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_used: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Problem>,
}

#[derive(Serialize)]
struct UserSaid<'a> {
    message: &'a str,
    message_id: MessageId,
    timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// The reply that is being written.
struct Current {
    generation: GenerationId,
    message: MessageId,
}

/// Turns events into frames, and remembers what the frames need.
pub(super) struct Frames {
    personas: Vec<Choice>,
    /// Who replies unless a message says otherwise.
    usual: Option<PersonaId>,
    /// Who was asked, by the id of the reply.
    asked: HashMap<MessageId, String>,
    current: Option<Current>,
}

/// One event as a stream of the API sends it, with its cursor beside it.
pub(super) fn line(sent: &Sent, about: Option<ConversationId>) -> String {
    let json = sent.event.to_json(about);
    match (sent.id, json.strip_prefix('{')) {
        (Some(cursor), Some(rest)) => format!(r#"{{"id":"{cursor}",{rest}"#),
        _ => json,
    }
}

/// Something that is no event of a stream.
pub(super) fn word(kind: &'static str, data: impl Serialize) -> String {
    serde_json::to_string(&Frame { kind, data }).expect("string keys and finite numbers")
}

impl Frames {
    pub(super) fn new(personas: Vec<Choice>, usual: Option<PersonaId>) -> Self {
        Self {
            personas,
            usual,
            asked: HashMap::new(),
            current: None,
        }
    }

    /// Notes who was asked for a reply, by id or short name.
    pub(super) fn ask(&mut self, reply: MessageId, persona: &str) {
        let named = |one: &&Choice| one.slug == persona || one.id.to_string() == persona;
        if let Some(persona) = self.personas.iter().find(named) {
            self.asked.insert(reply, persona.name.clone());
        }
    }

    /// Notes which reply is being written, for pieces that go on from a cursor.
    pub(super) fn stand(&mut self, active: &ActiveGeneration) {
        self.current = Some(Current {
            generation: active.generation_id,
            message: active.message_id,
        });
    }

    /// The text that such a reply has so far.
    pub(super) fn standing(
        &self,
        active: &ActiveGeneration,
        cursor: &str,
        now: Timestamp,
    ) -> String {
        self.piece(
            text_of(&active.parts),
            "replace",
            Some(cursor.to_owned()),
            now,
        )
    }

    /// The frame that says this event; `None` when the reader has no use for it.
    pub(super) fn frame(&mut self, sent: &Sent, now: Timestamp) -> Option<String> {
        let cursor = sent.id.as_ref().map(Position::to_string);
        let Event::Message(event) = &sent.event else {
            return Some(line(sent, None));
        };
        match event {
            MessageEvent::Snapshot {
                generation_id,
                message_id,
                status,
                parts,
                ..
            } => {
                let known = self
                    .current
                    .as_ref()
                    .is_some_and(|current| current.generation == *generation_id);
                self.current = Some(Current {
                    generation: *generation_id,
                    message: *message_id,
                });
                let text = text_of(parts);
                // An ended one says all of it in a moment; an empty one replaces nothing.
                let silent = status.is_terminal() || (text.is_empty() && !known);
                (!silent).then(|| self.piece(text, "replace", cursor, now))
            }
            MessageEvent::Delta { part, text, .. } => {
                (*part == Part::Text).then(|| self.piece(text, "append", cursor, now))
            }
            MessageEvent::Final {
                generation_id,
                user_message_id,
                status,
                message,
                error,
                ..
            } => {
                let reserved = self
                    .current
                    .take_if(|current| current.generation == *generation_id)
                    .map(|current| current.message);
                Some(self.end(
                    *status,
                    message.as_deref(),
                    reserved,
                    AiResponse {
                        generation_id: Some(*generation_id),
                        user_message_id: Some(*user_message_id),
                        cursor,
                        error: error.as_ref(),
                        ..blank(now)
                    },
                ))
            }
            MessageEvent::Upsert { message } if message.role == Role::Assistant => {
                let status = match message.status {
                    MessageStatus::Stopped => GenerationStatus::Stopped,
                    MessageStatus::Interrupted => GenerationStatus::Interrupted,
                    _ => GenerationStatus::Completed,
                };
                let rest = AiResponse {
                    user_message_id: message.parent_id,
                    cursor,
                    error: message.error.as_ref(),
                    ..blank(now)
                };
                Some(self.end(status, Some(message), None, rest))
            }
            MessageEvent::Upsert { message } => Some(word(
                "user_message",
                UserSaid {
                    message: &message.content,
                    message_id: message.id,
                    timestamp: message.created_at,
                    cursor,
                },
            )),
            MessageEvent::Delete { .. } => Some(line(sent, None)),
        }
    }

    fn piece(
        &self,
        text: &str,
        op: &'static str,
        cursor: Option<String>,
        now: Timestamp,
    ) -> String {
        let reply = self.current.as_ref().map(|current| current.message);
        let data = AiResponse {
            message: text,
            role_name: self.name(reply, None),
            message_id: reply,
            status: GenerationStatus::Streaming.as_str(),
            op,
            generation_id: self.current.as_ref().map(|current| current.generation),
            cursor,
            ..blank(now)
        };
        word("ai_response", data)
    }

    fn end(
        &self,
        status: GenerationStatus,
        message: Option<&Message>,
        reserved: Option<MessageId>,
        rest: AiResponse<'_>,
    ) -> String {
        let id = message.map(|message| message.id);
        let usage = message.and_then(|message| message.usage);
        let data = AiResponse {
            message: message.map_or("", |message| &message.content),
            role_name: self.name(
                id.or(reserved),
                message.and_then(|message| message.persona_id),
            ),
            message_id: id,
            timestamp: message.map_or(rest.timestamp, |message| message.created_at),
            status: status.as_str(),
            tokens_used: usage.map(|usage| usage.prompt_tokens + usage.completion_tokens),
            ..rest
        };
        word("ai_response", data)
    }

    /// Who speaks: as the reply says, else as was asked, else as usual.
    fn name(&self, reply: Option<MessageId>, persona: Option<PersonaId>) -> Option<&str> {
        let by_id = |id: PersonaId| {
            self.personas
                .iter()
                .find(|one| one.id == id)
                .map(|one| one.name.as_str())
        };
        persona
            .and_then(by_id)
            .or_else(|| self.asked.get(&reply?).map(String::as_str))
            .or_else(|| by_id(self.usual?))
    }
}

fn blank(now: Timestamp) -> AiResponse<'static> {
    AiResponse {
        message: "",
        role_name: None,
        message_id: None,
        timestamp: now,
        status: "",
        op: "replace",
        generation_id: None,
        cursor: None,
        user_message_id: None,
        tokens_used: None,
        error: None,
    }
}

fn text_of(parts: &[PartText]) -> &str {
    parts
        .iter()
        .find(|part| part.kind == Part::Text)
        .map_or("", |part| &part.text)
}

#[cfg(test)]
mod tests;
