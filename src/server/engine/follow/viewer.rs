//! One viewer's task: waits for a reason to read, reads, hands out events one by one.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parlance_core::domain::event::Ping;
use parlance_core::domain::{Bye, ByeReason, Event, Problem, ProblemCode, SessionId};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, sleep_until},
};

use super::{
    HEARTBEAT_MS, Request, Sent,
    replay::{Place, Read},
};
use crate::{
    engine::{Inner, hub::Subscription},
    port::store::StoreError,
};

/// A stream is renewed after ten minutes, give or take a fifth, so that rights are checked again and
/// streams that began together do not end together.
const ROTATE: Duration = Duration::from_secs(600);
/// When the store cannot be read, ask again after this.
const STORE_PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Viewer {
    inner: Arc<Inner>,
    request: Request,
    subscription: Subscription,
    revoked: broadcast::Receiver<SessionId>,
    draining: watch::Receiver<bool>,
    place: Place,
    outbox: VecDeque<Sent>,
    /// `Beat::stored` that the store was last read for.
    stored_seen: u64,
    next_ping: Instant,
    rotate_at: Instant,
    /// A wake-up that waits until the pace allows it.
    read_at: Option<Instant>,
    last_read: Instant,
    ended: bool,
}

/// Why the viewer woke up.
enum Reason {
    Read,
    Wake,
    Ping,
    Leave(ByeReason),
}

impl Viewer {
    /// Subscribes, then reads; `None` when the conversation is not the owner's.
    pub(super) async fn join(
        inner: Arc<Inner>,
        request: Request,
    ) -> Result<Option<Self>, StoreError> {
        let revoked = inner.revoked.subscribe();
        let draining = inner.draining.subscribe();
        let subscription = inner.hub.subscribe(request.conversation);
        let stored_seen = subscription.beats.borrow().stored;
        let mut outbox = VecDeque::new();
        let Some(place) = Place::join(&inner, &request, &mut outbox).await? else {
            return Ok(None);
        };
        let now = Instant::now();
        Ok(Some(Self {
            rotate_at: now + spread(ROTATE, inner.clock.new_id().as_u128()),
            inner,
            request,
            subscription,
            revoked,
            draining,
            place,
            outbox,
            stored_seen,
            next_ping: now + Duration::from_millis(HEARTBEAT_MS),
            read_at: None,
            last_read: now,
            ended: false,
        }))
    }

    /// With `once`: nothing runs, and only the greeting would be sent.
    pub(super) fn has_nothing_left(&self) -> bool {
        self.request.once && self.outbox.len() <= 1 && !self.place.is_live()
    }

    /// The next event; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(sent) = self.outbox.pop_front() {
                return Some(sent);
            }
            if self.ended || (self.request.once && !self.place.is_live()) {
                return None;
            }
            match self.wait().await {
                Reason::Ping => self.ping(),
                Reason::Leave(reason) => self.leave(reason),
                Reason::Wake => {
                    // Leading edge at once, then no faster than the pace.
                    self.read_at =
                        Some(self.last_read + Duration::from_millis(self.request.pace_ms));
                }
                Reason::Read => self.read().await,
            }
        }
    }

    async fn wait(&mut self) -> Reason {
        let read_at = self.read_at;
        tokio::select! {
            biased;
            reason = revoked(&mut self.revoked, self.request.session) => Reason::Leave(reason),
            _ = self.draining.wait_for(|draining| *draining) => Reason::Leave(ByeReason::Drain),
            () = sleep_until(self.rotate_at) => Reason::Leave(ByeReason::Rotate),
            () = async { sleep_until(read_at.unwrap_or_else(Instant::now)).await }, if read_at.is_some() => Reason::Read,
            _ = self.subscription.beats.changed(), if read_at.is_none() => Reason::Wake,
            () = sleep_until(self.next_ping) => Reason::Ping,
        }
    }

    async fn read(&mut self) {
        let stored = self.subscription.beats.borrow_and_update().stored;
        self.read_at = None;
        self.last_read = Instant::now();
        if stored != self.stored_seen {
            match self
                .place
                .catch_up(&self.inner, &self.request, &mut self.outbox)
                .await
            {
                Ok(Read::Done) => self.stored_seen = stored,
                Ok(Read::Gone) => return self.leave(ByeReason::Gone),
                Ok(Read::TooMuch) => return self.leave(ByeReason::Rotate),
                Err(error) => {
                    tracing::warn!(%error, "a viewer cannot read the store");
                    let problem = Problem::new(ProblemCode::StorageUnavailable);
                    self.push(Event::Error(problem));
                    self.read_at = Some(Instant::now() + STORE_PAUSE);
                }
            }
        }
        self.place.take_frames(&self.inner, &mut self.outbox);
    }

    fn ping(&mut self) {
        self.next_ping = Instant::now() + Duration::from_millis(HEARTBEAT_MS);
        self.push(Event::Ping(Ping {
            t: self.inner.clock.now().millis(),
        }));
    }

    fn leave(&mut self, reason: ByeReason) {
        let seed = self.inner.clock.new_id().as_u128();
        let retry = match reason {
            // Everybody reconnects: over ten seconds, not at once.
            ByeReason::Drain => 1_000 + (seed % 9_000) as u64,
            _ => 1_000 + (seed % 2_000) as u64,
        };
        self.push(Event::Bye(Bye {
            reason,
            retry_ms: retry,
        }));
        self.ended = true;
    }

    fn push(&mut self, event: Event) {
        self.outbox.push_back(Sent { id: None, event });
    }
}

/// Resolves when `session` ends.
async fn revoked(sessions: &mut broadcast::Receiver<SessionId>, session: SessionId) -> ByeReason {
    loop {
        match sessions.recv().await {
            Ok(ended) if ended == session => return ByeReason::Revoked,
            Ok(_) => {}
            // Too many ended at once to know: leave, and be checked when coming back.
            Err(broadcast::error::RecvError::Lagged(_)) => return ByeReason::Rotate,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// `middle` give or take a fifth, by the low bits of `seed`.
fn spread(middle: Duration, seed: u128) -> Duration {
    middle * 4 / 5 + middle * ((seed % 1_000) as u32) / 2_500
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_is_spread_by_a_fifth_to_either_side() {
        assert_eq!(spread(ROTATE, 0), Duration::from_secs(480));
        assert!(spread(ROTATE, 999) <= Duration::from_secs(720));
    }
}
