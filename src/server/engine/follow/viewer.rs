//! One viewer's task: waits for a reason to read, reads, hands out events one by one.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use parlance_core::domain::event::Ping;
use parlance_core::domain::{Bye, ByeReason, Event, Problem, ProblemCode, SessionId};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, Sleep, sleep_until},
};

use super::{
    Request, Sent,
    replay::{Place, Read},
};
use crate::{
    engine::{Inner, cluster::Presence, hub::Subscription},
    port::store::StoreError,
};

/// No count of changes: the store is read in any case.
const UNKNOWN: u64 = u64::MAX;
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
    rotate_at: Instant,
    /// The next ping, or the end of the stream if that comes first. One timer for the whole stream: making one for
    /// each wait would cost more than the event.
    alarm: Pin<Box<Sleep>>,
    /// A wake-up that waits until the pace allows it.
    read_at: Option<Instant>,
    /// When text may be sent again.
    pace_until: Instant,
    ended: bool,
    _presence: Presence,
}

/// Why a viewer woke up.
pub(super) enum Reason {
    Read,
    Wake,
    Ping,
    Leave(ByeReason),
}

impl Viewer {
    /// Subscribes, then reads; `None` when the conversation is not the owner's, or the session is not one any more.
    pub(super) async fn join(
        inner: Arc<Inner>,
        request: Request,
    ) -> Result<Option<Self>, StoreError> {
        let revoked = inner.revoked.subscribe();
        let draining = inner.draining.subscribe();
        let subscription = inner.hub.subscribe(request.conversation);
        let stored_seen = subscription.beats.borrow().stored;
        let presence = inner.sessions.enter(request.session);
        let mut outbox = VecDeque::new();
        let Some(place) = Place::join(&inner, &request, &mut outbox).await? else {
            return Ok(None);
        };
        if !request.shared && has_ended(&inner, request.session).await? {
            return Ok(None);
        }
        let now = Instant::now();
        let rotate_at = now + rotation(&inner);
        let ping_at = now + inner.settings.times.stream_heartbeat;
        Ok(Some(Self {
            rotate_at,
            alarm: Box::pin(sleep_until(ping_at.min(rotate_at))),
            request,
            subscription,
            revoked,
            draining,
            place,
            outbox,
            stored_seen,
            read_at: None,
            pace_until: now,
            ended: false,
            _presence: presence,
            inner,
        }))
    }

    /// With `once`: nothing runs, and no message would be sent.
    pub(super) fn has_nothing_left(&self) -> bool {
        let is_text = |sent: &Sent| matches!(sent.event, Event::Message(_));
        self.request.once && !self.outbox.iter().any(is_text) && !self.place.is_live()
    }

    /// The next event; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(mut sent) = self.outbox.pop_front() {
                sent.about = self.request.shared.then_some(self.request.conversation);
                return Some(sent);
            }
            if self.ended || (self.request.once && !self.place.is_live()) {
                return None;
            }
            match self.wait().await {
                Reason::Ping => self.ping(),
                Reason::Leave(reason) => self.leave(reason),
                // Leading edge at once, then no faster than the pace.
                Reason::Wake if self.pace_until > Instant::now() => {
                    self.read_at = Some(self.pace_until);
                }
                Reason::Wake | Reason::Read => self.read().await,
            }
        }
    }

    async fn wait(&mut self) -> Reason {
        let read_at = self.read_at;
        let alone = !self.request.shared;
        tokio::select! {
            biased;
            reason = revoked(&mut self.revoked, self.request.session), if alone => Reason::Leave(reason),
            _ = self.draining.wait_for(|draining| *draining), if alone => Reason::Leave(ByeReason::Drain),
            () = async { sleep_until(read_at.unwrap_or_else(Instant::now)).await }, if read_at.is_some() => Reason::Read,
            _ = self.subscription.beats.changed(), if read_at.is_none() => Reason::Wake,
            () = self.alarm.as_mut(), if alone => Reason::Ping,
        }
    }

    async fn read(&mut self) {
        let stored = self.subscription.beats.borrow_and_update().stored;
        self.read_at = None;
        let before = self.place.seq();
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
        if let Err(error) = self.place.take_frames(&self.inner, &mut self.outbox).await {
            tracing::warn!(%error, "a viewer cannot read the journal");
            self.read_at = Some(Instant::now() + STORE_PAUSE);
        }
        if self.place.seq() != before {
            self.pace_until = Instant::now() + Duration::from_millis(self.request.pace_ms);
        }
    }

    fn ping(&mut self) {
        let now = Instant::now();
        if now >= self.rotate_at {
            return self.leave(ByeReason::Rotate);
        }
        let next = now + self.inner.settings.times.stream_heartbeat;
        self.alarm.as_mut().reset(next.min(self.rotate_at));
        if self.inner.settings.shared {
            // A hint may have been lost.
            self.stored_seen = UNKNOWN;
            self.read_at = Some(now);
        }
        let ping = ping(&self.inner);
        self.push(ping);
    }

    fn leave(&mut self, reason: ByeReason) {
        let bye = farewell(&self.inner, reason);
        self.push(bye);
        self.ended = true;
    }

    fn push(&mut self, event: Event) {
        self.outbox.push_back(Sent {
            about: None,
            id: None,
            event,
        });
    }
}

/// A sign of life.
pub(super) fn ping(inner: &Inner) -> Event {
    Event::Ping(Ping {
        t: inner.clock.now().millis(),
    })
}

/// The last event of a stream, with the time to come back after.
pub(super) fn farewell(inner: &Inner, reason: ByeReason) -> Event {
    // At a drain everybody reconnects: spread out, not at once, and while the drain still lasts.
    let span = if reason == ByeReason::Drain {
        inner.settings.times.drain / 2
    } else {
        Duration::from_secs(2)
    };
    let spread = span.mul_f64(inner.dice()).as_millis();
    Event::Bye(Bye {
        reason,
        retry_ms: 1_000 + u64::try_from(spread).unwrap_or_default(),
    })
}

/// A stream is renewed after this, so that rights are checked again; spread by a fifth to either side, so that streams
/// which began together do not end together.
pub(super) fn rotation(inner: &Inner) -> Duration {
    inner
        .settings
        .times
        .stream_rotate
        .mul_f64(0.8 + inner.dice() * 0.4)
}

/// Whether the session has ended: asked after subscribing to ends, so that none can fall between.
pub(super) async fn has_ended(inner: &Inner, session: SessionId) -> Result<bool, StoreError> {
    let ended = inner
        .store
        .ended_sessions(&[session], inner.clock.now())
        .await?;
    Ok(!ended.is_empty())
}

/// Resolves when `session` ends.
pub(super) async fn revoked(
    sessions: &mut broadcast::Receiver<SessionId>,
    session: SessionId,
) -> ByeReason {
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
