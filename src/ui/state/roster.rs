//! The list of conversations as the sidebar holds it: pages put together and moved on by events, newest use first, each
//! conversation once.

use parlance_core::domain::{
    Conversation, ConversationId, ConversationPage, ConversationStatus, event::ConversationEvent,
};

/// The rows shown and where the next page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    pub rows: Vec<Conversation>,
    /// Opaque; `None` when everything is shown.
    pub next: Option<String>,
    /// Where a reply is being written.
    running: Vec<ConversationId>,
    /// The pointer is over the list: no row may move from under it.
    held: bool,
    /// What happened meanwhile.
    later: Vec<ConversationEvent>,
}

impl From<ConversationPage> for Roster {
    fn from(page: ConversationPage) -> Self {
        Self {
            rows: page.items,
            next: page.next_cursor,
            ..Self::default()
        }
    }
}

impl Roster {
    /// Puts a fresh first page on top; rows further down that were read before stay.
    pub fn refresh(&mut self, page: ConversationPage) {
        let whole = page.next_cursor.is_none();
        let older: Vec<_> = match page.items.last() {
            Some(last) if !whole => std::mem::take(&mut self.rows)
                .into_iter()
                .filter(|row| {
                    row.updated_at <= last.updated_at
                        && page.items.iter().all(|new| new.id != row.id)
                })
                .collect(),
            _ => Vec::new(),
        };
        if older.is_empty() {
            self.next = page.next_cursor;
        }
        self.rows = page.items;
        self.rows.extend(older);
        self.later.clear();
    }

    /// Adds the page that follows.
    pub fn append(&mut self, page: ConversationPage) {
        self.next = page.next_cursor;
        let known: Vec<_> = self.rows.iter().map(|row| row.id).collect();
        self.rows.extend(
            page.items
                .into_iter()
                .filter(|row| !known.contains(&row.id)),
        );
    }

    /// Takes a new title without moving the row.
    pub fn rename(&mut self, id: ConversationId, title: &str) {
        if let Some(row) = self.row_mut(id) {
            title.clone_into(&mut row.title);
        }
    }

    /// Takes a change in: title and mark at once, a new place as soon as the pointer is elsewhere.
    pub fn apply(&mut self, event: &ConversationEvent) {
        let old = self
            .row_mut(event.id)
            .is_some_and(|row| row.rev > event.rev);
        if old {
            return;
        }
        self.mark(event.id, event.generation_id.is_some());
        if event.status != ConversationStatus::Active {
            self.rows.retain(|row| row.id != event.id);
            self.later.retain(|one| one.id != event.id);
            return;
        }
        self.rename(event.id, &event.title);
        if self.held {
            self.later.push(event.clone());
        } else {
            self.place(event);
        }
    }

    /// A reply is being written there, or no longer.
    pub fn mark(&mut self, id: ConversationId, running: bool) {
        self.running.retain(|one| *one != id);
        if running {
            self.running.push(id);
        }
    }

    /// The stream begins anew and tells what runs.
    pub fn forget_marks(&mut self) {
        self.running.clear();
    }

    /// The pointer came over the list, or went away.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
        if !held {
            for event in std::mem::take(&mut self.later) {
                self.place(&event);
            }
        }
    }

    /// The conversations in their order.
    #[must_use]
    pub fn ids(&self) -> Vec<ConversationId> {
        self.rows.iter().map(|row| row.id).collect()
    }

    /// Whether a reply is being written there.
    #[must_use]
    pub fn is_running(&self, id: ConversationId) -> bool {
        self.running.contains(&id)
    }

    /// The title of a row, empty when it has none or is not there.
    #[must_use]
    pub fn title(&self, id: ConversationId) -> &str {
        self.rows
            .iter()
            .find(|row| row.id == id)
            .map_or("", |row| row.title.as_str())
    }

    fn row_mut(&mut self, id: ConversationId) -> Option<&mut Conversation> {
        self.rows.iter_mut().find(|row| row.id == id)
    }

    /// Puts the row where its last use belongs; one that belongs on a page not read yet is left to it.
    fn place(&mut self, event: &ConversationEvent) {
        let known = self.rows.iter().position(|row| row.id == event.id);
        let mut row = match known {
            Some(place) => self.rows.remove(place),
            None => row_of(event),
        };
        row.title.clone_from(&event.title);
        row.rev = event.rev;
        row.updated_at = event.updated_at;
        let place = self
            .rows
            .iter()
            .position(|other| other.updated_at <= row.updated_at);
        match place {
            Some(place) => self.rows.insert(place, row),
            None if known.is_some() || self.next.is_none() => self.rows.push(row),
            None => {}
        }
    }
}

/// All that a list shows of a conversation; the rest is read when it is opened.
fn row_of(event: &ConversationEvent) -> Conversation {
    Conversation {
        id: event.id,
        title: event.title.clone(),
        persona_id: None,
        status: event.status,
        rev: event.rev,
        when_busy: Default::default(),
        created_at: event.updated_at,
        updated_at: event.updated_at,
    }
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::{GenerationId, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn row(id: u128, updated: i64) -> Conversation {
        Conversation {
            id: ConversationId(Uuid::from_u128(id)),
            title: String::new(),
            persona_id: None,
            status: ConversationStatus::Active,
            rev: 0,
            when_busy: Default::default(),
            created_at: Timestamp(0),
            updated_at: Timestamp(updated),
        }
    }

    fn page(rows: &[(u128, i64)], next: Option<&str>) -> ConversationPage {
        let items = rows.iter().map(|&(id, updated)| row(id, updated)).collect();
        ConversationPage {
            items,
            next_cursor: next.map(str::to_owned),
        }
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
            updated_at: Timestamp(updated),
        }
    }

    #[test]
    fn a_change_renames_and_moves_the_row_and_an_older_one_does_nothing() {
        let mut roster = Roster::from(page(&[(3, 30), (2, 20), (1, 10)], None));
        roster.apply(&event(1, 5, 40));
        assert_eq!(ids(&roster), [1, 3, 2]);
        assert_eq!(roster.title(ConversationId(Uuid::from_u128(1))), "title 5");
        roster.apply(&event(1, 4, 5));
        assert_eq!(ids(&roster), [1, 3, 2]);
        assert_eq!(roster.title(ConversationId(Uuid::from_u128(1))), "title 5");
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
        let id = ConversationId(Uuid::from_u128(3));
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
        assert_eq!(roster.title(ConversationId(Uuid::from_u128(2))), "title 1");
        roster.hold(false);
        assert_eq!(ids(&roster), [9, 2, 3]);
    }
}
