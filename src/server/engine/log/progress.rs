//! How a generation fares: what viewers are told while there is no text.

use std::time::Duration;

use parlance_core::domain::{StatusEvent, event::Fare};

use crate::port::store::GenerationRow;

/// A state, with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Progress {
    pub(in crate::engine) fare: Fare,
    position: Option<u32>,
    attempt: Option<u32>,
    next_in_ms: Option<u64>,
}

impl Progress {
    /// A state without details.
    pub(in crate::engine) fn of(fare: Fare) -> Self {
        Self {
            fare,
            position: None,
            attempt: None,
            next_in_ms: None,
        }
    }

    /// In the line; 1 is next.
    pub(in crate::engine) fn queued(position: u32) -> Self {
        Self {
            position: Some(position),
            ..Self::of(Fare::Queued)
        }
    }

    /// `attempt` begins after `pause`.
    pub(in crate::engine) fn retrying(attempt: u32, pause: Duration) -> Self {
        Self {
            attempt: Some(attempt),
            next_in_ms: u64::try_from(pause.as_millis()).ok(),
            ..Self::of(Fare::Retrying)
        }
    }

    /// What another instance told.
    pub(in crate::engine) fn told(event: StatusEvent) -> Self {
        Self {
            fare: event.status,
            position: event.position,
            attempt: event.attempt,
            next_in_ms: event.next_in_ms,
        }
    }

    /// Whether no text can have been written yet.
    pub(in crate::engine) fn is_before_text(self) -> bool {
        matches!(self.fare, Fare::Queued | Fare::Starting | Fare::Retrying)
    }

    /// Whether it can be seen by itself, by the text that comes.
    pub(in crate::engine) fn is_seen(self) -> bool {
        self.fare == Fare::Streaming
    }

    /// Whether it changes with every reply that ends.
    pub(in crate::engine) fn is_restless(self) -> bool {
        self.fare == Fare::Queued
    }

    /// As the wire has it.
    pub(in crate::engine) fn event(self, row: &GenerationRow) -> StatusEvent {
        StatusEvent {
            generation_id: row.id,
            lane: row.lane,
            status: self.fare,
            position: self.position,
            attempt: self.attempt,
            next_in_ms: self.next_in_ms,
        }
    }
}
