//! The apply rules, one by one.

use parlance_core::domain::{
    Accepted, ConversationId, ConversationStatus, Hello, Message, Resume, Role, ShortId, Timestamp,
    event::Fare,
};
use uuid::Uuid;

mod branches;
use super::*;
use crate::state::page::{ComposerSeed, Delivery, OpenReply, Topic};

const GENERATION: GenerationId = GenerationId(Uuid::from_u128(0x77));
const USER: MessageId = MessageId(Uuid::from_u128(1));
const REPLY: MessageId = MessageId(Uuid::from_u128(2));

fn g() -> String {
    ShortId::from(GENERATION).to_string()
}

fn stored(id: MessageId, parent: Option<MessageId>, role: Role, content: &str) -> Message {
    Message {
        parent_id: parent,
        ..Message::said(ConversationId(Uuid::nil()), id, role, content, Timestamp(0))
    }
}

/// A page with a question, and a reply to it that is being written.
pub(in crate::state) fn page(active: Option<&str>, cursor: &str) -> OpenPage {
    OpenPage {
        conversation: Topic {
            id: ConversationId(Uuid::nil()),
            title: "Old".into(),
        },
        persona: None,
        made_at: 0,
        turns: vec![stored(USER, None, Role::User, "hi").into()],
        earlier: false,
        past: None,
        window: None,
        finds: None,
        active: active.map(|text| OpenReply {
            generation_id: GENERATION,
            message_id: REPLY,
            user_message_id: USER,
            status: GenerationStatus::Streaming,
            kind: GenerationKind::New,
            parts: vec![PartText {
                kind: Part::Text,
                text: text.into(),
            }],
            html: None,
        }),
        failure: None,
        compared: String::new(),
        cursor: cursor.into(),
        composer: ComposerSeed::default(),
    }
}

fn running() -> Live {
    Live::new(&page(Some("ab"), &format!("3:{}:2", g())))
}

fn delta(prev: u64, seq: u64, text: &str) -> Event {
    Event::Message(MessageEvent::Delta {
        g: g(),
        prev,
        seq,
        lane: 0,
        part: Part::Text,
        text: text.into(),
    })
}

fn finale(text: &str, stored_text: &str) -> Event {
    Event::Message(MessageEvent::Final {
        generation_id: GENERATION,
        g: g(),
        user_message_id: USER,
        lane: 0,
        status: GenerationStatus::Completed,
        message: Some(Box::new(stored(
            REPLY,
            Some(USER),
            Role::Assistant,
            stored_text,
        ))),
        error: None,
        text_len: text.len() as u64,
        text_sha256: digest::sha256_hex(text),
    })
}

fn accepted(message: MessageId) -> Accepted {
    Accepted {
        conversation_id: ConversationId(Uuid::nil()),
        message_id: message,
        reply_message_id: REPLY,
        generation_id: GENERATION,
        beside: Vec::new(),
        cursor: String::new(),
    }
}

fn text(live: &Live) -> &str {
    live.active
        .as_ref()
        .map_or("", |running| running.part(Part::Text))
}

#[test]
fn a_delta_on_top_of_the_held_frame_is_appended_and_moves_the_cursor() {
    let mut live = running();
    let id = format!("3:{}:4", g());
    assert_eq!(live.apply(delta(2, 4, "cd"), &id), Outcome::Applied);
    assert_eq!(text(&live), "abcd");
    assert_eq!(live.cursor(), id);
    assert!(live.take_changes().text);
    assert_eq!(live.take_changes(), Changes::default());
}

#[test]
fn a_frame_that_is_held_already_changes_nothing() {
    let mut live = running();
    let before = live.cursor().to_owned();
    assert_eq!(
        live.apply(delta(0, 2, "ab"), "3:0000000000:1"),
        Outcome::Ignored
    );
    assert_eq!((text(&live), live.cursor()), ("ab", before.as_str()));
}

#[test]
fn missing_frames_and_unknown_generations_ask_for_a_reconnect() {
    let mut live = running();
    assert_eq!(live.apply(delta(3, 4, "d"), ""), Outcome::Gap);
    assert_eq!(live.apply(delta(1, 4, "bd"), ""), Outcome::Gap);
    assert_eq!(text(&live), "ab");
    let mut idle = Live::new(&page(None, "3::0"));
    assert_eq!(idle.apply(delta(0, 1, "a"), ""), Outcome::Gap);
}

#[test]
fn a_snapshot_replaces_the_text() {
    let mut live = running();
    let snapshot = Event::Message(MessageEvent::Snapshot {
        generation_id: GENERATION,
        g: g(),
        message_id: REPLY,
        user_message_id: USER,
        seq: 9,
        lane: 0,
        status: GenerationStatus::Streaming,
        kind: GenerationKind::New,
        continues_message_id: None,
        parts: vec![PartText {
            kind: Part::Text,
            text: "anew".into(),
        }],
    });
    assert_eq!(live.apply(snapshot, ""), Outcome::Applied);
    assert_eq!(live.apply(delta(9, 10, "!"), ""), Outcome::Applied);
    assert_eq!(text(&live), "anew!");
}

#[test]
fn the_stored_message_takes_the_place_of_the_live_text() {
    let mut live = running();
    assert_eq!(
        live.apply(finale("ab", "ab"), &format!("4:{}:3", g())),
        Outcome::Applied
    );
    assert!(live.active.is_none());
    assert_eq!(
        live.turns.last().map(|turn| turn.content.as_str()),
        Some("ab")
    );
    assert_eq!(live.apply(delta(2, 3, "late"), ""), Outcome::Ignored);
}

#[test]
fn a_stored_text_that_differs_is_taken_and_reported() {
    let mut live = running();
    assert_eq!(live.apply(finale("abX", "abX"), ""), Outcome::Mismatch);
    assert_eq!(
        live.turns.last().map(|turn| turn.content.as_str()),
        Some("abX")
    );
}

#[test]
fn a_final_of_a_turn_that_is_not_held_asks_for_the_page() {
    let mut live = running();
    live.turns.clear();
    assert_eq!(live.apply(finale("ab", "ab"), ""), Outcome::Refetch);
}

#[test]
fn an_end_also_ends_an_older_reply_whose_own_end_was_missed() {
    let mut live = running();
    let newer = GenerationId(Uuid::from_u128(77));
    let event = Event::Message(MessageEvent::Final {
        generation_id: newer,
        g: ShortId::from(newer).to_string(),
        user_message_id: USER,
        lane: 0,
        status: GenerationStatus::Cancelled,
        message: None,
        error: None,
        text_len: 0,
        text_sha256: digest::sha256_hex(""),
    });
    assert_eq!(live.apply(event, "9::0"), Outcome::Applied);
    assert!(live.active.is_none());
}

#[test]
fn a_failed_generation_leaves_its_reason_and_no_message() {
    let mut live = Live::new(&page(Some(""), &format!("3:{}:0", g())));
    let event = Event::Message(MessageEvent::Final {
        generation_id: GENERATION,
        g: g(),
        user_message_id: USER,
        lane: 0,
        status: GenerationStatus::Failed,
        message: None,
        error: None,
        text_len: 0,
        text_sha256: digest::sha256_hex(""),
    });
    assert_eq!(live.apply(event, ""), Outcome::Applied);
    assert_eq!(live.turns.len(), 1);
    assert_eq!(
        live.failure.as_ref().map(|failure| failure.status),
        Some(GenerationStatus::Failed)
    );
}

#[test]
fn a_page_says_why_another_reply_did_not_come() {
    let mut page = page(None, "3::0");
    page.failure = Some(GenerationFailure {
        generation_id: GENERATION,
        user_message_id: USER,
        status: GenerationStatus::Failed,
        error: Some(Problem::new(ProblemCode::UpstreamAuth)),
    });
    assert_eq!(Live::new(&page).failure, page.failure);
    let reply = MessageId(Uuid::from_u128(6));
    let message = stored(reply, Some(USER), Role::Assistant, "earlier");
    page.turns.push(message.into());
    let live = Live::new(&page);
    let reason = Lapse::NoOther(ProblemCode::UpstreamAuth);
    assert_eq!((live.failure, live.lapse), (None, Some(reason)));
}

#[test]
fn a_sent_message_becomes_the_stored_one_whichever_answer_comes_first() {
    let mine = MessageId(Uuid::from_u128(5));
    let upsert = || {
        let message = Box::new(stored(mine, Some(USER), Role::User, "more"));
        Event::Message(MessageEvent::Upsert { message })
    };
    for stream_first in [true, false] {
        let mut live = Live::new(&page(None, "3::0"));
        live.sending("mine", "more");
        if stream_first {
            live.apply(upsert(), "4::0");
        }
        live.accepted("mine", &accepted(mine));
        if !stream_first {
            live.apply(upsert(), "4::0");
        }
        let keys: Vec<_> = live.turns.iter().map(|turn| turn.key.clone()).collect();
        assert_eq!(keys, [USER.to_string(), "mine".to_owned()]);
        assert_eq!(live.turns[1].id, Some(mine));
        assert!(live.active.is_some());
        assert_eq!(live.apply(delta(0, 1, "a"), ""), Outcome::Applied);
    }
}

#[test]
fn an_answer_that_comes_after_the_whole_reply_starts_nothing() {
    let mut live = running();
    live.apply(finale("ab", "ab"), "");
    live.accepted("mine", &accepted(USER));
    assert!(live.active.is_none());
}

#[test]
fn a_refused_message_gives_its_text_back() {
    let mut live = Live::new(&page(None, "3::0"));
    live.sending("mine", "more");
    assert_eq!(live.refused("mine").as_deref(), Some("more"));
    assert_eq!(live.turns.len(), 1);
    assert_eq!(live.refused("mine"), None);
}

#[test]
fn a_message_that_was_not_taken_stays_in_sight_until_it_is_taken_back_or_arrives() {
    let mut live = Live::new(&page(None, "3::0"));
    live.sending("mine", "more");
    assert!(live.failed("mine", Some(ProblemCode::RateLimited)));
    let turn = live.turns.last().unwrap();
    assert_eq!(turn.delivery, Delivery::Failed);
    assert_eq!(turn.error, Some(ProblemCode::RateLimited));
    live.unsent("older", "from before a reload");
    assert_eq!(live.refused("mine").as_deref(), Some("more"));
    // It had arrived, and only the answer was lost.
    let own = stored(REPLY, Some(USER), Role::User, "from before a reload");
    live.apply(
        Event::Message(MessageEvent::Upsert {
            message: Box::new(own),
        }),
        "4::0",
    );
    assert_eq!(live.turns.last().unwrap().delivery, Delivery::Sent);
    assert_eq!(live.turns.len(), 2);
    assert!(!live.failed("older", None));
}

#[test]
fn another_tabs_message_is_added_behind_the_one_it_answers() {
    let mut live = Live::new(&page(None, "3::0"));
    let message = Box::new(stored(
        MessageId(Uuid::from_u128(8)),
        Some(USER),
        Role::User,
        "from there",
    ));
    live.apply(Event::Message(MessageEvent::Upsert { message }), "4::0");
    assert_eq!(live.turns.len(), 2);
    assert_eq!(live.cursor(), "4::0");
}

#[test]
fn a_cursor_ahead_of_the_store_asks_for_the_page() {
    let mut live = running();
    let hello = |resume, rev| {
        Event::Hello(Hello {
            protocol: 1,
            rev,
            resume,
            heartbeat_ms: 10_000,
            server_time: 0,
        })
    };
    assert_eq!(live.apply(hello(Resume::Reset, 3), ""), Outcome::Refetch);
    assert_eq!(
        live.apply(hello(Resume::Snapshot, 999), ""),
        Outcome::Refetch
    );
    assert_eq!(live.apply(hello(Resume::Exact, 3), ""), Outcome::Ignored);
}

#[test]
fn a_state_that_went_back_is_told_until_the_next_reply() {
    let mut live = running();
    let event = Event::Hello(Hello {
        protocol: 1,
        rev: 3,
        resume: Resume::Reset,
        heartbeat_ms: 10_000,
        server_time: 0,
    });
    assert_eq!(live.apply(event, ""), Outcome::Refetch);
    live.adopt(&page(None, "2::0"));
    assert_eq!(live.lapse, Some(Lapse::Reset));
    live.sending("mine", "more");
    assert_eq!(live.lapse, None);
}

#[test]
fn how_a_reply_fares_is_kept_until_text_comes() {
    let mut live = Live::new(&page(Some(""), &format!("3:{}:0", g())));
    let told = StatusEvent {
        generation_id: GENERATION,
        lane: 0,
        status: Fare::Retrying,
        position: None,
        attempt: Some(2),
        next_in_ms: Some(4_000),
    };
    assert_eq!(live.apply(Event::Status(told), ""), Outcome::Applied);
    let fare = |live: &Live| live.active.as_ref().and_then(|reply| reply.fare);
    assert_eq!(fare(&live), Some(told));
    live.apply(delta(0, 1, "a"), "");
    assert_eq!(fare(&live), None);
}
