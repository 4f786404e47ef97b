//! The list of conversations as the sidebar holds it: pages put together and moved on by events, newest use first, each
//! conversation once.

use parlance_core::domain::{ConversationId, ConversationStatus, event::ConversationEvent};

mod row;
#[cfg(test)]
mod tests;

pub use row::{Face, RosterPage, Row};

/// The rows shown and where the next page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    pub rows: Vec<Row>,
    /// Opaque; `None` when everything is shown.
    pub next: Option<String>,
    /// Where a reply is being written.
    running: Vec<ConversationId>,
    /// The pointer is over the list: no row may move from under it.
    held: bool,
    /// What happened meanwhile.
    later: Vec<ConversationEvent>,
}

impl From<RosterPage> for Roster {
    fn from(page: RosterPage) -> Self {
        let running = page.rows.iter().filter(|row| row.running);
        Self {
            running: running.map(|row| row.id).collect(),
            rows: page.rows,
            next: page.next,
            ..Self::default()
        }
    }
}

impl Roster {
    /// Puts a fresh first page on top; rows further down that were read before stay.
    pub fn refresh(&mut self, page: RosterPage) {
        let whole = page.next.is_none();
        let older: Vec<_> = match page.rows.last() {
            Some(last) if !whole => std::mem::take(&mut self.rows)
                .into_iter()
                .filter(|row| {
                    row.updated_at <= last.updated_at
                        && page.rows.iter().all(|new| new.id != row.id)
                })
                .collect(),
            _ => Vec::new(),
        };
        if older.is_empty() {
            self.next = page.next;
        }
        self.rows = page.rows;
        self.rows.extend(older);
        self.later.clear();
    }

    /// Adds the page that follows.
    pub fn append(&mut self, page: RosterPage) {
        self.next = page.next;
        for row in page.rows {
            if self.place_of(row.id).is_none() {
                self.mark(row.id, row.running);
                self.rows.push(row);
            }
        }
    }

    /// Takes a new title without moving the row.
    pub fn rename(&mut self, id: ConversationId, title: &str) {
        if let Some(row) = self.row_mut(id) {
            title.clone_into(&mut row.title);
        }
    }

    /// Takes a change in: title and marks at once, a new place as soon as the pointer is elsewhere.
    pub fn apply(&mut self, event: &ConversationEvent) {
        let (was_running, runs) = (self.is_running(event.id), event.generation_id.is_some());
        let known = self.row_mut(event.id);
        if known.as_ref().is_some_and(|row| row.rev > event.rev) {
            return;
        }
        let mut used = true;
        if let Some(row) = known {
            used = event.updated_at.0 > row.updated_at;
            if !runs && (used || was_running) {
                row.unread = event.head.is_some();
            } else if event.rev > row.rev && row.title == event.title {
                // Nothing about it is new but that it was looked at, in another tab.
                row.unread = false;
            }
            (row.rev, row.updated_at) = (event.rev, event.updated_at.0);
            row.title.clone_from(&event.title);
        }
        self.mark(event.id, runs);
        if event.status != ConversationStatus::Active {
            self.take(event.id);
        } else if used && self.held {
            self.later.push(event.clone());
        } else if used {
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

    /// The person is reading it. Whether there was a mark to take away.
    pub fn see(&mut self, id: ConversationId) -> bool {
        self.row_mut(id)
            .is_some_and(|row| std::mem::take(&mut row.unread))
    }

    /// Takes a row out, and says which one has its place now.
    pub fn take(&mut self, id: ConversationId) -> Option<(Row, Option<ConversationId>)> {
        self.later.retain(|one| one.id != id);
        let place = self.place_of(id)?;
        let row = self.rows.remove(place);
        let next = self.rows.get(place).or(self.rows.last());
        Some((row, next.map(|row| row.id)))
    }

    /// Puts a row back that was taken out, where its last use belongs.
    pub fn put_back(&mut self, row: Row) {
        if self.place_of(row.id).is_none() {
            self.insert(row, true);
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

    /// Whether something was said there that the person has not seen.
    #[must_use]
    pub fn is_unread(&self, id: ConversationId) -> bool {
        self.place_of(id)
            .is_some_and(|place| self.rows[place].unread && !self.is_running(id))
    }

    /// All that is shown of a row.
    #[must_use]
    pub fn face(&self, id: ConversationId) -> Face {
        let Some(place) = self.place_of(id) else {
            return Face::default();
        };
        let row = &self.rows[place];
        let before = place.checked_sub(1).map(|before| &self.rows[before].day);
        Face {
            title: row.title.clone(),
            day: (before != Some(&row.day)).then(|| row.day.clone()),
            running: self.is_running(id),
            unread: self.is_unread(id),
        }
    }

    fn place_of(&self, id: ConversationId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    fn row_mut(&mut self, id: ConversationId) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.id == id)
    }

    /// Puts the row of what was just used where it belongs; one that belongs on a page not read yet is left to it.
    fn place(&mut self, event: &ConversationEvent) {
        match self.place_of(event.id) {
            Some(place) => {
                let mut row = self.rows.remove(place);
                row.day.clear();
                self.insert(row, true);
            }
            None => self.insert(Row::from(event), false),
        }
    }

    fn insert(&mut self, mut row: Row, known: bool) {
        let place = self
            .rows
            .iter()
            .position(|other| other.updated_at <= row.updated_at);
        if place.is_none() && !known && self.next.is_some() {
            return;
        }
        let place = place.unwrap_or(self.rows.len());
        if let Some(newer) = place.checked_sub(1).filter(|_| !known) {
            // A guess that holds within a day, and until the list is read anew.
            row.day.clone_from(&self.rows[newer].day);
        }
        self.rows.insert(place, row);
    }
}
