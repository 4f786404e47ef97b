//! One viewer's task: waits for a reason to read, reads, hands out events one by one.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parlance_core::domain::{ByeReason, Event, Problem, ProblemCode};
use tokio::time::Instant;

use super::{
    Request, Sent,
    leash::{Leash, Reason, farewell, ping},
    replay::{Place, Read},
};
use crate::{
    engine::{Inner, hub::Subscription},
    port::store::StoreError,
};

/// No count of changes: the store is read in any case.
const UNKNOWN: u64 = u64::MAX;
/// When the store cannot be read, ask again after this.
const STORE_PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Viewer {
    inner: Arc<Inner>,
    request: Request,
    leash: Leash,
    subscription: Subscription,
    place: Place,
    outbox: VecDeque<Sent>,
    /// `Beat::stored` that the store was last read for.
    stored_seen: u64,
    /// A wake-up that waits until the pace allows it.
    read_at: Option<Instant>,
    /// When text may be sent again.
    pace_until: Instant,
    ended: bool,
}

impl Viewer {
    /// Subscribes, then reads; `None` when the conversation is not the owner's, or the session is not one any more.
    pub(super) async fn join(
        inner: Arc<Inner>,
        request: Request,
    ) -> Result<Option<Self>, StoreError> {
        let leash = if request.shared {
            Leash::loose(&inner, request.session)
        } else {
            Leash::new(&inner, request.session)
        };
        let subscription = inner.hub.subscribe(request.conversation);
        let stored_seen = subscription.beats.borrow().stored;
        let mut outbox = VecDeque::new();
        let Some(place) = Place::join(&inner, &request, &mut outbox).await? else {
            return Ok(None);
        };
        if !request.shared && leash.is_cut(&inner).await? {
            return Ok(None);
        }
        Ok(Some(Self {
            request,
            leash,
            subscription,
            place,
            outbox,
            stored_seen,
            read_at: None,
            pace_until: Instant::now(),
            ended: false,
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
                if self.outbox.is_empty() {
                    // The events of the beginning took kilobytes; the stream lasts longer.
                    self.outbox = VecDeque::new();
                }
                return Some(sent);
            }
            if self.ended || (self.request.once && !self.place.is_live()) {
                return None;
            }
            let news = &mut self.subscription;
            match self.leash.wait(self.read_at, news).await {
                Reason::Beat => self.beat(),
                Reason::Leave(reason) => self.leave(reason),
                // Leading edge at once, then no faster than the pace.
                Reason::Wake if self.pace_until > Instant::now() => {
                    self.read_at = Some(self.pace_until);
                }
                Reason::Wake | Reason::Read => self.read().await,
            }
        }
    }

    async fn read(&mut self) {
        let stored = self.subscription.beats.borrow_and_update().stored;
        self.read_at = None;
        let before = self.place.text_seen();
        if stored != self.stored_seen {
            // In a box: otherwise every stream has room for it all the time, three quarters of its size.
            let catching_up = self
                .place
                .catch_up(&self.inner, &self.request, &mut self.outbox);
            match Box::pin(catching_up).await {
                Ok(Read::Done) => self.stored_seen = stored,
                Ok(Read::Gone) => return self.leave(ByeReason::Gone),
                Ok(Read::TooMuch) => return self.leave(ByeReason::Rotate),
                Err(error) => {
                    tracing::warn!(%error, "a viewer cannot read the store");
                    let problem = Problem::new(ProblemCode::StorageUnavailable);
                    self.outbox.push_back(Sent::of(Event::Error(problem)));
                    self.read_at = Some(Instant::now() + STORE_PAUSE);
                }
            }
        }
        if let Err(error) = self.place.take_frames(&self.inner, &mut self.outbox).await {
            tracing::warn!(%error, "a viewer cannot read the journal");
            self.read_at = Some(Instant::now() + STORE_PAUSE);
        }
        if self.place.text_seen() != before {
            self.pace_until = Instant::now() + Duration::from_millis(self.request.pace_ms);
        }
    }

    fn beat(&mut self) {
        if self.inner.settings.shared {
            // A hint may have been lost.
            self.stored_seen = UNKNOWN;
            self.read_at = Some(Instant::now());
        }
        if !self.request.shared {
            let ping = ping(&self.inner);
            self.outbox.push_back(Sent::of(ping));
        }
    }

    fn leave(&mut self, reason: ByeReason) {
        let bye = farewell(&self.inner, reason);
        self.outbox.push_back(Sent::of(bye));
        self.ended = true;
    }
}
