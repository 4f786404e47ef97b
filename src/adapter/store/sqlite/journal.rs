//! The journal in `journal.db`: without an index, since it is read only after a crash, and at
//! synchronous NORMAL unless it must survive the death of the machine too. The status in the main file is the judge: rows of
//! a generation that has ended are rubbish.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use parlance_server::port::{
    journal::{Frame, Journal},
    store::StoreError,
};
use sqlx::{FromRow, SqlitePool, migrate::Migrator, sqlite::SqliteSynchronous};

use super::{
    super::{fault::fault, open::OpenError, place::Claim, row::frame},
    migrate, one_connection, options,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/journal");
/// Bytes. A commit writes whole pages, and a frame is small.
const PAGE: u32 = 512;
/// Pages in the write-ahead log before it is folded in: 4 MiB, so that commits seldom pay for it.
const CHECKPOINT: &str = "8192";

/// Frames in a file.
pub(in super::super) struct FileJournal {
    pool: SqlitePool,
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
        power_safe: bool,
        claim: Arc<Claim>,
    ) -> Result<Self, OpenError> {
        let synchronous = if power_safe {
            SqliteSynchronous::Full
        } else {
            SqliteSynchronous::Normal
        };
        let options = options(file)
            .page_size(PAGE)
            .synchronous(synchronous)
            .pragma("wal_autocheckpoint", CHECKPOINT);
        let pool = one_connection(options, file).await?;
        migrate(&MIGRATIONS, &pool).await?;
        Ok(Self {
            pool,
            _claim: claim,
        })
    }
}

/// Numbers as the JSON list that `json_each` takes apart.
fn list(numbers: &[i64]) -> String {
    format!("{numbers:?}")
}

#[async_trait]
impl Journal for FileJournal {
    /// Nobody is ever fenced here: this process is the only writer and orders its own stops.
    async fn append(&self, frames: &[Frame]) -> Result<Vec<i64>, StoreError> {
        if frames.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self
            .pool
            .begin_with("begin immediate")
            .await
            .map_err(fault)?;
        for frame in frames {
            sqlx::query("insert into frames (gen_no, seq, part, body) values ($1, $2, $3, $4)")
                .bind(frame.generation_no)
                .bind(frame.seq.cast_signed())
                .bind(frame.part.to_string())
                .bind(&frame.text)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
        }
        tx.commit().await.map_err(fault)?;
        Ok(Vec::new())
    }

    async fn frames(&self, generation_no: i64) -> Result<Vec<Frame>, StoreError> {
        let mut rows: Vec<Row> = sqlx::query_as(
            "select seq, part, body from frames where gen_no = $1 order by seq, rowid",
        )
        .bind(generation_no)
        .fetch_all(&self.pool)
        .await
        .map_err(fault)?;
        // An append that was repeated, because its outcome was unknown, may stand here twice.
        rows.dedup_by_key(|row| row.seq);
        rows.into_iter()
            .map(|row| frame(generation_no, row.seq, &row.part, row.body))
            .collect()
    }

    async fn discard(&self, generation_nos: &[i64]) -> Result<(), StoreError> {
        if generation_nos.is_empty() {
            return Ok(());
        }
        sqlx::query("delete from frames where gen_no in (select value from json_each($1))")
            .bind(list(generation_nos))
            .execute(&self.pool)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        sqlx::query("delete from frames")
            .execute(&self.pool)
            .await
            .map_err(fault)?;
        // The log of a long night goes back to the disk.
        sqlx::query("pragma wal_checkpoint(truncate)")
            .execute(&self.pool)
            .await
            .map_err(fault)?;
        Ok(())
    }
}
