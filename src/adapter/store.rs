//! `port::store`, `port::journal` and `port::bus` on SQLite and PostgreSQL.
//!
//! One SQL text serves both engines wherever they agree: [`pool`] expands a statement once for each.
//! What differs has a file in `sqlite/` or `postgres/`. Rules of the product do not enter: a method
//! here is one transaction that keeps what its trait promises.

mod accounts;
mod audit;
mod begin;
mod belongings;
mod bus;
mod contexts;
mod conversations;
mod drafts;
mod factors;
mod fault;
mod finish;
mod history;
mod instances;
mod look;
mod models;
mod moment;
mod open;
mod path;
mod personas;
mod place;
mod pool;
mod postgres;
mod preferences;
mod push;
mod reading;
mod row;
mod sqlite;
mod step;
mod summaries;
mod target;
mod turns;
mod vault;
mod waiting;

use std::sync::Arc;

use async_trait::async_trait;
use parlance_server::port::store::{Store, StoreError};

pub use bus::Alone;
pub use open::{Durability, OpenError, Opened, StoreConfig, open, open_beside};

use place::Claim;
use pool::{Pool, read};

/// The database of one installation.
struct Database {
    pool: Pool,
    /// Keeps other processes away for as long as anything uses the data; `None` beside a process that does.
    _claim: Option<Arc<Claim>>,
}

#[async_trait]
impl Store for Database {
    async fn ping(&self) -> Result<(), StoreError> {
        let _one: i32 = read!(self.pool, |db| sqlx::query_scalar("select 1").fetch_one(db));
        Ok(())
    }
}
