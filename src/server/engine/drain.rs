//! The end of a process: replies get a while to finish, then what they have is kept.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use parlance_core::domain::ProblemCode;
use tokio::time::timeout;

use super::{Inner, ending::Ending, log::Log};

/// How long storing the ends may take after the grace is over.
const STORING: Duration = Duration::from_secs(5);

pub(super) async fn settle(inner: &Arc<Inner>, grace: Duration) {
    let running: Vec<Arc<Log>> = inner
        .logs()
        .values()
        .filter(|log| !log.is_settled())
        .cloned()
        .collect();
    if running.is_empty() {
        return;
    }
    tracing::info!(
        count = running.len(),
        "waiting for replies that are being written"
    );
    let all = || join_all(running.iter().map(|log| log.settled()));
    if timeout(grace, all()).await.is_ok() {
        return;
    }
    for log in &running {
        inner.end(log, Ending::Broken(ProblemCode::ServerRestart));
    }
    if timeout(STORING, all()).await.is_err() {
        tracing::error!(
            "some ends are not stored; the next start will find their text in the journal"
        );
    }
}
