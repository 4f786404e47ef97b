//! Replies that are compared: the thread is about the first of them, and each other one has a thread of its own, with its
//! own text and its own end.
//!
//! The stream is one. What it brings goes to the thread that it tells of; how far it has been followed is known to the
//! first alone, for all of them. Must not enter: what is read from the server (`adopt` gets it), markup.

use leptos::{prelude::*, reactive::owner::WeakOwner};
use parlance_core::domain::{
    Accepted, Event, GenerationId, Lane, MessageEvent, MessageId, lane::FIRST,
};

use super::{Live, Outcome, Thread};
use crate::state::page::{Beside, Compared, Turn};

/// Replies that are compared.
#[derive(Clone)]
pub struct Comparison {
    /// The message that all of them answer; `None`: nothing is compared.
    pub message: Option<MessageId>,
    /// In their order, the thread's own first; none until they are known.
    pub columns: Vec<Column>,
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
            message: None,
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
        let beside = || self.comparison.with(|all| all.others().find_map(id));
        id(self).or_else(beside)
    }

    /// The message whose replies are compared. Tracked.
    #[must_use]
    pub fn compared(&self) -> Option<MessageId> {
        self.comparison.with(|all| all.message)
    }

    /// The one whose reply the conversation goes on with if nothing else is said: the first that has one, once all of
    /// them have ended. Tracked.
    #[must_use]
    pub fn ahead(&self) -> Option<Column> {
        let compared = self.compared().filter(|_| self.running().is_none());
        let is_reply = |turn: &Turn| turn.parent == compared && turn.id.is_some();
        let replied = |column: &&Column| {
            let turns = column.thread.turns;
            compared.is_some() && turns.with(|turns| turns.iter().any(is_reply))
        };
        let find = |all: &Comparison| all.columns.iter().find(replied).cloned();
        self.comparison.with(find)
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
        let others = self.comparison.try_with_untracked(others);
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
        let Some(known) = self.comparison.try_get_untracked() else {
            return Vec::new();
        };
        let (model, pages) = told.map_or_else(Default::default, |told| (told.model, told.beside));
        if known.message == message && known.others().count() == pages.len() {
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
        self.comparison.try_set(Comparison {
            message,
            columns: own.into_iter().chain(others).collect(),
            owner: known.owner,
        });
        pages
    }

    /// The server took a message in: what was compared before is compared no longer. What is from now on comes with the
    /// next page, which the stream asks for.
    pub(super) fn compare_from(&self, accepted: &Accepted) {
        let message = (!accepted.beside.is_empty()).then_some(accepted.message_id);
        let is_news = |all: &Comparison| all.message != message;
        if self.comparison.try_with_untracked(is_news) == Some(true) {
            self.comparison.try_update(|all| {
                all.message = message;
                all.columns.clear();
            });
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
