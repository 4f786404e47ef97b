//! Replies side by side: what the one stream brings goes to the reply that it tells of.

use parlance_core::domain::{
    AskedBeside, ConversationStatus, Message, MessageEvent, MessageStatus, Role, ShortId,
    Timestamp, digest, event::ConversationEvent,
};
use uuid::Uuid;

use super::*;
use crate::state::{
    live,
    page::{Beside, Compared, Topic},
};

const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(9));
const ASKED: MessageId = MessageId(Uuid::from_u128(1));

fn generation(lane: u8) -> GenerationId {
    GenerationId(Uuid::from_u128(0x70 + u128::from(lane)))
}

fn reply(lane: u8) -> MessageId {
    MessageId(Uuid::from_u128(0x20 + u128::from(lane)))
}

fn g(lane: u8) -> String {
    ShortId::from(generation(lane)).to_string()
}

/// A position: how much was seen of each lane.
fn at(rev: u64, seen: &[u64]) -> String {
    let lanes = (0..).zip(seen);
    let parts: Vec<_> = lanes
        .map(|(lane, seq)| format!("{rev}:{}:{seq}", g(lane)))
        .collect();
    parts.join(".")
}

fn said(id: MessageId, parent: Option<MessageId>, role: Role, content: &str) -> Message {
    Message {
        parent_id: parent,
        ..Message::said(CONVERSATION, id, role, content, Timestamp(0))
    }
}

/// The page of one lane; `None`: nothing is being written there.
fn alone(lane: u8, text: Option<&str>, cursor: &str) -> OpenPage {
    let mut page = live::tests::page(text, cursor);
    page.conversation = Topic {
        id: CONVERSATION,
        title: String::new(),
    };
    page.turns = vec![said(ASKED, None, Role::User, "hi").into()];
    if let Some(active) = &mut page.active {
        active.generation_id = generation(lane);
        active.message_id = reply(lane);
        active.user_message_id = ASKED;
    }
    page
}

/// Two replies that are being written.
fn page(texts: [&str; 2], cursor: &str) -> OpenPage {
    let beside = Beside {
        lane: 1,
        model: "second".into(),
        page: alone(1, Some(texts[1]), cursor),
    };
    let compared = Compared {
        message: ASKED,
        model: "first".into(),
        beside: vec![beside],
    };
    OpenPage {
        compared: serde_json::to_string(&compared).unwrap(),
        ..alone(0, Some(texts[0]), cursor)
    }
}

fn open(page: &OpenPage) -> Thread {
    let thread = Thread::new(page);
    thread.compare(&page.compared);
    thread
}

fn lanes(thread: Thread) -> Vec<Thread> {
    let columns = untrack(|| thread.columns()).into_iter();
    columns.map(|column| column.thread).collect()
}

fn delta(lane: u8, prev: u64, seq: u64, text: &str) -> Event {
    Event::Message(MessageEvent::Delta {
        g: g(lane),
        prev,
        seq,
        lane,
        part: Part::Text,
        text: text.into(),
    })
}

fn end(lane: u8, text: Option<&str>) -> Event {
    let message = |text| Message {
        status: MessageStatus::Completed,
        ..said(reply(lane), Some(ASKED), Role::Assistant, text)
    };
    let content = text.unwrap_or_default();
    Event::Message(MessageEvent::Final {
        generation_id: generation(lane),
        g: g(lane),
        user_message_id: ASKED,
        lane,
        status: match text {
            Some(_) => GenerationStatus::Completed,
            None => GenerationStatus::Failed,
        },
        message: text.map(message).map(Box::new),
        error: None,
        text_len: content.len() as u64,
        text_sha256: digest::sha256_hex(content),
    })
}

fn news(compared: Option<MessageId>, head: MessageId) -> Event {
    Event::Conversation(ConversationEvent {
        id: CONVERSATION,
        rev: 9,
        title: String::new(),
        head: Some(head),
        status: ConversationStatus::Active,
        generation_id: None,
        compared,
        updated_at: Timestamp(0),
    })
}

fn texts(thread: Thread) -> Vec<String> {
    thread.publish();
    let lanes = lanes(thread).into_iter();
    lanes.map(|lane| lane.text.get_untracked()).collect()
}

#[test]
fn each_piece_of_text_goes_to_its_reply_and_one_position_covers_all() {
    Owner::new().with(|| {
        let thread = open(&page(["a", "x"], &at(3, &[1, 1])));
        assert_eq!(
            thread.apply(delta(1, 1, 2, "y"), &at(3, &[1, 2])),
            Some(Outcome::Applied)
        );
        assert_eq!(
            thread.apply(delta(0, 1, 2, "b"), &at(3, &[2, 2])),
            Some(Outcome::Applied)
        );
        assert_eq!(texts(thread), ["ab", "xy"]);
        assert_eq!(thread.cursor(), Some(at(3, &[2, 2])));
    });
}

#[test]
fn a_gap_in_one_reply_leaves_the_position_and_the_other_text() {
    Owner::new().with(|| {
        let thread = open(&page(["a", "x"], &at(3, &[1, 1])));
        assert_eq!(
            thread.apply(delta(1, 4, 5, "z"), &at(3, &[1, 5])),
            Some(Outcome::Gap)
        );
        assert_eq!(thread.cursor(), Some(at(3, &[1, 1])));
        assert_eq!(texts(thread), ["a", "x"]);
    });
}

#[test]
fn one_ends_or_fails_while_another_goes_on() {
    Owner::new().with(|| {
        let thread = open(&page(["a", "x"], &at(3, &[1, 1])));
        thread.apply(end(0, None), &at(4, &[1, 1]));
        thread.publish();
        assert!(thread.failure.get_untracked().is_some());
        assert_eq!(untrack(|| thread.running()), Some(generation(1)));
        assert!(
            untrack(|| thread.ahead().is_none()),
            "not before all have ended"
        );
        assert_eq!(
            thread.apply(end(1, Some("x")), &at(5, &[1, 1])),
            Some(Outcome::Applied)
        );
        thread.publish();
        assert_eq!(untrack(|| thread.running()), None);
        assert!(!thread.is_busy());
        let ahead = untrack(|| thread.ahead()).map(|column| column.model);
        assert_eq!(
            ahead.as_deref(),
            Some("second"),
            "the first that has a reply"
        );
        assert_eq!(
            thread.apply(news(Some(ASKED), reply(1)), ""),
            Some(Outcome::Applied)
        );
    });
}

#[test]
fn what_is_compared_anew_or_no_longer_is_read_from_the_server() {
    Owner::new().with(|| {
        let thread = Thread::new(&alone(0, None, "3::0"));
        assert_eq!(
            thread.apply(news(Some(ASKED), ASKED), "4::0"),
            Some(Outcome::Refetch)
        );
        assert_eq!(
            thread.apply(delta(1, 0, 1, "x"), ""),
            Some(Outcome::Refetch)
        );
        thread.adopt(&page(["", ""], &at(4, &[0, 0])));
        assert_eq!(
            thread.apply(news(Some(ASKED), ASKED), ""),
            Some(Outcome::Applied)
        );
        assert_eq!(
            thread.apply(news(None, reply(1)), ""),
            Some(Outcome::Refetch)
        );
        thread.adopt(&alone(0, None, "5::0"));
        assert_eq!(thread.compared.get_untracked(), None);
        assert!(lanes(thread).is_empty());
    });
}

#[test]
fn a_fresh_page_moves_known_replies_on_where_they_are() {
    Owner::new().with(|| {
        let thread = open(&page(["a", "x"], &at(3, &[1, 1])));
        let before = lanes(thread)[1].text;
        thread.adopt(&page(["abc", "xyz"], &at(3, &[3, 3])));
        assert_eq!(texts(thread), ["abc", "xyz"]);
        assert_eq!(lanes(thread)[1].text, before);
    });
}

#[test]
fn sending_anything_else_ends_the_comparison_here_at_once() {
    Owner::new().with(|| {
        let thread = open(&page(["a", "x"], &at(3, &[1, 1])));
        let next = MessageId(Uuid::from_u128(5));
        let mut accepted = Accepted {
            conversation_id: CONVERSATION,
            message_id: next,
            reply_message_id: MessageId(Uuid::from_u128(6)),
            generation_id: GenerationId(Uuid::from_u128(7)),
            beside: Vec::new(),
            cursor: String::new(),
        };
        thread.accepted("k", &accepted);
        assert_eq!(thread.compared.get_untracked(), None);
        accepted.beside.push(AskedBeside {
            lane: 1,
            generation_id: generation(1),
            reply_message_id: reply(1),
            model_config_id: None,
        });
        thread.accepted("k", &accepted);
        assert_eq!(thread.compared.get_untracked(), Some(next));
        assert!(lanes(thread).is_empty(), "they come with the next page");
    });
}
