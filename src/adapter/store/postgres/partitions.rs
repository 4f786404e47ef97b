//! Partitions of the journal table: made ahead of need, dropped whole when all in them is rubbish.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

/// Generations in a partition.
const SPAN: i64 = 4_096;
/// Key of the advisory lock under which partitions come and go ("frames" in ASCII).
const LOCK: i64 = 0x66_72_61_6d_65_73;

/// Knows which partitions exist. Cheap to clone.
#[derive(Clone)]
pub(in super::super) struct Partitions {
    pool: PgPool,
    /// The highest index up to which partitions are known to exist.
    made: Arc<AtomicI64>,
}

impl Partitions {
    pub(super) fn new(pool: PgPool) -> Self {
        Self {
            pool,
            made: Arc::new(AtomicI64::new(-1)),
        }
    }

    /// For the start: covers the number that the next generation will get, and drops what is over.
    pub(super) async fn cover_newest(&self) -> Result<(), sqlx::Error> {
        let last: Option<i64> = sqlx::query_scalar(
            "select pg_sequence_last_value(pg_get_serial_sequence('generations', 'no')::regclass)",
        )
        .fetch_one(&self.pool)
        .await?;
        self.cover(last.unwrap_or_default() + 1).await
    }

    /// Makes sure that the partition of generation `no`, and the one after it, exist. Costs nothing but
    /// once in a partition's length.
    pub(in super::super) async fn cover(&self, no: i64) -> Result<(), sqlx::Error> {
        let index = no.div_euclid(SPAN);
        if self.made.load(Ordering::Acquire) > index {
            return Ok(());
        }
        let mut tx = self.pool.begin().await?;
        // Several tasks and instances may come here at once: one makes them, the others find them made.
        sqlx::query("select pg_advisory_xact_lock($1)")
            .bind(LOCK)
            .execute(&mut *tx)
            .await?;
        for index in [index, index + 1] {
            make(&mut tx, index).await?;
        }
        tx.commit().await?;
        self.made.fetch_max(index + 1, Ordering::AcqRel);
        if let Err(error) = self.drop_ended(index).await {
            tracing::warn!(%error, "old partitions of the journal stay for now");
        }
        Ok(())
    }

    /// Drops partitions whose generations have all been over for five minutes; until then their seals may
    /// still have to fence a writer that was asleep. The one before `newest` stays: a number in it may
    /// have been given to a transaction that nobody sees yet.
    async fn drop_ended(&self, newest: i64) -> Result<(), sqlx::Error> {
        let names: Vec<String> = sqlx::query_scalar(
            "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid \
             where i.inhparent = 'generation_frames'::regclass",
        )
        .fetch_all(&self.pool)
        .await?;
        let indices = names
            .iter()
            .filter_map(|name| name.strip_prefix(PREFIX)?.parse::<i64>().ok());
        for index in indices.filter(|index| *index + 1 < newest) {
            let in_use: bool = sqlx::query_scalar(
                "select exists (select 1 from generations where no >= $1 and no < $2 \
                 and (ended_at is null or ended_at > now() - interval '5 minutes'))",
            )
            .bind(index * SPAN)
            .bind((index + 1) * SPAN)
            .fetch_one(&self.pool)
            .await?;
            if in_use {
                continue;
            }
            // Dropping waits for readers of the whole table; better another time than in their way.
            let mut tx = self
                .pool
                .begin_with("begin; set local lock_timeout = '2s'")
                .await?;
            sqlx::query("select pg_advisory_xact_lock($1)")
                .bind(LOCK)
                .execute(&mut *tx)
                .await?;
            sqlx::query(AssertSqlSafe(format!(
                "drop table if exists {PREFIX}{index}"
            )))
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

const PREFIX: &str = "generation_frames_p";

/// Made apart and then attached, which, unlike `create table … partition of`, stops no writer.
async fn make(tx: &mut Transaction<'static, Postgres>, index: i64) -> Result<(), sqlx::Error> {
    let name = format!("{PREFIX}{index}");
    let there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(&name)
        .fetch_one(&mut **tx)
        .await?;
    if there {
        return Ok(());
    }
    let (from, to) = (index * SPAN, (index + 1) * SPAN);
    for statement in [
        format!("create table {name} (like generation_frames including all)"),
        format!(
            "alter table generation_frames attach partition {name} for values from ({from}) to ({to})"
        ),
    ] {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
