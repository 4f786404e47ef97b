//! Several replies to a message, several wordings of it, and the path among them.

use super::*;

const OTHER: MessageId = MessageId(Uuid::from_u128(3));
const LATER: MessageId = MessageId(Uuid::from_u128(4));
const NEW: GenerationId = GenerationId(Uuid::from_u128(0x88));

/// A question, its reply, and a question after that.
fn read() -> OpenPage {
    let mut page = page(None, "3::0");
    page.turns
        .push(stored(REPLY, Some(USER), Role::Assistant, "first").into());
    page.turns
        .push(stored(LATER, Some(REPLY), Role::User, "later").into());
    page
}

fn begun(kind: GenerationKind, text: &str) -> Event {
    Event::Message(MessageEvent::Snapshot {
        generation_id: NEW,
        g: ShortId::from(NEW).to_string(),
        message_id: OTHER,
        user_message_id: USER,
        seq: 0,
        lane: 0,
        status: GenerationStatus::Starting,
        kind,
        continues_message_id: (kind == GenerationKind::Continue).then_some(REPLY),
        parts: vec![PartText {
            kind: Part::Text,
            text: text.into(),
        }],
    })
}

fn ended(text: Option<&str>, status: GenerationStatus) -> Event {
    let message = text.map(|text| Box::new(stored(OTHER, Some(USER), Role::Assistant, text)));
    Event::Message(MessageEvent::Final {
        generation_id: NEW,
        g: ShortId::from(NEW).to_string(),
        user_message_id: USER,
        lane: 0,
        status,
        message,
        error: Some(Problem::new(ProblemCode::UpstreamConnect)),
        text_len: text.map_or(0, str::len) as u64,
        text_sha256: digest::sha256_hex(text.unwrap_or_default()),
    })
}

fn conversation(head: MessageId, running: Option<GenerationId>) -> Event {
    Event::Conversation(ConversationEvent {
        id: ConversationId(Uuid::nil()),
        rev: 4,
        title: "New".into(),
        head: Some(head),
        status: ConversationStatus::Active,
        generation_id: running,
        compared: None,
        updated_at: Timestamp(0),
    })
}

fn ids(live: &Live) -> Vec<u128> {
    let ids = live.turns.iter().filter_map(|turn| turn.id);
    ids.map(|id| id.0.as_u128()).collect()
}

fn siblings(live: &Live, id: MessageId) -> Vec<MessageId> {
    let turn = live.turns.iter().find(|turn| turn.id == Some(id));
    turn.unwrap().siblings.clone()
}

#[test]
fn another_reply_ends_the_path_and_then_stands_beside_the_first() {
    let mut live = Live::new(&read());
    let outcome = live.apply(begun(GenerationKind::Regenerate, ""), "");
    assert_eq!((outcome, ids(&live)), (Outcome::Applied, vec![1]));
    assert!(live.take_changes().turns);
    let id = format!("5:{}:9", ShortId::from(NEW));
    let outcome = live.apply(ended(Some("second"), GenerationStatus::Completed), &id);
    assert_eq!((outcome, ids(&live)), (Outcome::Applied, vec![1, 3]));
    assert_eq!(siblings(&live, OTHER), [REPLY, OTHER]);
    assert_eq!(
        live.turns[1].place(),
        Some((Some(REPLY), 2, 2, None)),
        "the newest is shown"
    );
}

#[test]
fn a_third_reply_stands_beside_both() {
    let mut page = read();
    page.turns[1].siblings = vec![LATER, REPLY];
    let mut live = Live::new(&page);
    live.apply(begun(GenerationKind::Regenerate, ""), "");
    live.apply(ended(Some("third"), GenerationStatus::Completed), "5::0");
    assert_eq!(siblings(&live, OTHER), [LATER, REPLY, OTHER]);
}

#[test]
fn a_page_that_never_saw_the_first_reply_asks_who_stands_beside_the_second() {
    let mut page = page(Some(""), &format!("3:{}:0", g()));
    page.active.as_mut().unwrap().kind = GenerationKind::Regenerate;
    let mut live = Live::new(&page);
    assert_eq!(
        live.apply(finale("b", "b"), &format!("4:{}:9", g())),
        Outcome::Refetch
    );
    assert_eq!(live.turns.len(), 2, "and shows what it knows until then");
}

#[test]
fn another_reply_that_never_came_puts_the_first_back() {
    for (status, lapse) in [
        (
            GenerationStatus::Failed,
            Lapse::NoOther(ProblemCode::UpstreamConnect),
        ),
        (GenerationStatus::Cancelled, Lapse::Cancelled),
    ] {
        let mut live = Live::new(&read());
        live.apply(begun(GenerationKind::Regenerate, ""), "");
        assert_eq!(live.apply(ended(None, status), "5::0"), Outcome::Refetch);
        assert_eq!(ids(&live), [1, 2, 4]);
        assert_eq!((live.lapse, &live.failure), (Some(lapse), &None));
        live.adopt(&read());
        assert_eq!(live.lapse, Some(lapse), "still told");
        assert_eq!(live.cursor(), "3::0");
    }
}

#[test]
fn a_retry_that_fails_again_says_so_and_asks_for_the_page() {
    let mut live = Live::new(&page(None, "3::0"));
    live.apply(begun(GenerationKind::Regenerate, ""), "");
    let outcome = live.apply(ended(None, GenerationStatus::Failed), "5::0");
    assert_eq!(outcome, Outcome::Refetch);
    assert!(live.failure.is_some() && live.lapse.is_none());
}

#[test]
fn a_reply_that_goes_on_never_shows_less_than_it_did() {
    let mut live = Live::new(&read());
    live.turns.truncate(2);
    live.apply(begun(GenerationKind::Continue, ""), "");
    let shown = |live: &Live| live.active.as_ref().unwrap().shown().to_owned();
    assert_eq!(shown(&live), "first");
    let delta = |prev, seq, text: &str| {
        Event::Message(MessageEvent::Delta {
            g: ShortId::from(NEW).to_string(),
            prev,
            seq,
            lane: 0,
            part: Part::Text,
            text: text.into(),
        })
    };
    live.apply(delta(0, 1, "fir"), "");
    assert_eq!(shown(&live), "first");
    live.apply(begun(GenerationKind::Continue, "fi"), "");
    assert_eq!(shown(&live), "first", "also over a snapshot");
    live.apply(delta(0, 1, "rst and"), "");
    assert_eq!(shown(&live), "first and");
    let outcome = live.apply(
        ended(Some("first and"), GenerationStatus::Completed),
        "5::0",
    );
    assert_eq!(outcome, Outcome::Applied);
    assert_eq!(siblings(&live, OTHER), [REPLY, OTHER]);
}

#[test]
fn another_wording_stands_in_place_of_the_first_and_all_that_followed() {
    let mut live = Live::new(&read());
    live.sending("mine", "on its way");
    let message = Box::new(stored(OTHER, None, Role::User, "hello"));
    let outcome = live.apply(Event::Message(MessageEvent::Upsert { message }), "4::0");
    assert_eq!((outcome, ids(&live)), (Outcome::Applied, vec![3]));
    assert_eq!(siblings(&live, OTHER), [USER, OTHER]);
    assert_eq!(
        live.turns.last().unwrap().key,
        "mine",
        "nothing sent is lost"
    );
}

#[test]
fn an_own_wording_is_shown_with_the_answer_or_with_the_event() {
    for stream_first in [true, false] {
        let mut live = Live::new(&read());
        let upsert = Event::Message(MessageEvent::Upsert {
            message: Box::new(stored(OTHER, Some(REPLY), Role::User, "other")),
        });
        let answer = Accepted {
            message_id: OTHER,
            reply_message_id: MessageId(Uuid::from_u128(9)),
            ..accepted(OTHER)
        };
        if stream_first {
            live.apply(upsert.clone(), "4::0");
        }
        live.reworded("mine", "other", Some(REPLY), &answer);
        if !stream_first {
            live.apply(upsert, "4::0");
        }
        assert_eq!(ids(&live), [1, 2, 3]);
        assert_eq!(siblings(&live, OTHER), [LATER, OTHER]);
        assert!(live.active.is_some());
    }
}

#[test]
fn a_message_behind_one_that_is_not_held_asks_for_the_page() {
    let mut live = Live::new(&read());
    let elsewhere = MessageId(Uuid::from_u128(99));
    let message = Box::new(stored(OTHER, Some(elsewhere), Role::User, "there"));
    let outcome = live.apply(Event::Message(MessageEvent::Upsert { message }), "4::0");
    assert_eq!((outcome, live.cursor()), (Outcome::Refetch, "3::0"));
}

#[test]
fn a_path_that_was_changed_elsewhere_asks_for_the_page() {
    let mut live = Live::new(&read());
    assert_eq!(
        live.apply(conversation(LATER, None), "4::0"),
        Outcome::Applied
    );
    assert_eq!((live.title.as_str(), live.cursor()), ("New", "4::0"));
    assert_eq!(
        live.apply(conversation(OTHER, Some(NEW)), ""),
        Outcome::Applied,
        "it is being written"
    );
    assert_eq!(live.apply(conversation(OTHER, None), ""), Outcome::Refetch);
    let mut live = running();
    assert_eq!(live.apply(conversation(OTHER, None), ""), Outcome::Applied);
}

#[test]
fn what_is_held_before_a_fresh_page_stays() {
    let mut page = read();
    let mut live = Live::new(&page);
    page.turns.remove(0);
    page.earlier = true;
    live.sending("mine", "more");
    live.adopt(&page);
    assert_eq!((ids(&live), live.earlier), (vec![1, 2, 4], false));
    assert_eq!(live.turns.len(), 4);
}

#[test]
fn another_wording_of_a_message_before_those_held_begins_the_path_anew() {
    let mut page = read();
    page.turns.drain(..2);
    page.earlier = true;
    let elsewhere = MessageId(Uuid::from_u128(99));
    let old = Turn::from(stored(USER, Some(elsewhere), Role::User, "old"));
    let answer = Accepted {
        reply_message_id: MessageId(Uuid::from_u128(9)),
        ..accepted(OTHER)
    };
    let mut live = Live::new(&page);
    live.go_back_to(LATER, None);
    assert_eq!(ids(&live), [4], "it is held");
    live.go_back_to(elsewhere, Some(old));
    live.reworded("mine", "other", Some(elsewhere), &answer);
    assert_eq!((ids(&live), live.earlier), (vec![3], true));
    assert_eq!(siblings(&live, OTHER), [USER, OTHER]);
    assert!(live.active.is_some());
}
