//! Which database a test runs on; PostgreSQL ones get a database of their own.

use sqlx::{Connection, Executor, PgConnection};

/// Set by `make test`, which starts a throw-away cluster.
const POSTGRES: &str = "PARLANCE_TEST_POSTGRES_URL";

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Whether PostgreSQL tests can run. `make test` always has it.
    pub fn postgres_is_there() -> bool {
        std::env::var(POSTGRES).is_ok_and(|url| !url.is_empty())
    }

    /// `DATABASE_URL` of a fresh database; `None` means SQLite in the data directory.
    pub async fn fresh_url(self) -> Option<String> {
        if self == Self::Sqlite {
            return None;
        }
        let cluster = std::env::var(POSTGRES).expect("checked by postgres_is_there");
        let name = format!("it_{}", uuid::Uuid::now_v7().simple());
        let mut connection = PgConnection::connect(&cluster)
            .await
            .expect("cluster answers");
        let statement = format!("create database {name}");
        connection
            .execute(sqlx::AssertSqlSafe(statement))
            .await
            .expect("database made");
        let (base, _) = cluster
            .rsplit_once('/')
            .expect("an address ends with a database");
        Some(format!("{base}/{name}"))
    }
}
