//! Frames from events, without a socket.

use super::*;
use parlance_core::domain::{Cursor, GenerationKind, Usage, event::Ping};
use serde_json::{Value, json};
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_763_664_000_000_000);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn personas() -> Vec<Choice> {
    ["assistant", "tech_expert"]
        .into_iter()
        .enumerate()
        .map(|(place, slug)| Choice {
            id: PersonaId(id(place as u128)),
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            description: String::new(),
        })
        .collect()
}

fn sent(event: MessageEvent) -> Sent {
    Sent {
        about: None,
        id: Some(Cursor::idle(3).into()),
        event: Event::Message(event),
    }
}

fn snapshot(text: &str) -> MessageEvent {
    MessageEvent::Snapshot {
        generation_id: GenerationId(id(5)),
        g: "g".to_owned(),
        message_id: MessageId(id(6)),
        user_message_id: MessageId(id(7)),
        seq: 0,
        lane: 0,
        status: GenerationStatus::Streaming,
        kind: GenerationKind::New,
        continues_message_id: None,
        parts: vec![PartText {
            kind: Part::Text,
            text: text.to_owned(),
        }],
    }
}

fn delta(part: Part, text: &str) -> MessageEvent {
    MessageEvent::Delta {
        g: "g".to_owned(),
        prev: 0,
        seq: 1,
        lane: 0,
        part,
        text: text.to_owned(),
    }
}

fn reply(persona: Option<u128>) -> Message {
    Message {
        parent_id: Some(MessageId(id(7))),
        persona_id: persona.map(|number| PersonaId(id(number))),
        usage: Some(Usage {
            prompt_tokens: 3,
            completion_tokens: 4,
        }),
        ..Message::said(
            ConversationId(id(1)),
            MessageId(id(6)),
            Role::Assistant,
            "all of it",
            Timestamp(1_763_664_001_000_000),
        )
    }
}

fn end(message: Option<Message>, status: GenerationStatus) -> MessageEvent {
    MessageEvent::Final {
        generation_id: GenerationId(id(5)),
        g: "g".to_owned(),
        user_message_id: MessageId(id(7)),
        lane: 0,
        status,
        message: message.map(Box::new),
        error: None,
        text_len: 0,
        text_sha256: String::new(),
    }
}

fn said(frames: &mut Frames, event: MessageEvent) -> Option<Value> {
    let text = frames.frame(&sent(event), NOW)?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn a_reply_comes_in_pieces_and_then_whole() {
    let mut frames = Frames::new(personas(), None);
    frames.ask(MessageId(id(6)), "tech_expert");
    assert!(
        said(&mut frames, snapshot("")).is_none(),
        "nothing to replace yet"
    );
    assert!(
        said(&mut frames, delta(Part::Reasoning, "hm")).is_none(),
        "thoughts are no reply"
    );
    let piece = said(&mut frames, delta(Part::Text, "all")).unwrap();
    assert_eq!(
        piece,
        json!({ "type": "ai_response", "data": {
            "message": "all", "role_name": "TECH_EXPERT", "message_id": id(6),
            "timestamp": "2025-11-20T18:40:00Z", "status": "streaming", "op": "append",
            "generation_id": id(5), "cursor": "3::0",
        } })
    );
    let last = said(
        &mut frames,
        end(Some(reply(Some(0))), GenerationStatus::Completed),
    )
    .unwrap();
    let data = &last["data"];
    assert_eq!(
        (&data["message"], &data["status"], &data["op"]),
        (&json!("all of it"), &json!("completed"), &json!("replace"))
    );
    assert_eq!(
        data["role_name"], "ASSISTANT",
        "who replied, not who was asked"
    );
    assert_eq!(data["message_id"], json!(id(6)));
    assert_eq!(data["user_message_id"], json!(id(7)));
    assert_eq!(data["tokens_used"], 7);
    assert_eq!(data["timestamp"], "2025-11-20T18:40:01Z");
}

#[test]
fn a_snapshot_replaces_what_was_said() {
    let mut frames = Frames::new(personas(), Some(PersonaId(id(1))));
    let first = said(&mut frames, snapshot("so far")).unwrap();
    assert_eq!(
        (&first["data"]["op"], &first["data"]["message"]),
        (&json!("replace"), &json!("so far"))
    );
    assert_eq!(first["data"]["role_name"], "TECH_EXPERT");
    assert!(
        said(&mut frames, snapshot("")).is_some(),
        "text that is gone must go on the screen too"
    );
}

#[test]
fn an_end_without_text_is_an_end() {
    let mut frames = Frames::new(personas(), None);
    let last = said(&mut frames, end(None, GenerationStatus::Failed)).unwrap();
    assert_eq!(
        (&last["data"]["status"], &last["data"]["message"]),
        (&json!("failed"), &json!(""))
    );
    assert_eq!(last["data"]["message_id"], json!(null));
    assert_eq!(last["data"]["role_name"], json!(null));
}

#[test]
fn other_events_travel_as_on_streams() {
    let mut frames = Frames::new(personas(), None);
    let ping = Sent {
        about: None,
        id: None,
        event: Event::Ping(Ping { t: 5 }),
    };
    assert_eq!(
        frames.frame(&ping, NOW).unwrap(),
        r#"{"type":"ping","data":{"t":5}}"#
    );
    let conversation = ConversationId(id(1));
    let text = line(
        &sent(MessageEvent::Delete {
            id: MessageId(id(2)),
        }),
        Some(conversation),
    );
    assert!(
        text.starts_with(r#"{"id":"3::0","type":"message","data":{"conversation_id":""#),
        "{text}"
    );
    let mut own = reply(None);
    own.role = Role::User;
    let user = said(
        &mut frames,
        MessageEvent::Upsert {
            message: Box::new(own),
        },
    )
    .unwrap();
    assert_eq!(user["type"], "user_message");
}
