//! The journal in `journal.db`: without an index while replies are being written, since it is read only
//! after a crash, and at synchronous NORMAL unless it must survive the death of the machine too. The status
//! in the main file is the judge: rows of a generation that has ended are rubbish.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, LazyLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parlance_server::port::{
    journal::{Frame, Journal},
    store::StoreError,
};
use sqlx::{
    ConnectOptions, Connection, Error, FromRow, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    super::{
        fault::fault,
        open::{Durability, OpenError},
        place::Claim,
        row::{frame, part_word, tails},
    },
    migrate, options, unopened,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/journal");
/// Bytes. A commit writes whole pages, and a frame is small.
const PAGE: u32 = 512;
/// Pages in the write-ahead log before it is folded in: 4 MiB, so that commits seldom pay for it.
const CHECKPOINT: &str = "8192";
/// Frames in one statement. Each number of them up to this one has a prepared statement of its own, and the
/// connection keeps 100.
const BATCH: usize = 64;
/// Rows that are looked at in one statement when ended replies are cleared away: a few milliseconds.
const STRETCH: usize = 4_096;
/// Between two emptyings of the log.
const FOLD: Duration = Duration::from_secs(60 * 60);
const FOLDING: &str = "pragma wal_checkpoint(truncate)";

/// Inserts of 1, 2, … frames.
static INSERTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (1..=BATCH)
        .map(|frames| {
            let rows = vec!["(?, ?, ?, ?)"; frames].join(", ");
            format!("insert into frames (gen_no, seq, part, body) values {rows}")
        })
        .collect()
});

/// Frames in a file.
pub(in super::super) struct FileJournal {
    /// Not in a pool: that would ask after its health for every commit, and a file does not hang up.
    connection: Arc<Mutex<SqliteConnection>>,
    options: SqliteConnectOptions,
    /// The last append failed; the connection may have gone with it.
    in_doubt: AtomicBool,
    /// Whether frames are kept at all.
    keeps: bool,
    _claim: Arc<Claim>,
}

#[derive(FromRow)]
struct Row {
    seq: i64,
    part: String,
    body: String,
}

impl FileJournal {
    /// Opens the file, making it first where there is none.
    pub(in super::super) async fn open(
        file: &Path,
        durability: Durability,
        claim: Arc<Claim>,
    ) -> Result<Self, OpenError> {
        let synchronous = match durability {
            Durability::Power => SqliteSynchronous::Full,
            Durability::Process | Durability::Off => SqliteSynchronous::Normal,
        };
        let options = options(file)
            .page_size(PAGE)
            .synchronous(synchronous)
            .pragma("wal_autocheckpoint", CHECKPOINT)
            .disable_statement_logging();
        let opened = options.connect().await;
        let mut connection = opened.map_err(|error| unopened(file, &error))?;
        migrate(&MIGRATIONS, &mut connection).await?;
        // What a crash left behind is read generation by generation, so it gets an index until it is swept.
        sqlx::query("create index if not exists frames_left on frames (gen_no, seq)")
            .execute(&mut connection)
            .await
            .map_err(|error| unopened(file, &error))?;
        let connection = Arc::new(Mutex::new(connection));
        tokio::spawn(fold_always(Arc::downgrade(&connection)));
        Ok(Self {
            connection,
            options,
            in_doubt: AtomicBool::new(false),
            keeps: durability != Durability::Off,
            _claim: claim,
        })
    }

    /// The connection, or a new one where the old one can begin nothing any more: see [`super::is_free`].
    async fn connection(&self) -> Result<MutexGuard<'_, SqliteConnection>, StoreError> {
        let mut connection = self.connection.lock().await;
        if self.in_doubt.swap(false, Ordering::Relaxed) || connection.is_in_transaction() {
            // The rollback of an append that was dropped may be on its way: this waits for it.
            let answers = connection.ping().await.is_ok();
            if !answers || connection.is_in_transaction() {
                *connection = self.options.connect().await.map_err(fault)?;
            }
        }
        Ok(connection)
    }
}

/// Takes what was cleared away out of the log as well, where it stays until something else is written over it.
async fn fold_always(journal: Weak<Mutex<SqliteConnection>>) {
    loop {
        tokio::time::sleep(FOLD).await;
        let Some(connection) = journal.upgrade() else {
            return;
        };
        if let Err(error) = fold(&mut *connection.lock().await).await {
            tracing::warn!(%error, "the journal's log stays as it is for now");
        }
    }
}

async fn fold(connection: &mut SqliteConnection) -> Result<(), Error> {
    if !connection.is_in_transaction() {
        sqlx::query(FOLDING).execute(connection).await?;
    }
    Ok(())
}

/// All of them or none.
async fn write(connection: &mut SqliteConnection, frames: &[Frame]) -> Result<(), Error> {
    if frames.len() <= BATCH {
        // A statement alone is a transaction already.
        return insert(connection, frames).await;
    }
    let mut tx = connection.begin_with("begin immediate").await?;
    for batch in frames.chunks(BATCH) {
        insert(&mut tx, batch).await?;
    }
    tx.commit().await
}

/// One statement for at most [`BATCH`] frames.
async fn insert(connection: &mut SqliteConnection, frames: &[Frame]) -> Result<(), Error> {
    let mut insert = sqlx::query(INSERTS[frames.len() - 1].as_str());
    for frame in frames {
        insert = insert
            .bind(frame.generation_no)
            .bind(frame.seq.cast_signed())
            .bind(part_word(frame.part))
            .bind(&frame.text);
    }
    insert.execute(connection).await?;
    Ok(())
}

/// Numbers as the JSON list that `json_each` takes apart.
fn list(numbers: &[i64]) -> String {
    format!("{numbers:?}")
}

#[async_trait]
impl Journal for FileJournal {
    /// Nobody is ever fenced here: this process is the only writer and orders its own stops. A frame that
    /// is stored already is stored twice, which reading makes good.
    async fn append(&self, frames: &[Frame]) -> Result<Vec<i64>, StoreError> {
        if !self.keeps || frames.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.connection().await?;
        let written = write(&mut connection, frames).await;
        self.in_doubt.store(written.is_err(), Ordering::Relaxed);
        written.map_err(fault)?;
        Ok(Vec::new())
    }

    async fn frames_after(&self, generation_no: i64, after: u64) -> Result<Vec<Frame>, StoreError> {
        let mut connection = self.connection().await?;
        let mut rows: Vec<Row> = sqlx::query_as(
            "select seq, part, body from frames where gen_no = $1 and seq > $2 order by seq, rowid",
        )
        .bind(generation_no)
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .fetch_all(&mut *connection)
        .await
        .map_err(fault)?;
        // An append that was repeated, because its outcome was unknown, may stand here twice.
        rows.dedup_by_key(|row| row.seq);
        rows.into_iter()
            .map(|row| frame(generation_no, row.seq, &row.part, row.body))
            .collect()
    }

    async fn tails(&self, generation_nos: &[i64]) -> Result<HashMap<i64, u64>, StoreError> {
        let mut connection = self.connection().await?;
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "select gen_no, max(seq) from frames where gen_no in (select value from json_each($1)) group by gen_no",
        )
        .bind(list(generation_nos))
        .fetch_all(&mut *connection)
        .await
        .map_err(fault)?;
        Ok(tails(rows))
    }

    /// A stretch at a time: all rows are read for it, and no append shall wait for long.
    async fn discard(&self, generation_nos: &[i64]) -> Result<(), StoreError> {
        if !self.keeps || generation_nos.is_empty() {
            return Ok(());
        }
        let ended = list(generation_nos);
        // What is appended from now on is of others.
        let span: (Option<i64>, Option<i64>) = sqlx::query_as(
            "select (select min(rowid) from frames), (select max(rowid) from frames)",
        )
        .fetch_one(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        let (Some(first), Some(last)) = span else {
            return Ok(());
        };
        for from in (first..=last).step_by(STRETCH) {
            sqlx::query(
                "delete from frames where rowid >= $1 and rowid < $2 \
                 and gen_no in (select value from json_each($3))",
            )
            .bind(from)
            .bind(from + STRETCH as i64)
            .bind(&ended)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        }
        Ok(())
    }

    async fn sweep(&self, running: &[i64]) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        sqlx::query("delete from frames where gen_no not in (select value from json_each($1))")
            .bind(list(running))
            .execute(&mut *connection)
            .await
            .map_err(fault)?;
        for statement in [
            "drop index if exists frames_left",
            // The log of a long night goes back to the disk.
            FOLDING,
        ] {
            sqlx::query(statement)
                .execute(&mut *connection)
                .await
                .map_err(fault)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::place;
    use parlance_core::domain::Part;

    async fn pages(journal: &FileJournal, most: u32) -> Result<(), StoreError> {
        let limit = sqlx::AssertSqlSafe(format!("pragma max_page_count = {most}"));
        let mut connection = journal.connection().await?;
        sqlx::query(limit)
            .execute(&mut *connection)
            .await
            .map_err(fault)?;
        Ok(())
    }

    #[tokio::test]
    async fn a_long_append_that_found_no_space_is_repeated_when_there_is_some()
    -> Result<(), StoreError> {
        let dir = std::env::temp_dir().join(format!("parlance-journal-{}", uuid::Uuid::now_v7()));
        place::make(&dir).expect("a directory");
        let claim = Arc::new(place::claim(&dir).expect("nobody else's"));
        let opened = FileJournal::open(&dir.join("journal.db"), Durability::Process, claim).await;
        let journal = opened.expect("opens");
        let frames: Vec<Frame> = (1..=2 * BATCH as u64)
            .map(|seq| Frame {
                generation_no: 1,
                seq,
                part: Part::Text,
                text: "word ".repeat(100),
            })
            .collect();
        pages(&journal, 60).await?;
        for _ in 0..2 {
            let refused = journal.append(&frames).await;
            assert!(
                matches!(refused, Err(StoreError::Unavailable(_))),
                "{refused:?}"
            );
        }
        pages(&journal, 100_000).await?;
        journal.append(&frames).await?;
        assert_eq!(journal.frames_after(1, 0).await?, frames);
        drop(journal);
        std::fs::remove_dir_all(&dir).expect("removed");
        Ok(())
    }

    #[tokio::test]
    async fn nothing_of_a_reply_is_left_in_the_files_when_it_was_cleared_away()
    -> Result<(), StoreError> {
        let dir = std::env::temp_dir().join(format!("parlance-journal-{}", uuid::Uuid::now_v7()));
        place::make(&dir).expect("a directory");
        let claim = Arc::new(place::claim(&dir).expect("nobody else's"));
        let file = dir.join("journal.db");
        let opened = FileJournal::open(&file, Durability::Process, claim).await;
        let journal = opened.expect("opens");
        let word = b"canary-7319";
        let left = || {
            let files = ["journal.db", "journal.db-wal"].map(|name| std::fs::read(dir.join(name)));
            let bytes = files.map(|file| file.expect("a file")).concat();
            bytes
                .windows(word.len())
                .filter(|seen| seen == word)
                .count()
        };
        for generation_no in 1..=8 {
            let frames: Vec<Frame> = (1..=200)
                .map(|seq| Frame {
                    generation_no,
                    seq,
                    part: Part::Text,
                    text: "canary-7319 ".repeat(1 + seq as usize % 60),
                })
                .collect();
            journal.append(&frames).await?;
        }
        assert!(left() > 8 * 200);
        journal.discard(&(1..=8).collect::<Vec<_>>()).await?;
        let mut connection = journal.connection().await?;
        fold(&mut connection).await.map_err(fault)?;
        assert_eq!(left(), 0);
        drop(connection);
        drop(journal);
        std::fs::remove_dir_all(&dir).expect("removed");
        Ok(())
    }
}
