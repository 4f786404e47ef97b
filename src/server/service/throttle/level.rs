//! How full a measure is that empties at a steady pace: the generic cell rate algorithm (ITU-T I.371), one number each.

use std::time::Duration;

use parlance_core::domain::Timestamp;

use super::{after, later, micros, shelf::Passing, since};
use crate::service::Error;

/// The moment at which it will be empty.
#[derive(Clone, Copy)]
pub(super) struct Level(Timestamp);

impl Default for Level {
    fn default() -> Self {
        Self(Timestamp(i64::MIN))
    }
}

impl Level {
    /// The level with one more in it, of which `most` fit into a `window`; what fits is free at once.
    ///
    /// # Errors
    /// `Later` with the time until one more fits.
    pub(super) fn fill(self, now: Timestamp, most: u32, window: Duration) -> Result<Self, Error> {
        // What lies further ahead than it can get was noted before the clock was set back.
        let ahead = Some(since(now, self.0)).filter(|ahead| *ahead <= window);
        let filled = ahead.unwrap_or_default() + window / most.max(1);
        match filled.checked_sub(window) {
            None | Some(Duration::ZERO) => Ok(Self(after(now, filled))),
            Some(over) => Err(later(over)),
        }
    }

    /// Whether one more would not fit.
    pub(super) fn is_full(self, now: Timestamp, most: u32, window: Duration) -> bool {
        self.fill(now, most, window).is_err()
    }

    /// Takes one out again.
    pub(super) fn give_back(&mut self, most: u32, window: Duration) {
        self.0 = Timestamp(self.0.0.saturating_sub(micros(window / most.max(1))));
    }
}

impl Passing for Level {
    fn means_nothing_after(&self) -> Timestamp {
        self.0
    }
}
