//! Connections of either engine, and the macros that let one SQL text run on both.
//!
//! The engines' types differ at compile time, so a body that uses a connection is expanded once for
//! each of them. A body must therefore only borrow what lies outside of it.

use sqlx::{PgPool, SqlitePool};

use super::postgres::Partitions;

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
        partitions: Partitions,
    },
}

/// One statement that only reads, on `$db`.
macro_rules! read {
    ($pool:expr, |$db:ident| $body:expr) => {
        match &$pool {
            $crate::store::pool::Pool::Sqlite { read: $db, .. } => $body,
            $crate::store::pool::Pool::Postgres { pool: $db, .. } => $body,
        }
    };
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
                let mut $tx = read.begin().await.map_err($crate::store::fault::fault)?;
                $body
            }
            $crate::store::pool::Pool::Postgres { pool, .. } => {
                let mut $tx = pool
                    .begin_with("begin isolation level repeatable read, read only")
                    .await
                    .map_err($crate::store::fault::fault)?;
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
                let mut $tx = write
                    .begin_with("begin immediate")
                    .await
                    .map_err($crate::store::fault::fault)?;
                let outcome = $body;
                $tx.commit().await.map_err($crate::store::fault::fault)?;
                outcome
            }
            $crate::store::pool::Pool::Postgres { pool, .. } => {
                let mut $tx = pool.begin().await.map_err($crate::store::fault::fault)?;
                let outcome = $body;
                $tx.commit().await.map_err($crate::store::fault::fault)?;
                outcome
            }
        }
    };
}

pub(super) use {read, snapshot, transaction, write};
