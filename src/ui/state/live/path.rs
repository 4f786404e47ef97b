//! The path as a list of turns: where a message goes, what gives way to it, and what comes back.

use parlance_core::domain::{Message, MessageId, Role};

use super::Live;
use crate::state::page::{OpenPage, Turn};

impl Live {
    pub(in crate::state) fn holds(&self, id: MessageId) -> bool {
        self.place_of(id).is_some()
    }

    fn place_of(&self, id: MessageId) -> Option<usize> {
        self.turns.iter().position(|turn| turn.id == Some(id))
    }

    /// The last stored message of the path.
    pub(super) fn head(&self) -> Option<MessageId> {
        self.turns.iter().rev().find_map(|turn| turn.id)
    }

    /// Ends the path at `place`: later turns step aside, those that are still on their way stay.
    fn cut(&mut self, place: usize) {
        let (aside, pending): (Vec<_>, Vec<_>) = self
            .turns
            .split_off(place)
            .into_iter()
            .partition(|turn| turn.id.is_some());
        self.turns.extend(pending);
        if !aside.is_empty() {
            self.aside = aside;
            self.changes.turns = true;
        }
    }

    /// Ends the path at a message, which is answered anew.
    pub(super) fn cut_behind(&mut self, id: MessageId) {
        if let Some(place) = self.place_of(id) {
            self.cut(place + 1);
        }
    }

    /// Puts back what stepped aside for a reply to `parent` that never came. Whether there was any.
    pub(super) fn restore(&mut self, parent: MessageId) -> bool {
        let fits = self
            .aside
            .first()
            .is_some_and(|turn| turn.parent == Some(parent));
        let place = self.place_of(parent).filter(|_| fits);
        if let Some(place) = place {
            self.turns
                .splice(place + 1..place + 1, std::mem::take(&mut self.aside));
            self.changes.turns = true;
        }
        place.is_some()
    }

    /// Whether `parent` has a reply on the path.
    pub(super) fn is_answered(&self, parent: MessageId) -> bool {
        self.turns
            .iter()
            .any(|turn| turn.parent == Some(parent) && turn.id.is_some())
    }

    /// Puts a stored message where it belongs: over its older self, over the sent text that it is, or behind the
    /// message that it answers, where whatever stood there makes room. `false` when that message is not held.
    pub(super) fn store(&mut self, message: Message) -> bool {
        let known = self.place_of(message.id).or_else(|| {
            let mine =
                |turn: &Turn| turn.id.is_none() && turn.content.trim() == message.content.trim();
            self.turns
                .iter()
                .position(mine)
                .filter(|_| message.role == Role::User)
        });
        let Some(place) = known else {
            return self.put(message.into());
        };
        self.changes.turns = true;
        let old = &mut self.turns[place];
        let html = old.html.take().filter(|_| old.content == message.content);
        *old = Turn {
            key: std::mem::take(&mut old.key),
            siblings: std::mem::take(&mut old.siblings),
            html,
            ..Turn::from(message)
        };
        true
    }

    /// A new turn behind its parent. What stood there is its sibling.
    pub(super) fn put(&mut self, mut turn: Turn) -> bool {
        let behind = match turn.parent {
            Some(parent) => self.place_of(parent).map(|place| place + 1),
            None => Some(0),
        };
        let held = behind.is_some();
        // Another beginning has nothing before it.
        self.earlier &= turn.parent.is_some();
        let place = behind.unwrap_or(self.turns.len());
        self.cut(place);
        let beside = self
            .aside
            .first()
            .filter(|other| other.parent == turn.parent);
        if let (Some(other), Some(id)) = (beside, turn.id) {
            turn.siblings.clone_from(&other.siblings);
            if turn.siblings.is_empty() {
                turn.siblings.extend(other.id);
            }
            turn.siblings.push(id);
        }
        self.aside.clear();
        self.turns.insert(place, turn);
        self.changes.turns = true;
        held
    }

    /// Lets the path go on from `parent`, a message before those held: they step aside, and `old` is the one in whose
    /// place something is to be said.
    pub fn go_back_to(&mut self, parent: MessageId, old: Option<Turn>) {
        if self.holds(parent) {
            return;
        }
        self.cut(0);
        if self.aside.first().and_then(|turn| turn.parent) != Some(parent) {
            self.aside = old.into_iter().collect();
        }
        self.earlier = true;
    }

    /// Begins anew from a fresh page. What is still on its way stays, and so does what was read before the page's
    /// beginning: the path to a message never changes.
    pub fn adopt(&mut self, page: &OpenPage) {
        let mut fresh = Self::of_lane(page, self.lane);
        let first = fresh.turns.first().and_then(|turn| turn.id);
        if let Some(place) = first
            .and_then(|id| self.place_of(id))
            .filter(|place| *place > 0)
        {
            fresh.turns.splice(0..0, self.turns.drain(..place));
            fresh.earlier = self.earlier;
        }
        let pending = self.turns.drain(..).filter(|turn| turn.id.is_none());
        fresh.turns.extend(pending);
        fresh.lapse = self.lapse.take().filter(|_| fresh.failure.is_none());
        if let (Some(new), Some(old)) = (&mut fresh.active, &mut self.active)
            && new.g == old.g
        {
            new.keep(old);
        }
        fresh.changes = super::Changes {
            title: true,
            turns: true,
            reply: true,
            text: true,
        };
        *self = fresh;
    }
}
