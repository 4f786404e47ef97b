//! What only PostgreSQL has: connecting, the journal in a partitioned table and the seal in it, and hints
//! between the processes that share a database.

mod bus;
mod glance;
mod journal;
mod line;
mod partitions;
mod readers;

use std::time::Duration;

use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    finish::Seal,
    open::{Durability, LAST_STEP, OpenError, address, outdated, same_schema, unconnected},
};
use line::Line;

pub(super) use {
    bus::NotifyBus,
    glance::{Glance, Literal, Seen, Statement},
    journal::TableJournal,
    partitions::Partitions,
    readers::{Readers, hear, settle},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");
/// Connections in the pool. Beside it are the [`Readers`] and three more: the journal's writer, and the bus's two ends.
const CONNECTIONS: u32 = 10;
/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// An opened database.
pub(super) struct Postgres {
    pub(super) pool: PgPool,
    pub(super) readers: Readers,
    pub(super) partitions: Partitions,
    pub(super) journal: TableJournal,
    pub(super) bus: NotifyBus,
}

/// Connects, and brings schema and partitions up to date.
pub(super) async fn open(
    options: PgConnectOptions,
    durability: Durability,
) -> Result<Postgres, OpenError> {
    let options = tuned(options);
    reach(&options).await?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options.clone());
    MIGRATIONS
        .run(&pool)
        .await
        .map_err(|error| outdated(error, newest()))?;

    let partitions = Partitions::new(pool.clone());
    partitions
        .cover_newest()
        .await
        .map_err(|error| OpenError::Migration(error.to_string()))?;
    let journal = TableJournal::new(
        Line::new(options.clone()),
        pool.clone(),
        partitions.clone(),
        durability,
    );
    Ok(Postgres {
        pool,
        // After the migrations: it looks at the tables.
        readers: Readers::new(options.clone()),
        partitions,
        journal,
        bus: NotifyBus::new(&options),
    })
}

/// The same beside the processes that have the database: nothing is brought up to date, and no journal is kept.
pub(super) async fn open_beside(
    options: PgConnectOptions,
) -> Result<(PgPool, Readers, Partitions), OpenError> {
    let options = tuned(options);
    reach(&options).await?;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options.clone());
    let found: i64 = sqlx::query_scalar(LAST_STEP)
        .fetch_one(&pool)
        .await
        .map_err(|error| unconnected(address(&options), &error))?;
    same_schema(found, newest())?;
    let partitions = Partitions::new(pool.clone());
    Ok((pool, Readers::new(options), partitions))
}

fn newest() -> i64 {
    MIGRATIONS
        .iter()
        .map(|step| step.version)
        .max()
        .unwrap_or_default()
}

fn tuned(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("parlance")
        // A process that is stopped in mid-transaction must not hold up the others' writers.
        .options([("idle_in_transaction_session_timeout", "5s")])
}

/// One connection by hand: a pool would try again until its time is up and forget the reason.
async fn reach(options: &PgConnectOptions) -> Result<(), OpenError> {
    let place = address(options);
    match tokio::time::timeout(PATIENCE, PgConnection::connect_with(options)).await {
        Ok(Ok(connection)) => {
            drop(connection.close().await);
            Ok(())
        }
        Ok(Err(error)) => Err(unconnected(place, &error)),
        Err(_) => {
            let reason = format!("no answer within {} s", PATIENCE.as_secs());
            Err(OpenError::Unreachable { place, reason })
        }
    }
}

impl Seal for PgConnection {
    /// Takes the number that a writer who knows of no end would use next: one of the two must collide.
    async fn seal(&mut self, no: i64, last_seq: i64) -> Result<bool, sqlx::Error> {
        let sealed = sqlx::query(
            "insert into generation_frames (gen_no, seq, kind, part, body) values ($1, $2, 'seal', '', '') \
             on conflict do nothing",
        )
        .bind(no)
        .bind(last_seq + 1)
        .execute(&mut *self)
        .await?;
        Ok(sealed.rows_affected() == 1)
    }
}
