//! The end of a process: replies get a while to finish, then what they have is kept.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use parlance_core::domain::ProblemCode;
use tokio::time::timeout;

use super::{Inner, ending::Ending, log::Log, rubbish};

/// How long storing the ends may take after the grace is over.
const STORING: Duration = Duration::from_secs(5);

pub(super) async fn settle(inner: &Arc<Inner>, grace: Duration) {
    let running = inner.running();
    if !running.is_empty() {
        tracing::info!(
            count = running.len(),
            "waiting for replies that are being written"
        );
        // An error means that the grace is over.
        let _ = timeout(grace, all(&running)).await;
    }
    // What is left, and what has followed an end meanwhile.
    let rest = inner.running();
    for log in &rest {
        inner.end(log, Ending::broken(ProblemCode::ServerRestart));
    }
    if timeout(STORING, all(&rest)).await.is_err() {
        tracing::error!(
            "some ends are not stored; the next start will find their text in the journal"
        );
        return;
    }
    rubbish::clear(inner).await;
    inner.left.send_replace(true);
    if let Err(error) = inner.store.leave(inner.owner).await {
        tracing::warn!(%error, "this instance stays on the list until its time is up");
    }
}

async fn all(logs: &[Arc<Log>]) {
    join_all(logs.iter().map(|log| log.settled())).await;
}
