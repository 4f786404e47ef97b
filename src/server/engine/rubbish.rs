//! Frames of replies that have ended: cleared away for many at a time, since a journal without an index is read from
//! end to end for it.
//!
//! Must not enter: what a reply's end is; that is `finish`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::Inner;

/// Between two clearings.
const PAUSE: Duration = Duration::from_secs(2);

/// Numbers of generations whose frames nobody needs any more.
#[derive(Default)]
pub(super) struct Rubbish(Mutex<Vec<i64>>);

impl Rubbish {
    pub(super) fn add(&self, generation_nos: &[i64]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(generation_nos);
    }

    fn take(&self) -> Vec<i64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Clears away as long as the process lives.
pub(super) async fn clear_always(inner: Arc<Inner>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        clear(&inner).await;
    }
}

/// Clears away what there is. What stays is tried again, or swept at the next start.
pub(super) async fn clear(inner: &Inner) {
    let nos = inner.rubbish.take();
    if nos.is_empty() {
        return;
    }
    if let Err(error) = inner.journal.discard(&nos).await {
        tracing::warn!(%error, generations = nos.len(), "journal rows left behind");
        inner.rubbish.add(&nos);
    }
}
