//! Replies that are compared: the thread is about the first of them, and each other one has a thread of its own, with its
//! own text and its own end.
//!
//! The stream is one. What it brings goes to the thread that it tells of; how far it has been followed is known to the
//! first alone, for all of them. Must not enter: what is read from the server (`adopt` gets it), markup.

use leptos::{prelude::*, reactive::owner::WeakOwner};
use parlance_core::domain::{Accepted, Event, GenerationId, Lane, MessageEvent, lane::FIRST};

use super::{Live, Outcome, Thread};
use crate::state::page::{Beside, Compared, Turn};

/// Replies that are compared, as far as they are known. Who has set them sets `Thread::compared`, too, which wakes whoever
/// looks here: a signal of their own would weigh more.
#[derive(Clone)]
pub(super) struct Comparison {
    /// In their order, the thread's own first.
    columns: Vec<Column>,
    /// Of the page: what is begun later lives as long.
    owner: Option<WeakOwner>,
}

/// One of the replies.
#[derive(Clone)]
pub struct Column {
    pub thread: Thread,
    /// Name of the model that was asked.
    pub model: String,
}

impl Default for Comparison {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            owner: Owner::current().map(|owner| owner.downgrade()),
        }
    }
}

impl Comparison {
    /// The threads beside the first.
    fn others(&self) -> impl Iterator<Item = &Thread> {
        self.columns.iter().skip(1).map(|column| &column.thread)
    }
}

impl Thread {
    /// A reply that is being written, here or beside. Tracked.
    #[must_use]
    pub fn running(&self) -> Option<GenerationId> {
        let id = |thread: &Self| {
            let reply = thread.reply;
            reply.with(|reply| reply.as_ref().map(|reply| reply.generation_id))
        };
        self.compared.track();
        let beside = |all: &Comparison| all.others().find_map(id);
        id(self).or_else(|| self.comparison.try_with_value(beside).flatten())
    }

    /// The replies that are compared, in their order, this thread's own first; none until they are known. Tracked.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        self.compared.track();
        let columns = self.comparison.try_with_value(|all| all.columns.clone());
        columns.unwrap_or_default()
    }

    /// The one whose reply the conversation goes on with if nothing else is said: the first that has one, once all of
    /// them have ended. Tracked.
    #[must_use]
    pub fn ahead(&self) -> Option<Column> {
        let compared = self.compared.get().filter(|_| self.running().is_none())?;
        let is_reply = |turn: &Turn| turn.parent == Some(compared) && turn.id.is_some();
        let mut columns = self.columns().into_iter();
        columns.find(|column| column.thread.turns.with(|turns| turns.iter().any(is_reply)))
    }

    /// The stored turn of this key, here or beside.
    #[must_use]
    pub fn turn(&self, key: &str) -> Option<Turn> {
        let find = |turns: &Vec<Turn>| turns.iter().find(|turn| turn.key == key).cloned();
        let here = self.turns.try_with_untracked(find).flatten();
        here.or_else(|| self.others().find_map(|other| other.turn(key)))
    }

    /// Collected first: what is done with them may wake whoever looks here.
    pub(super) fn others(&self) -> impl Iterator<Item = Self> + use<> {
        let others = |all: &Comparison| all.others().copied().collect::<Vec<_>>();
        let others = self.comparison.try_with_value(others);
        others.unwrap_or_default().into_iter()
    }

    /// An event that tells of another reply than the first.
    pub(super) fn apply_beside(&self, lane: Lane, event: Event, id: &str) -> Option<Outcome> {
        let place = usize::from(lane - FIRST).checked_sub(1)?;
        let Some(other) = self.others().nth(place) else {
            return Some(Outcome::Refetch);
        };
        let outcome = other.live.try_update_value(|live| live.apply(event, id))?;
        if matches!(outcome, Outcome::Applied | Outcome::Mismatch) {
            self.live.try_update_value(|live| live.come_to(id));
        }
        Some(outcome)
    }

    /// Takes in what a page says of comparing (`OpenPage::compared`). Replies that are known go on where they are.
    /// Answers the pages of the others.
    pub fn compare(&self, told: &str) -> Vec<Beside> {
        let told = serde_json::from_str::<Compared>(told).ok();
        let message = told.as_ref().map(|told| told.message);
        self.live.try_update_value(|live| live.compared = message);
        let Some(known) = self.comparison.try_get_value() else {
            return Vec::new();
        };
        let (model, pages) = told.map_or_else(Default::default, |told| (told.model, told.beside));
        if self.compared.try_get_untracked() == Some(message)
            && known.others().count() == pages.len()
        {
            for (other, beside) in known.others().zip(&pages) {
                other.adopt(&beside.page);
            }
            return pages;
        }
        let others = || {
            let others = pages.iter().map(|beside| Column {
                thread: Self::of(&beside.page, Live::of_lane(&beside.page, beside.lane)),
                model: beside.model.clone(),
            });
            others.collect::<Vec<_>>()
        };
        let others = match known.owner.as_ref().and_then(WeakOwner::upgrade) {
            Some(owner) => owner.with(others),
            None => others(),
        };
        let own = Column {
            thread: *self,
            model,
        };
        let own = message.map(|_| own);
        self.comparison.try_set_value(Comparison {
            columns: own.into_iter().chain(others).collect(),
            owner: known.owner,
        });
        self.compared.try_set(message);
        pages
    }

    /// The server took a message in: what was compared before is compared no longer. What is from now on comes with the
    /// next page, which the stream asks for.
    pub(super) fn compare_from(&self, accepted: &Accepted) {
        let message = (!accepted.beside.is_empty()).then_some(accepted.message_id);
        if self.compared.try_get_untracked() != Some(message) {
            self.comparison.try_update_value(|all| all.columns.clear());
            self.compared.try_set(message);
        }
    }
}

/// Which of the replies an event tells of.
pub(super) fn lane_of(event: &Event) -> Lane {
    match event {
        Event::Message(
            MessageEvent::Snapshot { lane, .. }
            | MessageEvent::Delta { lane, .. }
            | MessageEvent::Final { lane, .. },
        ) => *lane,
        Event::Status(status) => status.lane,
        _ => FIRST,
    }
}
