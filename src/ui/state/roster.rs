//! The list of conversations as the sidebar holds it: pages put together, newest use first, each conversation once.

use parlance_core::domain::{Conversation, ConversationId, ConversationPage};

/// The rows shown and where the next page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    pub rows: Vec<Conversation>,
    /// Opaque; `None` when everything is shown.
    pub next: Option<String>,
}

impl From<ConversationPage> for Roster {
    fn from(page: ConversationPage) -> Self {
        Self {
            rows: page.items,
            next: page.next_cursor,
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
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            title.clone_into(&mut row.title);
        }
    }
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::{ConversationStatus, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn row(id: u128, updated: i64) -> Conversation {
        Conversation {
            id: ConversationId(Uuid::from_u128(id)),
            title: String::new(),
            persona_id: None,
            status: ConversationStatus::Active,
            rev: 0,
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
}
