//! What the list does with pages, events and the person's own acts.

use parlance_core::domain::{GenerationId, MessageId, Timestamp};
use uuid::Uuid;

use super::*;

fn id(number: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(number))
}

fn row(number: u128, updated_at: i64) -> Row {
    Row {
        id: id(number),
        title: String::new(),
        rev: 0,
        updated_at,
        day: String::new(),
        unread: false,
        running: false,
    }
}

fn page(rows: &[(u128, i64)], next: Option<&str>) -> RosterPage {
    RosterPage {
        rows: rows.iter().map(|&(id, updated)| row(id, updated)).collect(),
        next: next.map(str::to_owned),
    }
}

/// Rows of several days: id, moment, heading.
fn days(rows: &[(u128, i64, &str)]) -> Roster {
    let mut page = page(&[], None);
    for &(id, updated, day) in rows {
        page.rows.push(Row {
            day: day.to_owned(),
            ..row(id, updated)
        });
    }
    Roster::from(page)
}

/// Each row's id, with the heading above it.
fn shown(roster: &Roster) -> Vec<(u128, Option<String>)> {
    let ids = roster.ids().into_iter();
    ids.map(|id| (id.0.as_u128(), roster.face(id).day))
        .collect()
}

fn ids(roster: &Roster) -> Vec<u128> {
    roster.rows.iter().map(|row| row.id.0.as_u128()).collect()
}

#[test]
fn a_refreshed_list_moves_the_used_one_up_and_keeps_the_rest() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20)], Some("two")));
    roster.append(page(&[(1, 10)], None));
    roster.refresh(page(&[(1, 40), (3, 30)], Some("three")));
    assert_eq!(ids(&roster), [1, 3, 2]);
    assert_eq!(roster.next, None);
}

#[test]
fn a_list_that_fits_on_one_page_drops_what_was_deleted() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20)], None));
    roster.refresh(page(&[(3, 30)], None));
    assert_eq!(ids(&roster), [3]);
}

#[test]
fn no_conversation_is_shown_twice() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20)], Some("two")));
    roster.append(page(&[(2, 20), (1, 10)], None));
    assert_eq!(ids(&roster), [3, 2, 1]);
}

fn event(id: u128, rev: u64, updated: i64) -> ConversationEvent {
    ConversationEvent {
        id: ConversationId(Uuid::from_u128(id)),
        rev,
        title: format!("title {rev}"),
        head: None,
        status: ConversationStatus::Active,
        generation_id: None,
        compared: None,
        updated_at: Timestamp(updated),
    }
}

#[test]
fn a_change_renames_and_moves_the_row_and_an_older_one_does_nothing() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20), (1, 10)], None));
    roster.apply(&event(1, 5, 40));
    assert_eq!(ids(&roster), [1, 3, 2]);
    assert_eq!(roster.face(id(1)).title, "title 5");
    roster.apply(&event(1, 4, 5));
    assert_eq!(ids(&roster), [1, 3, 2]);
    assert_eq!(roster.face(id(1)).title, "title 5");
}

#[test]
fn a_new_conversation_appears_where_it_belongs_and_one_of_a_later_page_does_not() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20)], Some("two")));
    roster.apply(&event(7, 1, 25));
    assert_eq!(ids(&roster), [3, 7, 2]);
    roster.apply(&event(8, 1, 10));
    assert_eq!(ids(&roster), [3, 7, 2]);
    let mut whole = Roster::default();
    whole.apply(&event(8, 1, 10));
    assert_eq!(ids(&whole), [8]);
}

#[test]
fn what_is_deleted_or_put_away_goes_at_once() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20)], None));
    roster.hold(true);
    let deleted = ConversationEvent {
        status: ConversationStatus::Deleted,
        ..event(3, 2, 40)
    };
    roster.apply(&deleted);
    assert_eq!(ids(&roster), [2]);
    roster.hold(false);
    assert_eq!(ids(&roster), [2]);
}

#[test]
fn a_running_reply_marks_its_row_until_it_ends() {
    let mut roster = Roster::from(page(&[(3, 30)], None));
    let id = id(3);
    let running = ConversationEvent {
        generation_id: Some(GenerationId(Uuid::from_u128(9))),
        ..event(3, 2, 40)
    };
    roster.apply(&running);
    assert!(roster.is_running(id));
    roster.apply(&event(3, 3, 50));
    assert!(!roster.is_running(id));
    roster.apply(&running);
    assert!(!roster.is_running(id), "what is older changes nothing");
    roster.mark(id, true);
    roster.forget_marks();
    assert!(!roster.is_running(id));
}

#[test]
fn no_row_moves_from_under_the_pointer() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20)], None));
    roster.hold(true);
    roster.apply(&event(2, 1, 40));
    roster.apply(&event(9, 1, 50));
    assert_eq!(ids(&roster), [3, 2]);
    assert_eq!(roster.face(id(2)).title, "title 1");
    roster.hold(false);
    assert_eq!(ids(&roster), [9, 2, 3]);
}

fn started(number: u128, rev: u64, updated: i64) -> ConversationEvent {
    ConversationEvent {
        generation_id: Some(GenerationId(Uuid::from_u128(9))),
        ..event(number, rev, updated)
    }
}

fn ended(number: u128, rev: u64, updated: i64) -> ConversationEvent {
    ConversationEvent {
        head: Some(MessageId(Uuid::from_u128(8))),
        ..event(number, rev, updated)
    }
}

#[test]
fn a_heading_stands_above_the_first_row_of_its_day() {
    let mut roster = days(&[
        (4, 40, ""),
        (3, 30, "Yesterday"),
        (2, 20, "Yesterday"),
        (1, 10, "May 2026"),
    ]);
    let day = |text: &str| Some(text.to_owned());
    assert_eq!(
        shown(&roster),
        [
            (4, day("")),
            (3, day("Yesterday")),
            (2, None),
            (1, day("May 2026"))
        ]
    );
    roster.apply(&event(3, 1, 50));
    assert_eq!(
        shown(&roster),
        [
            (3, day("")),
            (4, None),
            (2, day("Yesterday")),
            (1, day("May 2026"))
        ]
    );
}

#[test]
fn a_new_title_moves_nothing() {
    let mut roster = days(&[(2, 20, ""), (1, 10, "Yesterday")]);
    roster.apply(&event(1, 3, 10));
    assert_eq!(ids(&roster), [2, 1]);
    assert_eq!(roster.face(id(1)).day.as_deref(), Some("Yesterday"));
    assert_eq!(roster.face(id(1)).title, "title 3");
}

#[test]
fn a_reply_that_ended_unseen_leaves_a_mark_until_it_is_seen() {
    let mut roster = Roster::from(page(&[(3, 30), (2, 20)], None));
    roster.apply(&started(2, 1, 40));
    assert!(!roster.is_unread(id(2)));
    roster.apply(&ended(2, 2, 50));
    assert!(roster.face(id(2)).unread);
    assert!(roster.see(id(2)));
    assert!(!roster.is_unread(id(2)) && !roster.see(id(2)));
    // Begin and end in one event.
    roster.apply(&ended(3, 5, 60));
    assert!(roster.is_unread(id(3)));
    // The end came with an event that was told before.
    roster.apply(&ended(3, 5, 60));
    assert!(roster.is_unread(id(3)), "the same again changes nothing");
    roster.apply(&ConversationEvent {
        title: "title 5".to_owned(),
        ..ended(3, 6, 60)
    });
    assert!(!roster.is_unread(id(3)), "another tab has read it");
}

#[test]
fn an_empty_conversation_is_not_unread() {
    let mut roster = Roster::default();
    roster.apply(&event(1, 0, 10));
    roster.apply(&ended(2, 4, 20));
    assert!(!roster.is_unread(id(1)));
    assert!(roster.is_unread(id(2)));
}

#[test]
fn what_is_taken_out_names_its_neighbour_and_comes_back_to_its_place() {
    let mut roster = days(&[(3, 30, ""), (2, 20, "Yesterday"), (1, 10, "May 2026")]);
    let (row, next) = roster.take(id(2)).unwrap();
    assert_eq!(next, Some(id(1)));
    assert_eq!(ids(&roster), [3, 1]);
    roster.put_back(row.clone());
    roster.put_back(row);
    assert_eq!(ids(&roster), [3, 2, 1]);
    assert_eq!(roster.face(id(2)).day.as_deref(), Some("Yesterday"));
    let (_, next) = roster.take(id(1)).unwrap();
    assert_eq!(next, Some(id(2)), "the last one's neighbour is above it");
    assert!(roster.take(id(1)).is_none());
}

#[test]
fn what_is_restored_elsewhere_comes_back_between_its_neighbours() {
    let mut roster = days(&[(3, 30, ""), (1, 10, "Yesterday"), (0, 5, "May 2026")]);
    roster.apply(&ended(2, 7, 8));
    assert_eq!(ids(&roster), [3, 1, 2, 0]);
    assert_eq!(
        roster.face(id(2)).day,
        None,
        "under the heading of the row above"
    );
}

#[test]
fn marks_of_a_page_hold_until_the_stream_tells() {
    let mut first = page(&[(3, 30)], Some("more"));
    first.rows[0].running = true;
    first.rows[0].unread = true;
    let mut roster = Roster::from(first);
    assert!(roster.is_running(id(3)));
    assert!(!roster.face(id(3)).unread, "one mark at a time");
    let mut second = page(&[(3, 30), (2, 20)], None);
    second.rows[1].running = true;
    roster.append(second);
    assert!(roster.is_running(id(2)));
}

#[test]
fn a_row_travels_without_names() {
    let row = Row {
        title: "茶".to_owned(),
        unread: true,
        ..row(1, 2)
    };
    let json = serde_json::to_string(&row).unwrap();
    assert_eq!(
        json,
        r#"["00000000-0000-0000-0000-000000000001","茶",0,2,"",true,false]"#
    );
    assert_eq!(serde_json::from_str::<Row>(&json).unwrap(), row);
}
