//! The viewer of an account: one event for each of its conversations that changed, and the signs of life and the goodbye
//! of the whole stream.
//!
//! Pull, like everything else: on a wake-up it asks which conversations changed lately and tells those whose rev it has
//! not told yet. "Lately" reaches back further than any transaction lasts, so the order of commits does not matter.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures::stream::{self, StreamExt};
use parlance_core::domain::{
    ByeReason, ConversationId, Event, Hello, Problem, ProblemCode, Resume, SessionId, Timestamp,
    UserId, event::ConversationEvent,
};
use tokio::time::Instant;

use super::{
    Following, Sent,
    leash::{Leash, Reason, farewell, ping},
    replay::heartbeat_ms,
};
use crate::{
    engine::{Inner, hub::Subscription},
    port::store::{Change, StoreError},
};

/// Longer than transactions last and clocks of instances differ. Microseconds.
const OVERLAP: i64 = 60_000_000;
/// Conversations told in one read; whoever was away for more reads the list anew.
const MOST: u32 = 100;
/// Between two reads.
const PACE: Duration = Duration::from_millis(100);

pub(super) struct Account {
    inner: Arc<Inner>,
    owner: UserId,
    leash: Leash,
    subscription: Subscription,
    outbox: VecDeque<Sent>,
    /// The rev last told of each conversation that changed lately.
    told: HashMap<ConversationId, u64>,
    read_up_to: Timestamp,
    read_at: Option<Instant>,
    last_read: Instant,
    ended: bool,
}

impl Account {
    /// Subscribes, then reads; `None` when the session is not one any more.
    pub(super) async fn join(
        inner: Arc<Inner>,
        owner: UserId,
        session: SessionId,
    ) -> Result<Option<Self>, StoreError> {
        let mut account = Self {
            owner,
            leash: Leash::new(&inner, session),
            subscription: inner.hub.subscribe_account(owner),
            outbox: VecDeque::new(),
            told: HashMap::new(),
            // As far back as a reply may be running that is still to be told of.
            read_up_to: inner.clock.now().plus_seconds(-running_seconds(&inner)),
            read_at: None,
            last_read: Instant::now(),
            ended: false,
            inner,
        };
        if account.leash.is_cut(&account.inner).await? {
            return Ok(None);
        }
        let hello = Hello {
            protocol: super::replay::PROTOCOL,
            rev: 0,
            resume: Resume::Snapshot,
            heartbeat_ms: heartbeat_ms(&account.inner),
            server_time: account.inner.clock.now().millis(),
        };
        account.outbox.push_back(Sent::of(Event::Hello(hello)));
        account.catch_up().await?;
        Ok(Some(account))
    }

    /// The next event; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(sent) = self.outbox.pop_front() {
                return Some(sent);
            }
            if self.ended {
                return None;
            }
            let news = &mut self.subscription;
            match self.leash.wait(self.read_at, news).await {
                Reason::Leave(reason) => self.leave(reason),
                Reason::Read => self.read().await,
                Reason::Wake => self.read_at = Some(self.last_read + PACE),
                Reason::Beat => {
                    let ping = ping(&self.inner);
                    self.outbox.push_back(Sent::of(ping));
                    if self.inner.settings.shared {
                        // A hint may have been lost.
                        self.read_at = Some(Instant::now());
                    }
                }
            }
        }
    }

    async fn read(&mut self) {
        self.read_at = None;
        self.last_read = Instant::now();
        if let Err(error) = self.catch_up().await {
            tracing::warn!(%error, "a viewer cannot read the store");
            self.outbox.push_back(Sent::of(Event::Error(Problem::new(
                ProblemCode::StorageUnavailable,
            ))));
            self.read_at = Some(Instant::now() + Duration::from_millis(500));
        }
    }

    async fn catch_up(&mut self) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let since = Timestamp(self.read_up_to.0 - OVERLAP);
        let changes = self
            .inner
            .store
            .changed_conversations(self.owner, since, MOST)
            .await?;
        self.read_up_to = now;
        let lately: HashMap<_, _> = changes
            .iter()
            .map(|change| (change.conversation.id, change.conversation.rev))
            .collect();
        let before = std::mem::replace(&mut self.told, lately);
        // The latest last, so that a list that puts each on top ends in the right order.
        for change in changes.into_iter().rev() {
            if before.get(&change.conversation.id) != Some(&change.conversation.rev) {
                self.outbox
                    .push_back(Sent::of(Event::Conversation(changed(change))));
            }
        }
        Ok(())
    }

    fn leave(&mut self, reason: ByeReason) {
        let bye = farewell(&self.inner, reason);
        self.outbox.push_back(Sent::of(bye));
        self.ended = true;
    }
}

fn running_seconds(inner: &Inner) -> i64 {
    i64::try_from(inner.settings.times.generation.as_secs()).unwrap_or(i64::MAX)
}

fn changed(change: Change) -> ConversationEvent {
    let Change {
        conversation,
        head,
        compared,
        running,
    } = change;
    ConversationEvent {
        id: conversation.id,
        rev: conversation.rev,
        title: conversation.title,
        head,
        status: conversation.status,
        generation_id: running,
        compared,
        updated_at: conversation.updated_at,
    }
}

/// All there is to say about a conversation that is not the owner's.
pub(super) fn unknown(conversation: ConversationId) -> Following {
    let sent = Sent {
        about: Some(conversation),
        ..Sent::of(Event::Error(Problem::new(ProblemCode::NotFound)))
    };
    stream::iter([sent]).boxed()
}
