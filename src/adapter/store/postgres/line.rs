//! A connection beside the pool, for work that must neither wait behind requests nor lose sight of a
//! connection that broke: a pool would replace it without a word.

use std::time::Duration;

use sqlx::{Connection, Error, PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

/// How long connecting may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// One connection, made when it is first needed and anew after each failure.
pub(super) struct Line {
    options: PgConnectOptions,
    connection: Mutex<Option<PgConnection>>,
}

/// The connection while somebody uses it. Closed when dropped, unless it was given back: after an error, or
/// a wait that was given up, nobody knows what it is in the middle of.
pub(super) struct Held<'a> {
    slot: MutexGuard<'a, Option<PgConnection>>,
    pub(super) connection: PgConnection,
}

impl Line {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            connection: Mutex::new(None),
        }
    }

    /// Waits for its turn, and connects if need be.
    pub(super) async fn take(&self) -> Result<Held<'_>, Error> {
        let mut slot = self.connection.lock().await;
        let connection = match slot.take() {
            Some(connection) => connection,
            None => timeout(PATIENCE, PgConnection::connect_with(&self.options))
                .await
                .map_err(|_| Error::PoolTimedOut)??,
        };
        Ok(Held { slot, connection })
    }
}

impl Held<'_> {
    /// After work that came to its end.
    pub(super) fn give_back(mut self) {
        *self.slot = Some(self.connection);
    }
}
