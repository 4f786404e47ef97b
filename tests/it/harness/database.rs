//! Which database a test runs on; PostgreSQL ones get a database of their own, for as long as they run.

use std::{ops::Deref, time::Duration};

use sqlx::{Connection, Executor, PgConnection};

/// Set by `make test`, which starts a throw-away cluster.
const POSTGRES: &str = "PARLANCE_TEST_POSTGRES_URL";
/// For making a database or removing it; a cluster that a test broke may never answer.
const PATIENCE: Duration = Duration::from_secs(60);

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

    /// A fresh database; `None` means SQLite in the data directory.
    pub async fn fresh_database(self) -> Option<Database> {
        if self == Self::Sqlite {
            return None;
        }
        let cluster = std::env::var(POSTGRES).expect("checked by postgres_is_there");
        let name = format!("it_{}", uuid::Uuid::now_v7().simple());
        administer(&cluster, format!("create database {name}"))
            .await
            .expect("database made");
        let (base, _) = cluster
            .rsplit_once('/')
            .expect("an address ends with a database");
        let url = format!("{base}/{name}");
        Some(Database { cluster, name, url })
    }
}

/// A database of the test cluster, as its `DATABASE_URL`. It goes with its test: a run makes more of them than a
/// small disk holds.
#[derive(Debug)]
pub struct Database {
    cluster: String,
    name: String,
    url: String,
}

impl Deref for Database {
    type Target = str;

    fn deref(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        // A test's own runtime cannot be waited for from within.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                if let Ok(runtime) = runtime {
                    // A cluster that a test broke goes as a whole.
                    let _ = runtime.block_on(administer(&self.cluster, statement));
                }
            });
        });
    }
}

async fn administer(cluster: &str, statement: String) -> sqlx::Result<()> {
    let work = async {
        let mut connection = PgConnection::connect(cluster).await?;
        connection.execute(sqlx::AssertSqlSafe(statement)).await?;
        connection.close().await
    };
    let in_time = tokio::time::timeout(PATIENCE, work).await;
    in_time.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
