//! The one writer of the journal: everything that waits, of all generations, in one commit.
//!
//! Group commit by natural batching: an idle writer commits at once; while it commits, more gathers.
//! The pause after a commit is as long as the commit itself took, at most 25 ms, so that a slow disk
//! gets fewer and larger commits.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use parlance_core::domain::ProblemCode;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use super::{Inner, ending::Ending, finish, log::Log};
use crate::port::{journal::Frame, store::StoreError};

const LONGEST_WINDOW: Duration = Duration::from_millis(25);
/// After this long without a commit the replies that wait are given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The list of logs that have something for the writer.
#[derive(Default)]
pub(super) struct Writer {
    marked: Mutex<Vec<Arc<Log>>>,
    wake: Notify,
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
        let began = Instant::now();
        let wrote = commit(&inner, &logs).await;
        for log in &logs {
            if let Some(ending) = log.take_finish() {
                tokio::spawn(finish::finish(inner.clone(), log.clone(), ending));
            }
        }
        if wrote {
            tokio::time::sleep(began.elapsed().min(LONGEST_WINDOW)).await;
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
    for (log, frames) in cut {
        match &outcome {
            Ok(fenced) if !fenced.contains(&log.row.no) => {
                log.commit(&frames);
                inner.hub.written(log.row.conversation_id);
            }
            // Somebody else has ended it: what they stored is the truth, and `finish` will find it.
            Ok(_) => log.give_up(Ending::Broken(ProblemCode::ServerRestart)),
            Err(_) => log.give_up(Ending::Broken(ProblemCode::JournalFailed)),
        }
    }
    true
}

/// Repeats the append until it succeeds: the journal takes the same frames twice without harm.
async fn append(inner: &Inner, batch: &[Frame]) -> Result<Vec<i64>, StoreError> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(20);
    loop {
        // A database that went away without a word must not hold up every reply for as long as TCP hopes.
        let outcome = timeout(PATIENCE, inner.journal.append(batch))
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned())));
        match outcome {
            Ok(fenced) => return Ok(fenced),
            Err(error) if began.elapsed() + pause > PATIENCE => {
                tracing::error!(%error, frames = batch.len(), "journal given up");
                return Err(error);
            }
            Err(error) => {
                tracing::warn!(%error, "journal append failed, trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
            }
        }
    }
}
