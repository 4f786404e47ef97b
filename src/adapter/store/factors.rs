//! Second factors in SQL. Each change names what it saw, so that of two at the same time one is refused.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, UserId};
use parlance_server::port::store::{Factor, FactorRows, Renewal, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Database,
    accounts::Enter,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{on_both, read, transaction, write},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    secret: Vec<u8>,
    last_step: i64,
    tries: i64,
    tried_at: Option<Moment>,
    created_at: Moment,
    enrolled_at: Option<Moment>,
}

impl TryFrom<Row> for Factor {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            sealed: row.secret,
            last_step: u64::try_from(row.last_step).map_err(|_| corrupt("time step"))?,
            tries: u32::try_from(row.tries).map_err(|_| corrupt("count of tries"))?,
            tried_at: row.tried_at.map(|moment| moment.0),
            created_at: row.created_at.0,
            enrolled_at: row.enrolled_at.map(|moment| moment.0),
        })
    }
}

trait Codes {
    async fn set_codes(&mut self, owner: UserId, hashes: &[[u8; 32]]) -> Result<(), sqlx::Error>;
}

on_both! { impl Codes {
    async fn set_codes(&mut self, owner: UserId, hashes: &[[u8; 32]]) -> Result<(), sqlx::Error> {
        sqlx::query("delete from backup_codes where user_id = $1")
            .bind(owner.0)
            .execute(&mut *self)
            .await?;
        for hash in hashes {
            sqlx::query("insert into backup_codes (user_id, code_hash) values ($1, $2)")
                .bind(owner.0)
                .bind(&hash[..])
                .execute(&mut *self)
                .await?;
        }
        Ok(())
    }
} }

fn step(step: u64) -> i64 {
    i64::try_from(step).unwrap_or(i64::MAX)
}

#[async_trait]
impl FactorRows for Database {
    async fn factor(&self, owner: UserId) -> Result<Option<Factor>, StoreError> {
        let row: Option<Row> = read!(self.pool, |db| {
            sqlx::query_as(
            "select id, secret, last_step, tries, tried_at, created_at, enrolled_at from factors where user_id = $1"
        )
        .bind(owner.0)
        .fetch_optional(db)
        });
        row.map(Factor::try_from).transpose()
    }

    async fn backup_codes(&self, owner: UserId) -> Result<u32, StoreError> {
        let count: i64 = read!(self.pool, |db| sqlx::query_scalar(
            "select count(*) from backup_codes where user_id = $1"
        )
        .bind(owner.0)
        .fetch_one(db));
        u32::try_from(count).map_err(|_| corrupt("count"))
    }

    async fn begin_factor(
        &self,
        owner: UserId,
        password_hash: &str,
        id: Uuid,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let kept = transaction!(self.pool, |tx| {
            if !tx.hold(owner, password_hash).await.map_err(fault)? {
                return Err(StoreError::NotFound);
            }
            // The count of failures stays: whoever begins again has no more tries for it.
            let kept = sqlx::query(
                "insert into factors (user_id, id, secret, created_at) values ($1, $2, $3, $4) \
                 on conflict (user_id) do update set id = excluded.id, secret = excluded.secret, last_step = 0, \
                 created_at = excluded.created_at where factors.enrolled_at is null",
            )
            .bind(owner.0)
            .bind(id)
            .bind(sealed)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            kept.rows_affected()
        });
        Ok(kept == 1)
    }

    async fn take_try(
        &self,
        owner: UserId,
        factor: Uuid,
        seen: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let taken = write!(self.pool, |db| {
            sqlx::query(
            "update factors set tries = tries + 1, tried_at = $4 where user_id = $1 and id = $2 and tries = $3"
        )
        .bind(owner.0)
        .bind(factor)
        .bind(i64::from(seen))
        .bind(Moment(now))
        .execute(db)
        .await
        .map_err(fault)?
        });
        Ok(taken == 1)
    }

    async fn enrol_factor(
        &self,
        owner: UserId,
        factor: Uuid,
        used: u64,
        code_hashes: &[[u8; 32]],
        renewal: Renewal,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let ended = transaction!(self.pool, |tx| {
            // The account first: a sign-in without the factor that is under way is stored before, and ends with the
            // others below, or waits and sees the factor.
            let changed =
                sqlx::query("update users set updated_at = $2 where id = $1 and is_active")
                    .bind(owner.0)
                    .bind(Moment(renewal.new.created_at))
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            let on = sqlx::query(
                "update factors set enrolled_at = $4, last_step = $3, tries = 0, tried_at = null \
                 where user_id = $1 and id = $2 and enrolled_at is null",
            )
            .bind(owner.0)
            .bind(factor)
            .bind(step(used))
            .bind(Moment(renewal.new.created_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if on.rows_affected() == 0 {
                return Ok(None);
            }
            tx.set_codes(owner, code_hashes).await.map_err(fault)?;
            tx.renew(owner, &renewal).await.map_err(fault)?;
            let ended = tx.end_sessions(owner, Some(renewal.new.id)).await;
            let ended = ended.map_err(fault)?;
            if !ended.contains(&renewal.old) {
                return Err(StoreError::NotFound);
            }
            ended
        });
        Ok(Some(ended))
    }

    async fn use_step(&self, owner: UserId, factor: Uuid, used: u64) -> Result<bool, StoreError> {
        let good = write!(self.pool, |db| sqlx::query(
            "update factors set last_step = $3, tries = 0, tried_at = null \
             where user_id = $1 and id = $2 and last_step < $3"
        )
        .bind(owner.0)
        .bind(factor)
        .bind(step(used))
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(good == 1)
    }

    async fn use_backup_code(
        &self,
        owner: UserId,
        factor: Uuid,
        code_hash: &[u8; 32],
    ) -> Result<bool, StoreError> {
        let was_there = transaction!(self.pool, |tx| {
            let used = sqlx::query(
                "delete from backup_codes where user_id = $1 and code_hash = $2 and exists \
                 (select 1 from factors where user_id = $1 and id = $3 and enrolled_at is not null)",
            )
            .bind(owner.0)
            .bind(&code_hash[..])
            .bind(factor)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            let was_there = used.rows_affected() == 1;
            if was_there {
                sqlx::query("update factors set tries = 0, tried_at = null where user_id = $1")
                    .bind(owner.0)
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
            }
            was_there
        });
        Ok(was_there)
    }

    async fn replace_backup_codes(
        &self,
        owner: UserId,
        code_hashes: &[[u8; 32]],
    ) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            let on = sqlx::query(
                "update factors set tries = 0 where user_id = $1 and enrolled_at is not null",
            )
            .bind(owner.0)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if on.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            tx.set_codes(owner, code_hashes).await.map_err(fault)?;
        });
        Ok(())
    }

    async fn delete_factor(
        &self,
        owner: UserId,
        password_hash: &str,
        renewal: Renewal,
    ) -> Result<bool, StoreError> {
        transaction!(self.pool, |tx| {
            if !tx.hold(owner, password_hash).await.map_err(fault)? {
                return Err(StoreError::NotFound);
            }
            let gone = sqlx::query("delete from factors where user_id = $1")
                .bind(owner.0)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            if gone.rows_affected() == 0 {
                return Ok(false);
            }
            tx.renew(owner, &renewal).await.map_err(fault)?;
            let ended = sqlx::query("delete from sessions where id = $1 and user_id = $2")
                .bind(renewal.old.0)
                .bind(owner.0)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            if ended.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
        });
        Ok(true)
    }
}
