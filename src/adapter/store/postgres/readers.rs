//! Connections that only read, lent without asking first whether they still hold: where the database is far, that
//! question would be half of every answer. One that turns out broken is closed, and what was asked of it is asked once
//! more in the pool whose connections are tested. Nothing but reads may come here: they may be asked twice.

use std::{future::Future, time::Duration};

use parlance_core::domain::{ConversationId, Timestamp, UserId};
use sqlx::{
    Error, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    super::{accounts::Visits, conversations::Lists, drafts::Unsent, look, personas::Choices},
    PATIENCE,
};

/// A page asks for four things side by side, while the connection that knew the session is still on its way back. All
/// are there from the start: whoever had to wait for one to be made and primed would wait for long.
const CONNECTIONS: u32 = 8;
/// Silence after which a connection is taken for broken.
const SILENCE: Duration = PATIENCE;

/// Those connections.
pub(in super::super) struct Readers(PgPool);

impl Readers {
    /// Connects by and by.
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let options = options.options([("default_transaction_read_only", "on")]);
        Self(
            PgPoolOptions::new()
                .min_connections(CONNECTIONS)
                .max_connections(CONNECTIONS)
                .acquire_timeout(PATIENCE)
                .test_before_acquire(false)
                .after_connect(|connection, _| Box::pin(prime(connection)))
                .connect_lazy_with(options),
        )
    }

    /// A connection that held when it was used last.
    pub(in super::super) async fn lend(&self) -> Result<PoolConnection<Postgres>, Error> {
        self.0.acquire().await
    }
}

/// What comes of `ask`, whose connection `line` was; `None` when that one broke, which is seen to.
pub(in super::super) fn settle<T>(
    mut line: PoolConnection<Postgres>,
    heard: Option<Result<T, Error>>,
) -> Option<Result<T, Error>> {
    let heard = heard.filter(|answer| !answer.as_ref().is_err_and(is_broken));
    if heard.is_none() {
        line.close_on_drop();
    }
    heard
}

/// `None` when nothing was heard for too long.
pub(in super::super) async fn hear<T>(
    ask: impl Future<Output = Result<T, Error>>,
) -> Option<Result<T, Error>> {
    timeout(SILENCE, ask).await.ok()
}

/// Whether the connection is at fault and not what was asked: the socket, or a server that is going down (class 57P) or
/// lost its footing (class 08).
fn is_broken(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) => true,
        Error::Database(refusal) => refusal
            .code()
            .is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
        _ => false,
    }
}

/// Has the database prepare what every page asks. Otherwise the first to ask on a connection would wait twice.
async fn prime(connection: &mut PgConnection) -> Result<(), Error> {
    let (nobody, nothing) = (UserId(Uuid::nil()), ConversationId(Uuid::nil()));
    let never = Timestamp(0);
    connection.guest(&[0; 32], never, never).await?;
    connection.beside(nobody, never, nothing, 1).await?;
    connection.unsent(nobody, None).await?;
    connection.choices(nobody).await?;
    connection.choice(nobody, "").await?;
    connection.names(nobody).await?;
    look::prepare(connection).await
}
