//! Living with other instances on one store: heartbeats, their hints, and a look at everything now and then, because a
//! hint may be lost.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use futures::{StreamExt, stream::BoxStream};
use parlance_core::domain::{ProblemCode, SessionId};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{
    Inner,
    ending::Ending,
    log::{Log, Progress},
    recover,
};
use crate::port::{
    bus::Hint,
    store::{GenerationRow, StoreError},
};

/// Turns that are taken over in one look.
const BATCH: u32 = 20;
/// Between two looks of a process that is alone: all that can be there are commits whose outcome nobody knew.
const ALONE: Duration = Duration::from_secs(5);
/// A generation of this process's own that it does not run, and that is older than this, was stored by such a commit.
const UNATTENDED_SECONDS: i64 = 10;

/// Those of this instance that got through.
pub(super) struct Heartbeats {
    last: Instant,
    /// Since when they come without a long gap; `None`: from the start on.
    since: Option<Instant>,
}

impl Default for Heartbeats {
    fn default() -> Self {
        Self {
            last: Instant::now(),
            since: None,
        }
    }
}

/// Starts what runs as long as the process does.
pub(super) fn start(inner: &Arc<Inner>) {
    if inner.settings.shared {
        tokio::spawn(beat(inner.clone()));
        // From now on, not from when the task first runs.
        let hints = inner.bus.hints();
        tokio::spawn(listen(inner.clone(), hints));
    }
    tokio::spawn(look_around(inner.clone()));
}

/// Hints of other instances.
async fn listen(inner: Arc<Inner>, mut hints: BoxStream<'static, Hint>) {
    while let Some(hint) = hints.next().await {
        match hint {
            Hint::Written(conversation) => inner.hint_written(conversation),
            Hint::Faring {
                conversation,
                status,
            } => inner.hint_faring(conversation, status),
            Hint::Stored { conversation, user } => {
                inner.hint_written(conversation);
                inner.hub.stored(conversation, user);
                if inner.runs_in(conversation) {
                    // Perhaps somebody has stopped what runs here.
                    if let Err(error) = drop_ended(&inner).await {
                        tracing::warn!(%error, "own replies not compared with the store");
                    }
                }
            }
            Hint::Revoked(session) => inner.revoke(session),
            Hint::Lost => inner.hint_everything(),
        }
    }
}

/// Says that this instance is alive. A task of its own: nothing else that it does may hold up its heartbeat.
async fn beat(inner: Arc<Inner>) {
    let times = inner.settings.times;
    let mut ticks = interval(times.instance_beat);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut left = inner.left.subscribe();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = left.wait_for(|left| *left) => return,
        }
        let draining = *inner.draining.borrow();
        let beating = inner.store.beat(inner.owner, draining);
        match timeout(times.instance_ttl / 4, beating).await {
            Ok(Ok(())) => inner.note_heard(),
            Ok(Err(error)) => tracing::warn!(%error, "no heartbeat"),
            Err(_) => tracing::warn!("no heartbeat: the database does not answer"),
        }
        // Before the others take this instance for dead it begins nothing more.
        let lapsed = inner.unheard() > times.instance_ttl * 4 / 5;
        if inner.lapsed.swap(lapsed, Ordering::AcqRel) != lapsed {
            tracing::warn!(lapsed, "whether others may take this instance for dead");
        }
    }
}

/// Looks now and then for what nobody does: hints may be lost, and commits may have been in doubt.
async fn look_around(inner: Arc<Inner>) {
    let mut ticks = interval(if inner.settings.shared {
        inner.settings.times.instance_beat
    } else {
        ALONE
    });
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The start has just looked.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(error) = look(&inner).await {
            tracing::warn!(%error, "no look at what is left to do");
        }
    }
}

async fn look(inner: &Arc<Inner>) -> Result<(), StoreError> {
    if inner.settings.shared {
        tell_fares(inner);
        drop_ended(inner).await?;
    }
    drop_revoked(inner).await?;
    if *inner.draining.borrow() {
        return Ok(());
    }
    let recovered = if inner.can_judge() {
        recover::recover(inner, ProblemCode::OwnerLost).await
    } else {
        Ok(())
    };
    if inner.settings.shared {
        for row in inner.store.handed_over(BATCH).await? {
            recover::take_over(inner, row).await?;
        }
    }
    let before = inner.clock.now().plus_seconds(-UNATTENDED_SECONDS);
    for row in inner.store.unattended(inner.owner, before, BATCH).await? {
        recover::attend(inner, row).await;
    }
    for (conversation, user) in inner.store.waiting_conversations().await? {
        super::next::waiting(inner, conversation, user).await?;
    }
    recovered
}

/// Tells what readers on other instances cannot see: how replies fare that have no text to show at the moment. Again and
/// again, since nobody keeps it.
fn tell_fares(inner: &Inner) {
    let running = inner.running();
    let fares = running
        .iter()
        .filter_map(|log| Some((log, log.progress().filter(|progress| !progress.is_seen())?)));
    let hints: Vec<_> = fares.map(|(log, progress)| faring(log, progress)).collect();
    inner.bus.publish(&hints);
}

pub(super) fn faring(log: &Log, progress: Progress) -> Hint {
    Hint::Faring {
        conversation: log.row.conversation_id,
        status: progress.event(&log.row),
    }
}

/// Before anything is committed by a process that was asleep for so long that others took it for dead: seals do not stay
/// for ever, so it looks at the store itself.
pub(super) async fn wake_up(inner: &Inner) -> Result<(), StoreError> {
    if !inner.settings.shared || inner.unheard() <= inner.settings.times.instance_ttl {
        return Ok(());
    }
    timeout(inner.settings.times.instance_ttl, drop_ended(inner))
        .await
        .unwrap_or(Ok(()))
}

/// Lets go of replies that somebody else has ended.
async fn drop_ended(inner: &Inner) -> Result<(), StoreError> {
    let running: Vec<_> = inner.running();
    if running.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = running.iter().map(|log| log.row.id).collect();
    let ended = inner.store.ended_among(&ids).await?;
    for log in running
        .iter()
        .filter(|log| ended.contains(&log.row.id) && !log.is_closed())
    {
        // What waits must not be numbered any more.
        log.give_up(Ending::broken(ProblemCode::OwnerLost));
        inner.writer.mark(log);
    }
    Ok(())
}

/// Closes the streams of sessions that have ended.
async fn drop_revoked(inner: &Inner) -> Result<(), StoreError> {
    let watching = inner.sessions.present();
    if watching.is_empty() {
        return Ok(());
    }
    let now = inner.clock.now();
    for session in inner.store.ended_sessions(&watching, now).await? {
        inner.revoke(session);
    }
    Ok(())
}

impl Inner {
    /// Tells readers how a reply fares.
    pub(super) fn tell(&self, log: &Log, progress: Progress) {
        if log.set_progress(progress) {
            self.hub.written(log.row.conversation_id);
            // A long line moves up all at once, and often: other instances are told of it now and then.
            if !progress.is_restless() {
                self.bus.publish(&[faring(log, progress)]);
            }
        }
    }

    fn note_heard(&self) {
        let longest = self.settings.times.instance_ttl * 4 / 5;
        let mut heartbeats = self.heartbeats();
        if heartbeats.last.elapsed() > longest {
            heartbeats.since = Some(Instant::now());
        }
        heartbeats.last = Instant::now();
    }

    /// How long ago the last heartbeat got through.
    fn unheard(&self) -> Duration {
        self.heartbeats().last.elapsed()
    }

    /// Whether this instance can tell who is alive: where all were cut off from the database, nobody's heartbeat is
    /// fresh when it comes back, and whoever looks first must not take the others for dead.
    fn can_judge(&self) -> bool {
        let ttl = self.settings.times.instance_ttl;
        let since = self.heartbeats().since;
        since.is_none_or(|since| since.elapsed() > ttl)
    }

    fn heartbeats(&self) -> MutexGuard<'_, Heartbeats> {
        self.heartbeats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a generation of this conversation is written here.
    fn runs_in(&self, conversation: parlance_core::domain::ConversationId) -> bool {
        let here = |row: &GenerationRow| row.conversation_id == conversation;
        self.running().iter().any(|log| here(&log.row))
    }
}

/// Sessions that hold streams open here, counted.
#[derive(Clone, Default)]
pub(super) struct Sessions(Arc<Mutex<HashMap<SessionId, usize>>>);

/// A stream that a session holds open.
pub(super) struct Presence {
    sessions: Sessions,
    session: SessionId,
}

impl Sessions {
    pub(super) fn enter(&self, session: SessionId) -> Presence {
        *self.lock().entry(session).or_default() += 1;
        Presence {
            sessions: self.clone(),
            session,
        }
    }

    fn present(&self) -> Vec<SessionId> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut sessions = self.sessions.lock();
        if let Some(count) = sessions.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                sessions.remove(&self.session);
            }
        }
    }
}
