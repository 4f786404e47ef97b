//! The one writer of the journal: everything that waits, of all generations, in one commit.
//!
//! Group commit by natural batching: an idle writer commits at once; while it commits, more gathers.
//! The pause after a commit is a few times as long as the commit itself took, at most 25 ms: so commits take a small
//! share of the time, whatever they cost, and a slow disk gets fewer and larger ones.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parlance_core::domain::ProblemCode;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use super::{Inner, cluster, ending::Ending, finish, log::Log};
use crate::port::{bus::Hint, journal::Frame, store::StoreError};

const LONGEST_WINDOW: Duration = Duration::from_millis(25);
/// Pauses are this many times as long as the commit before them. At eight a commit of 0.3 ms makes a text wait for
/// 1.2 ms on average.
const PAUSES: u32 = 8;

/// The list of logs that have something for the writer.
#[derive(Default)]
pub(super) struct Writer {
    marked: Mutex<Vec<Arc<Log>>>,
    wake: Notify,
    /// An append has failed since the last that succeeded: the database may have lost what it had taken.
    in_doubt: AtomicBool,
}

impl Writer {
    /// Puts a log on the list.
    pub(super) fn mark(&self, log: &Arc<Log>) {
        if log.mark() {
            self.marked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(log.clone());
            self.wake.notify_one();
        }
    }

    fn take(&self) -> Vec<Arc<Log>> {
        let logs = std::mem::take(&mut *self.marked.lock().unwrap_or_else(PoisonError::into_inner));
        for log in &logs {
            // Cleared before the log is read: whatever is pushed from now on marks it anew.
            log.marked.store(false, Ordering::Release);
        }
        logs
    }
}

/// Runs as long as the runtime does.
pub(super) async fn write(inner: Arc<Inner>) {
    loop {
        let logs = inner.writer.take();
        if logs.is_empty() {
            inner.writer.wake.notified().await;
            continue;
        }
        if let Err(error) = cluster::wake_up(&inner).await {
            tracing::warn!(%error, "own replies not compared with the store");
        }
        let began = Instant::now();
        let wrote = commit(&inner, &logs).await;
        for log in &logs {
            if let Some(ending) = log.take_finish() {
                tokio::spawn(finish::finish(inner.clone(), log.clone(), ending));
            }
        }
        if wrote {
            tokio::time::sleep((began.elapsed() * PAUSES).min(LONGEST_WINDOW)).await;
        }
    }
}

/// Commits all that waits; `false` when nothing did.
async fn commit(inner: &Inner, logs: &[Arc<Log>]) -> bool {
    let cut: Vec<(&Arc<Log>, Vec<Frame>)> = logs
        .iter()
        .map(|log| (log, log.cut()))
        .filter(|(_, frames)| !frames.is_empty())
        .collect();
    if cut.is_empty() {
        return false;
    }
    let batch: Vec<Frame> = cut
        .iter()
        .flat_map(|(_, frames)| frames.iter().cloned())
        .collect();
    let outcome = append(inner, &batch).await;
    let mut hints = Vec::new();
    for (log, frames) in cut {
        match &outcome {
            Ok(fenced) if !fenced.contains(&log.row.no) => {
                log.commit(&frames);
                inner.hub.written(log.row.conversation_id);
                hints.push(Hint::Written(log.row.conversation_id));
            }
            // Somebody else has ended it: what they stored is the truth, and `finish` will find it.
            Ok(_) => log.give_up(Ending::broken(ProblemCode::OwnerLost)),
            Err(_) => log.give_up(Ending::broken(ProblemCode::JournalFailed)),
        }
    }
    inner.bus.publish(&hints);
    true
}

/// Repeats the append until it succeeds: the journal takes the same frames twice without harm.
async fn append(inner: &Inner, batch: &[Frame]) -> Result<Vec<i64>, StoreError> {
    let patience = inner.settings.times.journal_patience;
    // No try counts for more than this: one that the machine slept through is not the last.
    let longest = patience / 2;
    let mut waited = Duration::ZERO;
    let mut pause = Duration::from_millis(20);
    loop {
        let began = Instant::now();
        // A database that went away without a word must not hold up every reply for as long as TCP hopes.
        let outcome = timeout(longest, try_append(inner, batch))
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned())));
        waited += began.elapsed().min(longest) + pause;
        match outcome {
            Ok(fenced) => {
                if inner.writer.in_doubt.swap(false, Ordering::AcqRel) {
                    hold_running(inner, false);
                }
                return Ok(fenced);
            }
            Err(error) if waited > patience => {
                inner.writer.in_doubt.store(true, Ordering::Release);
                tracing::error!(%error, frames = batch.len(), "journal given up");
                return Err(error);
            }
            Err(error) => {
                tracing::warn!(%error, "journal append failed, trying again");
                inner.writer.in_doubt.store(true, Ordering::Release);
                // Nothing more is shown until it succeeds: of no reply, since all wait for the one writer.
                hold_running(inner, true);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
            }
        }
    }
}

/// Tells viewers of the replies under way whether text can come.
fn hold_running(inner: &Inner, held: bool) {
    for log in inner.running() {
        if log.hold(held)
            && let Some(progress) = log.progress()
        {
            inner.hub.written(log.row.conversation_id);
            inner.bus.publish(&[cluster::faring(&log, progress)]);
        }
    }
}

/// A database that came back after a crash may have lost frames that were committed but not synced, and were shown. They
/// are written again from memory before anything new, so that no gap can arise.
async fn try_append(inner: &Inner, batch: &[Frame]) -> Result<Vec<i64>, StoreError> {
    if inner.writer.in_doubt.load(Ordering::Acquire) {
        let running = inner.running();
        let nos: Vec<i64> = running.iter().map(|log| log.row.no).collect();
        let tails = inner.journal.tails(&nos).await?;
        let lost = running.iter().flat_map(|log| {
            let held = tails.get(&log.row.no).copied().unwrap_or_default();
            log.frames_after(held)
        });
        let lost: Vec<Frame> = lost.collect();
        if !lost.is_empty() {
            tracing::warn!(frames = lost.len(), "written again from memory");
            inner.journal.append(&lost).await?;
        }
    }
    inner.journal.append(batch).await
}
