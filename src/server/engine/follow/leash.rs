//! What a stream is held by: its session, the process, its own age, and the heartbeat that shows it alive till then.
//!
//! Must not enter: what is read, and from where.

use std::{pin::Pin, time::Duration};

use parlance_core::domain::event::Ping;
use parlance_core::domain::{Bye, ByeReason, Event, SessionId};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, Sleep, sleep_until},
};

use crate::{
    engine::{Inner, cluster::Presence, hub::Subscription},
    port::store::StoreError,
};

pub(super) struct Leash {
    /// Whether it ends the stream: one that is part of another is ended by that one.
    holds: bool,
    session: SessionId,
    revoked: broadcast::Receiver<SessionId>,
    draining: watch::Receiver<bool>,
    heartbeat: Duration,
    /// The stream is renewed then, so that rights are checked again.
    rotate_at: Instant,
    /// The next heartbeat, or the rotation if that comes first. One timer for the whole stream: making one for each wait
    /// would cost more than the event.
    alarm: Pin<Box<Sleep>>,
    _presence: Presence,
}

/// Why a stream wakes up.
pub(super) enum Reason {
    /// The moment has come that it waited for.
    Read,
    /// There is news.
    Wake,
    Beat,
    Leave(ByeReason),
}

impl Leash {
    /// From now on no end of the session is missed.
    pub(super) fn new(inner: &Inner, session: SessionId) -> Self {
        Self::of(inner, session, true)
    }

    /// Only the heartbeat, of a stream that is part of another.
    pub(super) fn loose(inner: &Inner, session: SessionId) -> Self {
        Self::of(inner, session, false)
    }

    fn of(inner: &Inner, session: SessionId, holds: bool) -> Self {
        let now = Instant::now();
        let times = &inner.settings.times;
        // Spread by a fifth to either side, so that streams which began together do not end together.
        let rotation = times.stream_rotate.mul_f64(0.8 + inner.spread.next() * 0.4);
        let rotate_at = now + rotation;
        let heartbeat = times.stream_heartbeat;
        Self {
            holds,
            session,
            revoked: inner.revoked.subscribe(),
            draining: inner.draining.subscribe(),
            heartbeat,
            rotate_at,
            alarm: Box::pin(sleep_until(rotate_at.min(now + heartbeat))),
            _presence: inner.sessions.enter(session),
        }
    }

    /// Whether the session has ended: asked after subscribing to ends, so that none can fall between.
    pub(super) async fn is_cut(&self, inner: &Inner) -> Result<bool, StoreError> {
        let now = inner.clock.now();
        let ended = inner.store.ended_sessions(&[self.session], now).await?;
        Ok(!ended.is_empty())
    }

    /// Waits for the next reason to do something: one of its own, the moment `read_at`, or news, which can wait for that
    /// moment.
    pub(super) async fn wait(
        &mut self,
        read_at: Option<Instant>,
        news: &mut Subscription,
    ) -> Reason {
        tokio::select! {
            biased;
            reason = revoked(&mut self.revoked, self.session), if self.holds => Reason::Leave(reason),
            () = drained(&mut self.draining), if self.holds => Reason::Leave(ByeReason::Drain),
            () = self.alarm.as_mut() => self.ring(),
            () = async { sleep_until(read_at.unwrap_or_else(Instant::now)).await }, if read_at.is_some() => Reason::Read,
            _ = news.beats.changed(), if read_at.is_none() => Reason::Wake,
        }
    }

    fn ring(&mut self) -> Reason {
        let now = Instant::now();
        if self.holds && now >= self.rotate_at {
            return Reason::Leave(ByeReason::Rotate);
        }
        let mut next = now + self.heartbeat;
        if self.holds {
            next = next.min(self.rotate_at);
        }
        self.alarm.as_mut().reset(next);
        Reason::Beat
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

async fn drained(draining: &mut watch::Receiver<bool>) {
    // An error would mean that the engine is gone, and its streams with it.
    let _ = draining.wait_for(|draining| *draining).await;
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
    let spread = span.mul_f64(inner.spread.next()).as_millis();
    Event::Bye(Bye {
        reason,
        retry_ms: 1_000 + u64::try_from(spread).unwrap_or_default(),
    })
}
