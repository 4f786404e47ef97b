//! Which turns of a long conversation stand in the page: a stretch of bounded size, at the end or anywhere else.
//!
//! The reducer (`state::live`) holds the end of the path and goes on doing so whatever is read. In front of that lies
//! what was fetched while reading back, which joins the reducer's turns or stands apart from them with a gap between.
//! The window is a range of both, bounded by messages and not by numbers, so that it stays where it is when either of
//! them changes. Must not enter: positions in pixels (they are `browser::scroll`'s), fetching (`chat::window`).

use parlance_core::domain::MessageId;
use serde::{Deserialize, Serialize};

use super::page::Turn;

mod room;
#[cfg(test)]
mod tests;

/// Turns that one step brings to either side.
pub const STEP: usize = 12;
/// Turns beyond the window that are kept for the way back; more are fetched again.
const SPARE: usize = 24;

/// A stretch of a path as the server sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Oldest first.
    pub turns: Vec<Turn>,
    /// Whether the path has messages before and after these.
    pub earlier: bool,
    pub later: bool,
    /// The message that it was asked for.
    #[serde(default)]
    pub message: Option<MessageId>,
    /// It is not of the path that is read.
    #[serde(default)]
    pub astray: bool,
}

/// A side of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Side {
    Above,
    Below,
}

/// What lies beyond an edge of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The path ends here.
    End,
    /// Turns that are at hand.
    Held,
    /// Turns that the server has, beyond this one.
    Away(MessageId),
}

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub turns: Vec<Turn>,
    pub earlier: bool,
    pub later: bool,
}

/// The end of the path as the reducer holds it.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    pub turns: &'a [Turn],
    /// Whether the path has messages before them.
    pub earlier: bool,
}

/// The window. New: the end of the path.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Fetched turns in front of the reducer's, oldest first; never any of those.
    apart: Vec<Turn>,
    /// Whether the path has messages before `apart`.
    earlier: bool,
    /// The first turn of the window; `None`: as many as there is room for.
    first: Option<MessageId>,
    /// The last one; `None`: the end, whatever comes.
    last: Option<MessageId>,
}

impl Window {
    /// The window at this moment.
    #[must_use]
    pub fn shown(&self, held: Held<'_>) -> Shown {
        let all = self.all(held);
        let (from, to) = self.range(&all);
        Shown {
            earlier: from > 0 || self.has_earlier(held),
            later: to < all.len() || !self.joins(held),
            turns: all[from..to].iter().map(|turn| (*turn).clone()).collect(),
        }
    }

    /// What lies beyond this side.
    #[must_use]
    pub fn edge(&self, side: Side, held: Held<'_>) -> Edge {
        let all = self.all(held);
        let (from, to) = self.range(&all);
        let (inside, first) = match side {
            Side::Above => (from == 0, all.first()),
            Side::Below => (to == all.len(), all.last()),
        };
        let more = match side {
            Side::Above => self.has_earlier(held),
            Side::Below => !self.joins(held),
        };
        match first.and_then(|turn| turn.id) {
            _ if !inside => Edge::Held,
            Some(id) if more => Edge::Away(id),
            _ => Edge::End,
        }
    }

    /// Back to the end of the path.
    pub fn to_end(&mut self) {
        *self = Self::default();
    }

    /// Keeps the window where it begins and follows the end again, if that leaves no gap; else goes there.
    pub fn to_last(&mut self, held: Held<'_>) {
        if self.joins(held) {
            (self.first, self.last) = (None, None);
        } else {
            self.to_end();
        }
    }

    /// The fetched message behind `parent`: `None` when neither is here.
    #[must_use]
    pub fn behind(&self, parent: MessageId) -> Option<&Turn> {
        self.apart.iter().find(|turn| turn.parent == Some(parent))
    }

    /// The reducer's turns changed: what is in them is no longer apart. Who follows the end goes with it to another
    /// path.
    pub fn settle(&mut self, held: Held<'_>) {
        self.part(held);
        if self.last.is_none() && !self.joins(held) {
            self.to_end();
        }
    }

    fn part(&mut self, held: Held<'_>) {
        let (Some(first), Some(last)) = (held.turns.first(), self.apart.last()) else {
            return;
        };
        let place = |id: Option<MessageId>| {
            let mut apart = self.apart.iter();
            id.and_then(|id| apart.position(|turn| turn.id == Some(id)))
        };
        let inside =
            |turn: &Turn| turn.id.is_some() && held.turns.iter().any(|other| other.id == turn.id);
        if let Some(at) = place(first.id) {
            self.apart.truncate(at);
        } else if let Some(at) = place(first.parent) {
            self.apart.truncate(at + 1);
        } else if inside(last) {
            // It begins later than what the reducer holds, or elsewhere and leads into it: no more is to be said.
            self.apart.clear();
        }
    }

    /// Moves an edge outwards, by what is at hand or by what was fetched, and gives up as much on the other side as the
    /// window is too large, but not more than `spare` turns: those that are far out of sight.
    pub fn step(&mut self, side: Side, fetched: Option<Stretch>, held: Held<'_>, spare: usize) {
        if let Some(stretch) = fetched {
            self.extend(side, stretch, held);
        }
        let all = self.all(held);
        let (mut from, mut to) = self.range(&all);
        match side {
            Side::Above => {
                from = from.saturating_sub(STEP);
                to -= room::excess_behind(&all[from..to]).min(spare);
            }
            Side::Below => {
                to = all.len().min(to + STEP);
                from += room::excess_before(&all[from..to]).min(spare);
            }
        }
        let ends = to == all.len() && self.joins(held);
        let first = all.get(from).and_then(|turn| turn.id);
        let last = to.checked_sub(1).and_then(|last| all[last].id);
        (self.first, self.last) = (first, last.filter(|_| !ends));
        self.forget(from, to);
    }

    /// Brings a message into the window, if it is at hand.
    pub fn reach(&mut self, id: MessageId, held: Held<'_>) -> bool {
        let all = self.all(held);
        let Some(at) = all.iter().position(|turn| turn.id == Some(id)) else {
            return false;
        };
        let (from, to) = self.range(&all);
        if !(from..to).contains(&at) {
            (self.first, self.last) = self.beside(at, &all, held);
        }
        true
    }

    /// The bounds of a window around the turn at `at`.
    fn beside(
        &self,
        at: usize,
        all: &[&Turn],
        held: Held<'_>,
    ) -> (Option<MessageId>, Option<MessageId>) {
        let to = all.len().min(at + STEP);
        let to = to - room::excess_behind(&all[at..to]);
        let from = at.saturating_sub(STEP);
        let from = from + room::excess_before(&all[from..to]);
        let ends = to == all.len() && self.joins(held);
        (all[from.min(at)].id, all[to - 1].id.filter(|_| !ends))
    }

    /// Goes where a message was fetched with those around it.
    pub fn go(&mut self, stretch: Stretch, held: Held<'_>) {
        *self = Self {
            apart: stretch.turns,
            earlier: stretch.earlier,
            ..Self::default()
        };
        let fetched = self.apart.clone();
        self.part(held);
        if stretch.message.is_some_and(|id| !self.has(id, held)) {
            // It is on a path that the reducer does not know yet.
            self.apart = fetched;
        }
        let all = self.all(held);
        let place = |id| all.iter().position(|turn| turn.id == Some(id));
        if let Some(at) = stretch.message.and_then(place) {
            (self.first, self.last) = self.beside(at, &all, held);
        }
    }

    fn has(&self, id: MessageId, held: Held<'_>) -> bool {
        self.all(held).iter().any(|turn| turn.id == Some(id))
    }

    fn extend(&mut self, side: Side, stretch: Stretch, held: Held<'_>) {
        let own = |turn: Option<&Turn>| turn.and_then(|turn| turn.id);
        let first = self.apart.first().or(held.turns.first());
        match side {
            Side::Above => {
                let before = first.and_then(|turn| turn.parent);
                if before.is_none() || before != own(stretch.turns.last()) {
                    return;
                }
                let (from, to) = (own(stretch.turns.first()), self.last);
                self.apart.splice(0..0, stretch.turns);
                self.earlier = stretch.earlier;
                (self.first, self.last) = (from, to);
            }
            Side::Below => {
                let behind = own(self.apart.last());
                let next = stretch.turns.first().and_then(|turn| turn.parent);
                if behind.is_none() || behind != next {
                    return;
                }
                let kept = (self.first, own(stretch.turns.last()));
                self.apart.extend(stretch.turns);
                (self.first, self.last) = kept;
                self.part(held);
            }
        }
    }

    /// Lets go of what is far from the window.
    fn forget(&mut self, from: usize, to: usize) {
        let end = to + SPARE;
        if end < self.apart.len() {
            self.apart.truncate(end);
        }
        let begin = from.saturating_sub(SPARE).min(self.apart.len());
        if begin > 0 {
            self.apart.drain(..begin);
            self.earlier = true;
        }
        if self.apart.is_empty() {
            self.earlier = false;
        }
    }

    fn has_earlier(&self, held: Held<'_>) -> bool {
        if self.apart.is_empty() {
            held.earlier
        } else {
            self.earlier
        }
    }

    /// Whether nothing lies between what was fetched and what the reducer holds.
    fn joins(&self, held: Held<'_>) -> bool {
        let (Some(last), Some(first)) = (self.apart.last(), held.turns.first()) else {
            return true;
        };
        last.id.is_some() && first.parent == last.id
    }

    fn all<'a>(&'a self, held: Held<'a>) -> Vec<&'a Turn> {
        let behind = if self.joins(held) { held.turns } else { &[] };
        self.apart.iter().chain(behind).collect()
    }

    fn range(&self, all: &[&Turn]) -> (usize, usize) {
        let place = |id: Option<MessageId>| {
            id.and_then(|id| all.iter().position(|turn| turn.id == Some(id)))
        };
        let to = place(self.last).map_or(all.len(), |last| last + 1);
        let from = place(self.first).filter(|first| *first < to);
        (from.unwrap_or_else(|| room::excess_before(&all[..to])), to)
    }
}
