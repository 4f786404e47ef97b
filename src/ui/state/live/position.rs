//! How far the stream has been followed. One position tells of every lane; each reducer reads its own part of it.

use parlance_core::domain::{Cursor, Hello, Lane, Position, Resume, limits};

use super::{Lapse, Live, Outcome};

impl Live {
    /// The position to come back with.
    #[must_use]
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What comes with `id` is held from now on, here or beside.
    pub(in crate::state) fn come_to(&mut self, id: &str) {
        if id.parse::<Position>().is_ok() {
            id.clone_into(&mut self.cursor);
        }
    }

    pub(super) fn greet(&mut self, hello: &Hello) -> Outcome {
        let held = seen(&self.cursor, self.lane).map_or(0, |cursor| cursor.rev);
        let too_far = hello.rev.saturating_sub(held) > limits::CHANGES as u64;
        match hello.resume {
            Resume::Reset => {
                self.lapse = Some(Lapse::Reset);
                self.changes.reply = true;
                Outcome::Refetch
            }
            Resume::Snapshot if too_far => Outcome::Refetch,
            Resume::Snapshot | Resume::Exact => Outcome::Ignored,
        }
    }
}

/// How far a position has come in a lane.
pub(super) fn seen(position: &str, lane: Lane) -> Option<Cursor> {
    position.parse::<Position>().ok()?.of(lane)
}
