//! What only SQLite has: its files and how they are opened, and the journal in a file of its own.

mod journal;

use std::{path::Path, pin::Pin, time::Duration};

use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    migrate::Migrator,
    pool::PoolConnectionMetadata,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    finish::Seal,
    open::{LAST_STEP, OpenError, outdated, same_schema},
};

pub(super) use journal::FileJournal;

/// File of the journal, beside the main one.
pub(super) const JOURNAL_FILE: &str = "journal.db";

/// Steps of the main file.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
const READERS: u32 = 4;
/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
const PATIENTLY: &str = "pragma busy_timeout = 5000";
const BRIEFLY: &str = "pragma busy_timeout = 200";

/// Opens the main file: readers, then the one writer.
pub(super) async fn open_main(file: &Path) -> Result<(SqlitePool, SqlitePool), OpenError> {
    // FULL: what was acknowledged survives a power failure too.
    let options = options(file).synchronous(SqliteSynchronous::Full);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        // Never closed for age, so its prepared statements stay; and a file does not hang up.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(is_free)
        .connect_with(options.clone())
        .await
        .map_err(|error| unopened(file, &error))?;
    let mut connection = write
        .acquire()
        .await
        .map_err(|error| unopened(file, &error))?;
    migrate(&MIGRATIONS, &mut connection).await?;
    drop(connection);
    Ok((readers(file, options).await?, write))
}

/// The same beside a process that has the file: nothing is brought up to date.
pub(super) async fn open_beside(file: &Path) -> Result<(SqlitePool, SqlitePool), OpenError> {
    let options = options(file)
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_with(options.clone())
        .await
        .map_err(|error| unopened(file, &error))?;
    let found: i64 = sqlx::query_scalar(LAST_STEP)
        .fetch_one(&write)
        .await
        .map_err(|error| unopened(file, &error))?;
    same_schema(found, newest(&MIGRATIONS))?;
    Ok((readers(file, options).await?, write))
}

async fn readers(file: &Path, options: SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    SqlitePoolOptions::new()
        // All of them from the start: what the process holds open does not depend on what was asked of it.
        .min_connections(READERS)
        .max_connections(READERS)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(is_free)
        .connect_with(options.pragma("query_only", "on"))
        .await
        .map_err(|error| unopened(file, &error))
}

/// Whether a transaction can begin on a connection. SQLite rolls one back itself when the disk fails it; sqlx, whose own
/// rollback is then refused, takes it for open ever after. The pool opens another connection for such a one.
fn is_free(
    connection: &mut SqliteConnection,
    _: PoolConnectionMetadata,
) -> Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + '_>> {
    let is_free = !connection.is_in_transaction();
    Box::pin(std::future::ready(Ok(is_free)))
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        // What was deleted is overwritten, pages that become free too: a fifth more goes through the log for it.
        .pragma("secure_delete", "on")
        .busy_timeout(PATIENCE)
}

/// Takes what was deleted out of the write-ahead log too, which keeps it until something else is written over it. Where
/// somebody reads for longer than a moment, the next time does it.
pub(super) async fn fold(write: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut connection = write.acquire().await?;
    let mut folded = Ok(());
    // Nobody shall wait for long behind this one, which waits for readers.
    for statement in [BRIEFLY, "pragma wal_checkpoint(truncate)", PATIENTLY] {
        let done = sqlx::query(statement).execute(&mut *connection).await;
        folded = folded.and(done.map(|_| ()));
    }
    folded
}

async fn migrate(steps: &Migrator, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    steps
        .run(connection)
        .await
        .map_err(|error| outdated(error, newest(steps)))
}

fn newest(steps: &Migrator) -> i64 {
    steps
        .iter()
        .map(|step| step.version)
        .max()
        .unwrap_or_default()
}

fn unopened(file: &Path, error: &sqlx::Error) -> OpenError {
    OpenError::File {
        path: file.to_path_buf(),
        reason: error.to_string(),
    }
}

impl Seal for SqliteConnection {
    /// Nothing to do: a transaction cannot span two files, so the generation's status in the main file is
    /// the seal, and the one process orders its own appends against it.
    async fn seal(&mut self, _no: i64, _last_seq: i64) -> Result<bool, sqlx::Error> {
        Ok(true)
    }
}
