//! Other people's accounts in SQL.

use async_trait::async_trait;
use parlance_core::domain::{Group, GroupLimits, SessionId, Timestamp, UserId};
use parlance_server::port::store::{People, PersonRow, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use super::Enter;
use crate::store::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{read, transaction, write},
    row::{Person, person_columns},
};

/// Columns of [`Account`], of the table `u`.
macro_rules! account_columns {
    () => {
        ", u.is_active, u.last_login_at"
    };
}

#[derive(FromRow)]
struct Account {
    #[sqlx(flatten)]
    person: Person,
    is_active: bool,
    last_login_at: Option<Moment>,
}

impl From<Account> for PersonRow {
    fn from(row: Account) -> Self {
        Self {
            user: row.person.into(),
            is_active: row.is_active,
            last_login_at: row.last_login_at.map(|moment| moment.0),
        }
    }
}

#[derive(FromRow)]
struct Limits {
    model_configs: Option<i64>,
    own_endpoints: bool,
    requests_per_minute: Option<i64>,
    tokens_per_day: Option<i64>,
}

#[async_trait]
impl People for Database {
    async fn people(
        &self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let rows: Vec<Account> = read!(self.pool, |db| sqlx::query_as(concat!(
            "select ",
            person_columns!(),
            account_columns!(),
            " from users u where $1 is null or u.id > $1 order by u.id limit $2"
        ))
        .bind(after.map(|user| user.0))
        .bind(i64::from(limit))
        .fetch_all(db));
        Ok(rows.into_iter().map(PersonRow::from).collect())
    }

    async fn person(&self, user: UserId) -> Result<Option<PersonRow>, StoreError> {
        let row: Option<Account> = read!(self.pool, |db| sqlx::query_as(concat!(
            "select ",
            person_columns!(),
            account_columns!(),
            " from users u where u.id = $1"
        ))
        .bind(user.0)
        .fetch_optional(db));
        Ok(row.map(PersonRow::from))
    }

    async fn set_group(
        &self,
        user: UserId,
        group: Group,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let cut = transaction!(self.pool, |tx| {
            let changed =
                sqlx::query("update users set group_name = $2, updated_at = $3 where id = $1")
                    .bind(user.0)
                    .bind(group.word())
                    .bind(Moment(now))
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            let keys: Vec<Uuid> =
                sqlx::query_scalar("select session_id from api_keys where user_id = $1")
                    .bind(user.0)
                    .fetch_all(&mut *tx)
                    .await
                    .map_err(fault)?;
            let mut cut = tx.end_sessions(user, None).await.map_err(fault)?;
            cut.extend(keys.into_iter().map(SessionId));
            cut
        });
        Ok(cut)
    }

    async fn set_active(
        &self,
        user: UserId,
        is_active: bool,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let cut = transaction!(self.pool, |tx| {
            let changed = sqlx::query(
                "update users set is_active = $2, updated_at = $3 where id = $1 and deletion_asked_at is null",
            )
            .bind(user.0)
            .bind(is_active)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            if is_active {
                Vec::new()
            } else {
                tx.shut_out(user).await.map_err(fault)?
            }
        });
        Ok(cut)
    }

    async fn end_all(&self, user: UserId) -> Result<Vec<SessionId>, StoreError> {
        let ended = transaction!(self.pool, |tx| {
            tx.wait_for(user).await.map_err(fault)?;
            tx.end_all(user).await.map_err(fault)?
        });
        Ok(ended)
    }

    async fn group_limits(&self, group: Group) -> Result<GroupLimits, StoreError> {
        let row: Limits = read!(self.pool, |db| {
            sqlx::query_as(
            "select cast(model_configs as bigint) as model_configs, own_endpoints, \
             cast(requests_per_minute as bigint) as requests_per_minute, tokens_per_day from groups where name = $1"
        )
        .bind(group.word())
        .fetch_one(db)
        });
        let small = |count: Option<i64>| {
            count
                .map(|count| u32::try_from(count).map_err(|_| corrupt("group limit")))
                .transpose()
        };
        Ok(GroupLimits {
            group,
            model_configs: small(row.model_configs)?,
            own_endpoints: row.own_endpoints,
            requests_per_minute: small(row.requests_per_minute)?,
            tokens_per_day: row.tokens_per_day.map(i64::unsigned_abs),
        })
    }

    async fn set_group_limits(&self, limits: &GroupLimits) -> Result<(), StoreError> {
        let tokens = limits.tokens_per_day.map(i64::try_from).transpose();
        let tokens = tokens.map_err(|_| corrupt("group limit"))?;
        write!(self.pool, |db| {
            sqlx::query(
            "update groups set model_configs = $2, own_endpoints = $3, requests_per_minute = $4, tokens_per_day = $5 \
             where name = $1"
        )
        .bind(limits.group.word())
        .bind(limits.model_configs.map(i64::from))
        .bind(limits.own_endpoints)
        .bind(limits.requests_per_minute.map(i64::from))
        .bind(tokens)
        .execute(db)
        .await
        .map_err(fault)?
        });
        Ok(())
    }
}
