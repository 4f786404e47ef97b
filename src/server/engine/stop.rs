//! Stopping: the answer is the stored end itself, never a promise of one.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use parlance_core::domain::Stopped;

use super::{Inner, ending::Ending, recover, running::Adopted};
use crate::port::store::{GenerationRow, StoreError};

/// How long the store may take to note the end before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn stop(inner: &Arc<Inner>, row: GenerationRow) -> Result<Stopped, StoreError> {
    if row.status.is_terminal() {
        return Ok(ended(&row));
    }
    let log = match inner.log(row.id) {
        Some(log) => log,
        None => {
            // It ended, and left memory, while the row was read; or nobody has begun it yet.
            let row = inner
                .store
                .generation(row.user_id, row.id)
                .await?
                .ok_or(StoreError::NotFound)?;
            if row.status.is_terminal() {
                return Ok(ended(&row));
            }
            match inner.adopt(row.clone()) {
                Adopted::New(log) | Adopted::Known(log) => log,
                // Another instance writes it: the seal in the journal ends it from here.
                Adopted::NotOurs => {
                    let sealed = recover::seal(inner, row, &Ending::Stopped).await?;
                    return Ok(ended(&sealed.generation));
                }
            }
        }
    };
    inner.end(&log, Ending::Stopped);
    tokio::time::timeout(PATIENCE, log.settled())
        .await
        .ok()
        .flatten()
        .ok_or_else(|| StoreError::Unavailable("the end of the reply is not stored yet".to_owned()))
}

/// Ends what is being written among these, all at once, and answers when every end is stored.
pub(super) async fn stop_all(
    inner: &Arc<Inner>,
    rows: Vec<GenerationRow>,
) -> Result<Vec<Stopped>, StoreError> {
    let running = rows.into_iter().filter(|row| !row.status.is_terminal());
    // What fails with one of them is no reason to leave another half ended.
    let stopped = join_all(running.map(|row| stop(inner, row))).await;
    stopped.into_iter().collect()
}

fn ended(row: &GenerationRow) -> Stopped {
    Stopped {
        status: row.status,
        seq: row.last_seq,
        message_id: row.reply(),
    }
}
