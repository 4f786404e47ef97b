//! Who is alive, and what the dead left behind, in SQL. On SQLite one process alone opens the data: whatever
//! another boot began is left behind, and there is no list of the living.

use std::{collections::HashSet, time::Duration};

use async_trait::async_trait;
use parlance_core::domain::{GenerationId, SessionId, Timestamp};
use parlance_server::port::store::{GenerationRow, Instances, Owner, StoreError};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{Pool, write},
    row::{Run, run_columns},
};

/// On SQLite, which would otherwise read all generations in their order to find the few that run.
const OF_OTHER_BOOTS: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g indexed by generations_one_active where g.status in ('queued', 'starting', 'streaming') \
     and g.owner_boot <> $1 order by g.no limit $2"
);
/// On SQLite, by the index of those that run.
const UNATTENDED_SQLITE: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g indexed by generations_one_active where g.status in ('queued', 'starting', 'streaming') \
     and g.owner_boot = $1 and g.created_at < $2 order by g.no limit $3"
);
const UNATTENDED_POSTGRES: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g where g.status in ('queued', 'starting', 'streaming') \
     and g.owner_boot = $1 and g.created_at < $2 order by g.no limit $3"
);
/// On PostgreSQL. `$3`: seconds without a heartbeat that make a process dead.
const ORPHANS: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g left join instances i on i.boot = g.owner_boot \
     where g.status in ('queued', 'starting', 'streaming') and g.owner_boot <> $2 \
     and (i.boot is null or g.owner_instance = $1 \
     or i.heartbeat_at < clock_timestamp() - make_interval(secs => $3)) \
     order by g.no limit $4 for update of g skip locked"
);
/// On PostgreSQL. A process that only slept comes back on the list with its next heartbeat, so it is not
/// taken off at once.
const FORGET: &str = "delete from instances i where i.boot <> $2 \
    and (i.id = $1 or i.heartbeat_at < clock_timestamp() - make_interval(secs => 10 * $3)) \
    and not exists (select 1 from generations g where g.owner_boot = i.boot \
    and g.status in ('queued', 'starting', 'streaming'))";
const HANDED_OVER: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g join instances i on i.boot = g.owner_boot \
     where g.status = 'queued' and i.draining order by g.no limit $1 for update of g skip locked"
);

/// Ids as the JSON list of hexadecimal words that SQLite takes apart.
fn list(ids: &[Uuid]) -> String {
    let words: Vec<_> = ids.iter().map(|id| id.simple().to_string()).collect();
    format!("{words:?}")
}

fn rows(rows: Vec<Run>) -> Result<Vec<GenerationRow>, StoreError> {
    rows.into_iter().map(GenerationRow::try_from).collect()
}

#[async_trait]
impl Instances for Database {
    async fn beat(&self, owner: Owner, draining: bool) -> Result<(), StoreError> {
        let Pool::Postgres { pool, .. } = &self.pool else {
            return Ok(());
        };
        sqlx::query(
            "insert into instances (boot, id, heartbeat_at, draining) values ($1, $2, clock_timestamp(), $3) \
             on conflict (boot) do update set heartbeat_at = clock_timestamp(), draining = excluded.draining",
        )
        .bind(owner.boot)
        .bind(owner.instance)
        .bind(draining)
        .execute(pool)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn leave(&self, owner: Owner) -> Result<(), StoreError> {
        let Pool::Postgres { pool, .. } = &self.pool else {
            return Ok(());
        };
        sqlx::query("delete from instances where boot = $1")
            .bind(owner.boot)
            .execute(pool)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn orphans(
        &self,
        owner: Owner,
        ttl: Duration,
        limit: u32,
    ) -> Result<Vec<GenerationRow>, StoreError> {
        match &self.pool {
            Pool::Sqlite { read, .. } => rows(
                sqlx::query_as(OF_OTHER_BOOTS)
                    .bind(owner.boot)
                    .bind(i64::from(limit))
                    .fetch_all(read)
                    .await
                    .map_err(fault)?,
            ),
            Pool::Postgres { pool, .. } => {
                let found = sqlx::query_as(ORPHANS)
                    .bind(owner.instance)
                    .bind(owner.boot)
                    .bind(ttl.as_secs_f64())
                    .bind(i64::from(limit))
                    .fetch_all(pool)
                    .await
                    .map_err(fault)?;
                sqlx::query(FORGET)
                    .bind(owner.instance)
                    .bind(owner.boot)
                    .bind(ttl.as_secs_f64())
                    .execute(pool)
                    .await
                    .map_err(fault)?;
                rows(found)
            }
        }
    }

    async fn adopt(&self, id: GenerationId, from: Uuid, owner: Owner) -> Result<bool, StoreError> {
        let adopted = write!(self.pool, |db| sqlx::query(
            "update generations set owner_instance = $3, owner_boot = $4 \
             where id = $1 and owner_boot = $2 and status = 'queued'"
        )
        .bind(id.0)
        .bind(from)
        .bind(owner.instance)
        .bind(owner.boot)
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(adopted == 1)
    }

    async fn unattended(
        &self,
        owner: Owner,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<GenerationRow>, StoreError> {
        let own: Vec<Run> = match &self.pool {
            Pool::Sqlite { read, .. } => sqlx::query_as(UNATTENDED_SQLITE)
                .bind(owner.boot)
                .bind(Moment(before))
                .bind(i64::from(limit))
                .fetch_all(read)
                .await
                .map_err(fault)?,
            Pool::Postgres { pool, .. } => sqlx::query_as(UNATTENDED_POSTGRES)
                .bind(owner.boot)
                .bind(Moment(before))
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
                .map_err(fault)?,
        };
        rows(own)
    }

    async fn handed_over(&self, limit: u32) -> Result<Vec<GenerationRow>, StoreError> {
        let Pool::Postgres { pool, .. } = &self.pool else {
            return Ok(Vec::new());
        };
        rows(
            sqlx::query_as(HANDED_OVER)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
                .map_err(fault)?,
        )
    }

    async fn ended_among(&self, ids: &[GenerationId]) -> Result<Vec<GenerationId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let ended: Vec<Uuid> = match &self.pool {
            Pool::Sqlite { read, .. } => sqlx::query_scalar(
                "select id from generations where id in (select unhex(value) from json_each($1)) \
                 and ended_at is not null",
            )
            .bind(list(&ids))
            .fetch_all(read)
            .await
            .map_err(fault)?,
            Pool::Postgres { pool, .. } => sqlx::query_scalar(
                "select id from generations where id = any($1) and ended_at is not null",
            )
            .bind(&ids)
            .fetch_all(pool)
            .await
            .map_err(fault)?,
        };
        Ok(ended.into_iter().map(GenerationId).collect())
    }

    async fn ended_sessions(
        &self,
        ids: &[SessionId],
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let alive: Vec<Uuid> = match &self.pool {
            Pool::Sqlite { read, .. } => sqlx::query_scalar(
                "select s.id from sessions s join users u on u.id = s.user_id \
                 where s.id in (select unhex(value) from json_each($1)) and s.expires_at > $2 and u.is_active",
            )
            .bind(list(&asked))
            .bind(Moment(now))
            .fetch_all(read)
            .await
            .map_err(fault)?,
            Pool::Postgres { pool, .. } => sqlx::query_scalar(
                "select s.id from sessions s join users u on u.id = s.user_id \
                 where s.id = any($1) and s.expires_at > $2 and u.is_active",
            )
            .bind(&asked)
            .bind(Moment(now))
            .fetch_all(pool)
            .await
            .map_err(fault)?,
        };
        let alive: HashSet<Uuid> = alive.into_iter().collect();
        Ok(ids
            .iter()
            .filter(|id| !alive.contains(&id.0))
            .copied()
            .collect())
    }
}
