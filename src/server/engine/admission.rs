//! Admission: how many replies are asked of providers at once, and who is next.
//!
//! Every reply holds a ticket from its acceptance to its end. A ticket either has a permit or waits: one line a person,
//! served in turn, so that nobody waits longer because somebody else sends much. Dropping the ticket gives the place or
//! the permit back, whatever ended the holder, a panic included.
//!
//! Must not enter: any await while the lock is held, and anything that can panic.

mod line;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlance_core::domain::{ProblemCode, UserId};
use tokio::sync::watch;

use self::line::Line;
use crate::port::llm::Model;

/// How much at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Answers asked of all providers.
    pub(super) global: usize,
    /// Answers asked of one provider.
    pub(super) per_provider: usize,
    /// Replies for one person.
    pub(super) per_user: usize,
    /// Replies that may wait.
    pub(super) queue: usize,
    /// Replies of one person that may wait.
    pub(super) queue_per_user: usize,
}

/// No place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// When a place may be free; a guess.
    pub(super) retry_after: Duration,
}

/// Cheap handle to the one line.
#[derive(Clone)]
pub(super) struct Admission {
    line: Arc<Mutex<Line>>,
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            line: Arc::new(Mutex::new(Line::new(limits))),
        }
    }

    /// A place for a reply: admitted at once if nothing stands against it.
    ///
    /// # Errors
    /// Too many wait.
    pub(super) fn ask(&self, user: UserId, provider: &str) -> Result<Ticket, Full> {
        let provider: Arc<str> = provider.into();
        let (id, position) = self.line().join(user, &provider)?;
        Ok(Ticket {
            admission: self.clone(),
            id,
            user,
            provider,
            position,
        })
    }

    /// A permit for what can be done without, such as a title: only when one is free beyond what all waiting replies
    /// need. It does not count as one of the person's replies.
    pub(super) fn ask_side(&self, user: UserId, provider: &str) -> Option<Permit> {
        let provider: Arc<str> = provider.into();
        let (id, wanted_back) = self.line().slip_in(user, &provider)?;
        Some(Permit {
            admission: self.clone(),
            id,
            wanted_back,
        })
    }

    /// Replies in the line.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.line().waiting()
    }

    /// Permits in use.
    #[cfg(test)]
    pub(super) fn running(&self) -> usize {
        self.line().running()
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // Every change is complete before anything can panic.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reply's place: in the line, then among those that are being written.
pub(super) struct Ticket {
    admission: Admission,
    id: u64,
    user: UserId,
    provider: Arc<str>,
    position: watch::Receiver<u32>,
}

impl Ticket {
    pub(super) fn is_admitted(&self) -> bool {
        *self.position.borrow() == 0
    }

    /// Waits for the permit. Cancel safe: it belongs to the ticket, not to the waiting.
    pub(super) async fn admitted(&mut self) {
        // An error would mean that the line forgot a ticket that exists.
        let _ = self.position.wait_for(|position| *position == 0).await;
    }

    /// Replies that would be served before it and itself: 0 is admitted, 1 is next. An estimate, since places before
    /// it may be given up and others may stand at a limit of their own.
    pub(super) fn position(&self) -> watch::Receiver<u32> {
        self.position.clone()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.admission
            .line()
            .leave(self.id, self.user, &self.provider);
    }
}

/// A place in the line of replies, taken before a turn is stored, and the model that it is for.
pub(crate) struct Place(pub(super) Ticket, pub(super) Arc<Model>);

impl Place {
    /// Whether the turn has to wait.
    pub(crate) fn is_queued(&self) -> bool {
        !self.0.is_admitted()
    }
}

/// Why nothing can be begun now, and how long that may last.
pub(crate) struct NoPlace {
    pub(crate) code: ProblemCode,
    pub(crate) retry_after: Duration,
}

/// A permit of the lower class.
pub(super) struct Permit {
    admission: Admission,
    id: u64,
    wanted_back: watch::Receiver<bool>,
}

impl Permit {
    /// Waits until a reply needs the permit: give it up.
    pub(super) async fn wanted_back(&mut self) {
        // An error would mean that the line forgot a permit that exists.
        let _ = self.wanted_back.wait_for(|wanted| *wanted).await;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.admission.line().give_back(self.id);
    }
}
