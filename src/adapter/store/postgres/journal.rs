//! The journal in `generation_frames`. The unique key (generation, number) is the fence: a sealed log
//! has its next number taken, so a writer that does not know of the end finds out at its next append.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use async_trait::async_trait;
use parlance_server::port::{
    journal::{Frame, Journal},
    store::StoreError,
};
use sqlx::{Connection, Error, FromRow, PgConnection, PgPool};
use tokio::time::timeout;

use super::{
    super::{
        fault::fault,
        open::Durability,
        row::{frame, part_word, tails},
    },
    Partitions,
    line::Line,
};

/// How long an append may take before its outcome is called unknown.
const PATIENCE: Duration = Duration::from_secs(5);
/// One statement, so one trip and one transaction; a number that is taken fails it whole. Whether its commit
/// waits for the disk is `$5`, for this transaction alone.
const APPEND: &str = "with commits as materialized \
    (select set_config('synchronous_commit', $5, true) as word) \
    insert into generation_frames (gen_no, seq, kind, part, body) \
    select f.gen_no, f.seq, 'delta', f.part, f.body \
    from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) as f (gen_no, seq, part, body), commits \
    where commits.word is not null";
const APPEND_WHAT_IS_FREE: &str = "insert into generation_frames (gen_no, seq, kind, part, body) \
    select gen_no, seq, 'delta', part, body \
    from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) as f (gen_no, seq, part, body) \
    on conflict do nothing returning gen_no, seq";
const IN_THE_WAY: &str = "select gen_no, seq, kind, part, body from generation_frames \
    where (gen_no, seq) in (select * from unnest($1::bigint[], $2::bigint[]))";
const TAKE_BACK: &str = "delete from generation_frames \
    where (gen_no, seq) in (select * from unnest($1::bigint[], $2::bigint[]))";

/// Frames in a table.
pub(in super::super) struct TableJournal {
    /// For the writer alone, so that no burst of requests can hold up a reply, commits of one generation
    /// keep their order, and a lost connection is always seen: what it had not yet brought to the disk may
    /// be gone, and the writer looks.
    line: Line,
    pool: PgPool,
    partitions: Partitions,
    durability: Durability,
}

#[derive(FromRow)]
struct Row {
    gen_no: i64,
    seq: i64,
    kind: String,
    part: String,
    body: String,
}

impl Row {
    fn is(&self, frame: &Frame) -> bool {
        self.kind == "delta" && self.part == part_word(frame.part) && self.body == frame.text
    }
}

/// The columns of some frames.
struct Columns<'a> {
    nos: Vec<i64>,
    seqs: Vec<i64>,
    parts: Vec<String>,
    bodies: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(frames: &'a [Frame]) -> Self {
        let (nos, seqs) = frames.iter().map(key).unzip();
        Self {
            nos,
            seqs,
            parts: frames
                .iter()
                .map(|frame| part_word(frame.part).into_owned())
                .collect(),
            bodies: frames.iter().map(|frame| frame.text.as_str()).collect(),
        }
    }
}

fn key(frame: &Frame) -> (i64, i64) {
    (frame.generation_no, frame.seq.cast_signed())
}

impl TableJournal {
    pub(super) fn new(
        line: Line,
        pool: PgPool,
        partitions: Partitions,
        durability: Durability,
    ) -> Self {
        Self {
            line,
            pool,
            partitions,
            durability,
        }
    }

    /// Frames need to survive the death of this process, not a power failure, unless that is asked for: the
    /// terminal transaction, which is synchronous, makes all that came before it durable as well.
    fn commits(&self) -> &'static str {
        match self.durability {
            Durability::Power => "on",
            Durability::Process | Durability::Off => "off",
        }
    }

    async fn write(&self, frames: &[Frame]) -> Result<Vec<i64>, Error> {
        let columns = Columns::of(frames);
        let mut line = self.line.take().await?;
        let written = sqlx::query(APPEND)
            .bind(&columns.nos)
            .bind(&columns.seqs)
            .bind(&columns.parts)
            .bind(&columns.bodies)
            .bind(self.commits())
            .execute(&mut line.connection)
            .await;
        let fenced = match written {
            Ok(_) => Vec::new(),
            Err(Error::Database(refusal)) if refusal.is_unique_violation() => {
                write_around(&mut line.connection, frames, &columns, self.commits()).await?
            }
            Err(error) => return Err(error),
        };
        line.give_back();
        Ok(fenced)
    }
}

/// Some numbers were taken: by an earlier try of this very append, or by a seal. Whose log is sealed keeps
/// none of these frames; the others keep all of theirs.
async fn write_around(
    connection: &mut PgConnection,
    frames: &[Frame],
    columns: &Columns<'_>,
    commits: &str,
) -> Result<Vec<i64>, Error> {
    let mut tx = connection.begin().await?;
    sqlx::query("select set_config('synchronous_commit', $1, true)")
        .bind(commits)
        .execute(&mut *tx)
        .await?;
    let stored: Vec<(i64, i64)> = sqlx::query_as(APPEND_WHAT_IS_FREE)
        .bind(&columns.nos)
        .bind(&columns.seqs)
        .bind(&columns.parts)
        .bind(&columns.bodies)
        .fetch_all(&mut *tx)
        .await?;
    let stored: BTreeSet<(i64, i64)> = stored.into_iter().collect();
    // A statement of its own, because the row that was in the way may be younger than the snapshot of the first.
    let in_the_way: Vec<Row> = sqlx::query_as(IN_THE_WAY)
        .bind(&columns.nos)
        .bind(&columns.seqs)
        .fetch_all(&mut *tx)
        .await?;
    let in_the_way: HashMap<(i64, i64), Row> = in_the_way
        .into_iter()
        .map(|row| ((row.gen_no, row.seq), row))
        .collect();
    let fenced: BTreeSet<i64> = frames
        .iter()
        .filter(|frame| !stored.contains(&key(frame)))
        .filter(|frame| !in_the_way.get(&key(frame)).is_some_and(|row| row.is(frame)))
        .map(|frame| frame.generation_no)
        .collect();
    // A batch may hold several frames of a sealed log, of which only the first collided.
    let (nos, seqs): (Vec<i64>, Vec<i64>) = stored
        .into_iter()
        .filter(|(no, _)| fenced.contains(no))
        .unzip();
    if !nos.is_empty() {
        sqlx::query(TAKE_BACK)
            .bind(&nos)
            .bind(&seqs)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(fenced.into_iter().collect())
}

#[async_trait]
impl Journal for TableJournal {
    async fn append(&self, frames: &[Frame]) -> Result<Vec<i64>, StoreError> {
        let newest = frames.iter().map(|frame| frame.generation_no).max();
        let Some(newest) = newest.filter(|_| self.durability != Durability::Off) else {
            return Ok(Vec::new());
        };
        self.partitions.cover(newest).await.map_err(fault)?;
        match timeout(PATIENCE, self.write(frames)).await {
            Ok(written) => written.map_err(fault),
            Err(_) => Err(StoreError::Unavailable(format!(
                "no answer to an append within {} s",
                PATIENCE.as_secs()
            ))),
        }
    }

    async fn frames_after(&self, generation_no: i64, after: u64) -> Result<Vec<Frame>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select gen_no, seq, kind, part, body from generation_frames \
             where gen_no = $1 and seq > $2 and kind = 'delta' order by seq",
        )
        .bind(generation_no)
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await
        .map_err(fault)?;
        rows.into_iter()
            .map(|row| frame(generation_no, row.seq, &row.part, row.body))
            .collect()
    }

    async fn tails(&self, generation_nos: &[i64]) -> Result<HashMap<i64, u64>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "select gen_no, max(seq)::bigint from generation_frames \
             where gen_no = any($1) and kind = 'delta' group by gen_no",
        )
        .bind(generation_nos)
        .fetch_all(&self.pool)
        .await
        .map_err(fault)?;
        Ok(tails(rows))
    }

    /// The seals stay: they fence a writer that wakes up late, until the partition is dropped.
    async fn discard(&self, generation_nos: &[i64]) -> Result<(), StoreError> {
        sqlx::query("delete from generation_frames where gen_no = any($1) and kind = 'delta'")
            .bind(generation_nos)
            .execute(&self.pool)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn sweep(&self, _running: &[i64]) -> Result<(), StoreError> {
        // A generation is stored before its first frame, so what this statement sees of a running one is kept.
        sqlx::query(
            "delete from generation_frames f where f.kind = 'delta' and not exists (select 1 from generations g \
             where g.no = f.gen_no and g.status in ('queued', 'starting', 'streaming'))",
        )
        .execute(&self.pool)
        .await
        .map_err(fault)?;
        Ok(())
    }
}
