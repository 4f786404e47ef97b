//! The journal in `generation_frames`. The unique key (generation, number) is the fence: a sealed log
//! has its next number taken, so a writer that does not know of the end finds out at its next append.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use parlance_server::port::{
    journal::{Frame, Journal},
    store::StoreError,
};
use sqlx::{FromRow, PgPool};

use super::{
    super::{fault::fault, row::frame},
    Partitions,
};

/// Frames need to survive the death of this process, not a power failure: the terminal transaction, which
/// is synchronous, makes all that came before it durable as well.
const BEGIN: &str = "begin; set local synchronous_commit = off";
/// They need to survive that too.
const BEGIN_POWER_SAFE: &str = "begin; set local synchronous_commit = on";

/// Frames in a table.
pub(in super::super) struct TableJournal {
    pool: PgPool,
    partitions: Partitions,
    begin: &'static str,
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
        self.kind == "delta" && self.part == frame.part.to_string() && self.body == frame.text
    }
}

impl TableJournal {
    pub(super) fn new(pool: PgPool, partitions: Partitions, power_safe: bool) -> Self {
        let begin = if power_safe { BEGIN_POWER_SAFE } else { BEGIN };
        Self {
            pool,
            partitions,
            begin,
        }
    }
}

fn key(frame: &Frame) -> (i64, i64) {
    (frame.generation_no, frame.seq.cast_signed())
}

#[async_trait]
impl Journal for TableJournal {
    async fn append(&self, frames: &[Frame]) -> Result<Vec<i64>, StoreError> {
        let Some(newest) = frames.iter().map(|frame| frame.generation_no).max() else {
            return Ok(Vec::new());
        };
        self.partitions.cover(newest).await.map_err(fault)?;
        let (nos, seqs): (Vec<i64>, Vec<i64>) = frames.iter().map(key).unzip();
        let parts: Vec<String> = frames.iter().map(|frame| frame.part.to_string()).collect();
        let bodies: Vec<&str> = frames.iter().map(|frame| frame.text.as_str()).collect();

        let mut tx = self.pool.begin_with(self.begin).await.map_err(fault)?;
        let stored: Vec<(i64, i64)> = sqlx::query_as(
            "insert into generation_frames (gen_no, seq, kind, part, body) \
             select gen_no, seq, 'delta', part, body \
             from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) as f (gen_no, seq, part, body) \
             on conflict do nothing returning gen_no, seq",
        )
        .bind(&nos)
        .bind(&seqs)
        .bind(&parts)
        .bind(&bodies)
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
        if stored.len() == frames.len() {
            tx.commit().await.map_err(fault)?;
            return Ok(Vec::new());
        }

        // Some numbers were taken: by an earlier try of this very append, or by a seal. A new statement,
        // because the row that was in the way may be younger than the snapshot of the first.
        let stored: BTreeSet<(i64, i64)> = stored.into_iter().collect();
        let in_the_way: Vec<Row> = sqlx::query_as(
            "select gen_no, seq, kind, part, body from generation_frames \
             where (gen_no, seq) in (select * from unnest($1::bigint[], $2::bigint[]))",
        )
        .bind(&nos)
        .bind(&seqs)
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
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
            sqlx::query(
                "delete from generation_frames \
                 where (gen_no, seq) in (select * from unnest($1::bigint[], $2::bigint[]))",
            )
            .bind(&nos)
            .bind(&seqs)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        }
        tx.commit().await.map_err(fault)?;
        Ok(fenced.into_iter().collect())
    }

    async fn frames(&self, generation_no: i64) -> Result<Vec<Frame>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select gen_no, seq, kind, part, body from generation_frames \
             where gen_no = $1 and kind = 'delta' order by seq",
        )
        .bind(generation_no)
        .fetch_all(&self.pool)
        .await
        .map_err(fault)?;
        rows.into_iter()
            .map(|row| frame(generation_no, row.seq, &row.part, row.body))
            .collect()
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

    async fn sweep(&self) -> Result<(), StoreError> {
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
