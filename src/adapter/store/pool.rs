//! Connections of either engine, and the macros that let one SQL text run on both.
//!
//! The engines' types differ at compile time, so a body that uses a connection is expanded once for
//! each of them. A body must therefore only borrow what lies outside of it.

use sqlx::{PgPool, SqlitePool};

use parlance_server::port::store::StoreError;

use super::{
    fault::fault,
    postgres::{Partitions, Readers},
};

/// Connections to the main database.
pub(super) enum Pool {
    Sqlite {
        /// May not write.
        read: SqlitePool,
        /// One connection: SQLite has one writer, and waiting here is fair and cheap.
        write: SqlitePool,
    },
    Postgres {
        pool: PgPool,
        /// May not write.
        readers: Readers,
        partitions: Partitions,
    },
}

/// Begins a transaction in a task of its own. A caller that is dropped while `begin` is on its way (a viewer who leaves)
/// would otherwise give the connection back inside of a transaction that nobody knows of.
pub(super) async fn begin<DB: sqlx::Database>(
    pool: &sqlx::Pool<DB>,
    statement: &'static str,
) -> Result<sqlx::Transaction<'static, DB>, StoreError> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.begin_with(statement).await })
        .await
        .map_err(|error| StoreError::Broken(format!("beginning a transaction: {error}")))?
        .map_err(fault)
}

/// What `$ask` answers, a future that only reads on the connection `$db`.
macro_rules! read {
    ($pool:expr, |$db:ident| $ask:expr) => {
        match &$pool {
            $crate::store::pool::Pool::Sqlite { read, .. } => {
                let mut line = read.acquire().await.map_err($crate::store::fault::fault)?;
                let $db = &mut *line;
                $ask.await
            }
            $crate::store::pool::Pool::Postgres { pool, readers, .. } => {
                $crate::store::pool::heard!(pool, readers, |$db| $ask)
            }
        }
        .map_err($crate::store::fault::fault)?
    };
}

/// The same on PostgreSQL alone, with the database's own error. It may be asked twice: see [`Readers`].
macro_rules! heard {
    ($pool:expr, $readers:expr, |$db:ident| $ask:expr) => {{
        let mut line = $readers.lend().await.map_err($crate::store::fault::fault)?;
        let heard = {
            let $db = &mut *line;
            $crate::store::postgres::hear($ask).await
        };
        match $crate::store::postgres::settle(line, heard) {
            Some(answer) => answer,
            None => {
                let mut line = $pool.acquire().await.map_err($crate::store::fault::fault)?;
                let $db = &mut *line;
                $ask.await
            }
        }
    }};
}

/// One statement that writes, on `$db`. Gives the number of rows that it touched.
macro_rules! write {
    ($pool:expr, |$db:ident| $body:expr) => {
        match &$pool {
            $crate::store::pool::Pool::Sqlite { write: $db, .. } => $body.rows_affected(),
            $crate::store::pool::Pool::Postgres { pool: $db, .. } => $body.rows_affected(),
        }
    };
}

/// Several statements that see the same moment of the database. Leaving the body early is allowed.
macro_rules! snapshot {
    ($pool:expr, |$tx:ident| $body:block) => {
        match &$pool {
            $crate::store::pool::Pool::Sqlite { read, .. } => {
                let mut $tx = $crate::store::pool::begin(read, "begin").await?;
                $body
            }
            $crate::store::pool::Pool::Postgres { pool, .. } => {
                let mut $tx = $crate::store::pool::begin(
                    pool,
                    "begin isolation level repeatable read, read only",
                )
                .await?;
                $body
            }
        }
    };
}

/// A writing transaction. The body's value is returned after the commit; leaving the body early, by `?`
/// or `return`, rolls back. SQLite takes its write lock at once, since a lock taken later can fail.
macro_rules! transaction {
    ($pool:expr, |$tx:ident| $body:block) => {
        match &$pool {
            $crate::store::pool::Pool::Sqlite { write, .. } => {
                let mut $tx = $crate::store::pool::begin(write, "begin immediate").await?;
                let outcome = $body;
                $tx.commit().await.map_err($crate::store::fault::fault)?;
                outcome
            }
            $crate::store::pool::Pool::Postgres { pool, .. } => {
                let mut $tx = $crate::store::pool::begin(pool, "begin").await?;
                let outcome = $body;
                $tx.commit().await.map_err($crate::store::fault::fault)?;
                outcome
            }
        }
    };
}

/// Implements a trait for a connection of either engine, with one text: steps that several transactions
/// have in common.
macro_rules! on_both {
    (impl $step:ident { $($body:tt)* }) => {
        impl $step for sqlx::SqliteConnection { $($body)* }
        impl $step for sqlx::PgConnection { $($body)* }
    };
}

pub(super) use {heard, on_both, read, snapshot, transaction, write};
