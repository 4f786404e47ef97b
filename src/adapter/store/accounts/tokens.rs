//! Access and refresh tokens and API keys in SQL.

use async_trait::async_trait;
use parlance_core::domain::{ApiKey, ApiKeyId, SessionId, Timestamp, UserId};
use parlance_server::port::store::{
    Constraint, NewApiKey, NewTokens, Rotation, SignedIn, StoreError, Tokens,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Enter,
    guest::{Guest, guest},
};
use crate::store::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, transaction, write},
};

/// Locks the session first, as everything that ends it does; then only one refresh of a family is under way.
const LOCK: &str = "update sessions set last_seen_at = case when last_seen_at < $2 then $2 else last_seen_at end \
    where id = (select session_id from refresh_tokens where token_hash = $1) \
    and expires_at > $2 and last_seen_at > $3 returning id, user_id";

#[derive(FromRow)]
struct Key {
    id: Uuid,
    name: String,
    last4: String,
    created_at: Moment,
    last_seen_at: Moment,
    expires_at: Option<Moment>,
}

impl From<Key> for ApiKey {
    fn from(row: Key) -> Self {
        Self {
            id: ApiKeyId(row.id),
            name: row.name,
            last4: row.last4,
            created_at: row.created_at.0,
            last_used_at: (row.last_seen_at != row.created_at).then_some(row.last_seen_at.0),
            expires_at: row.expires_at.map(|end| end.0),
        }
    }
}

#[async_trait]
impl Tokens for Database {
    async fn access(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let row: Option<Guest> = read!(self.pool, |db| {
            sqlx::query_as(guest!(
            "join access_tokens a on a.session_id = s.id \
             where a.token_hash = $1 and a.expires_at > $2 and s.expires_at > $2 and s.last_seen_at > $3"
        ))
        .bind(&token_hash[..])
        .bind(Moment(now))
        .bind(Moment(idle_since))
        .fetch_optional(db)
        });
        Ok(row.map(SignedIn::from))
    }

    async fn refresh_holder(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let row: Option<Guest> = read!(self.pool, |db| {
            sqlx::query_as(guest!(
            "join refresh_tokens r on r.session_id = s.id \
             where r.token_hash = $1 and r.rotated_at is null and s.expires_at > $2 and s.last_seen_at > $3"
        ))
        .bind(&token_hash[..])
        .bind(Moment(now))
        .bind(Moment(idle_since))
        .fetch_optional(db)
        });
        Ok(row.map(SignedIn::from))
    }

    async fn rotate_refresh(
        &self,
        token_hash: &[u8; 32],
        tokens: NewTokens,
        now: Timestamp,
        idle_since: Timestamp,
        grace_since: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let rotation = transaction!(self.pool, |tx| {
            let locked: Option<(Uuid, Uuid)> = sqlx::query_as(LOCK)
                .bind(&token_hash[..])
                .bind(Moment(now))
                .bind(Moment(idle_since))
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            let Some((session, user)) = locked else {
                return Ok(Rotation::Unknown);
            };
            let used: Option<Moment> =
                sqlx::query_scalar("select rotated_at from refresh_tokens where token_hash = $1")
                    .bind(&token_hash[..])
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(fault)?;
            match used {
                Some(used) if used.0 > grace_since => return Ok(Rotation::Superseded),
                Some(_) => {
                    sqlx::query("delete from sessions where id = $1")
                        .bind(session)
                        .execute(&mut *tx)
                        .await
                        .map_err(fault)?;
                    Rotation::Reused {
                        user: UserId(user),
                        session: SessionId(session),
                    }
                }
                None => {
                    sqlx::query("update refresh_tokens set rotated_at = $2 where token_hash = $1")
                        .bind(&token_hash[..])
                        .bind(Moment(now))
                        .execute(&mut *tx)
                        .await
                        .map_err(fault)?;
                    sqlx::query(
                        "delete from access_tokens where session_id = $1 and expires_at <= $2",
                    )
                    .bind(session)
                    .bind(Moment(now))
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
                    tx.store_tokens(SessionId(session), &tokens, now)
                        .await
                        .map_err(fault)?;
                    let guest: Option<Guest> = sqlx::query_as(guest!("where s.id = $1"))
                        .bind(session)
                        .fetch_optional(&mut *tx)
                        .await
                        .map_err(fault)?;
                    match guest {
                        Some(guest) => Rotation::Done(Box::new(guest.into())),
                        None => return Ok(Rotation::Unknown),
                    }
                }
            }
        });
        Ok(rotation)
    }

    async fn api_keys(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let rows: Vec<Key> = read!(self.pool, |db| sqlx::query_as(
            "select s.id, k.name, k.last4, s.created_at, s.last_seen_at, k.expires_at \
             from api_keys k join sessions s on s.id = k.session_id where k.user_id = $1 \
             order by s.created_at desc, s.id desc"
        )
        .bind(user.0)
        .fetch_all(db));
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    async fn create_api_key(
        &self,
        user: UserId,
        password_hash: &str,
        key: NewApiKey,
        most: u32,
    ) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            if !tx.hold(user, password_hash).await.map_err(fault)? {
                return Err(StoreError::NotFound);
            }
            let there: i64 = sqlx::query_scalar("select count(*) from api_keys where user_id = $1")
                .bind(user.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(fault)?;
            if there >= i64::from(most) {
                return Err(StoreError::Conflict(Constraint::ApiKeys));
            }
            tx.store_session(user, &key.session).await.map_err(fault)?;
            sqlx::query(
                "insert into api_keys (session_id, user_id, name, last4, expires_at) values ($1, $2, $3, $4, $5)",
            )
            .bind(key.session.id.0)
            .bind(user.0)
            .bind(&key.name)
            .bind(&key.last4)
            .bind(key.expires_at.map(Moment))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn delete_api_key(&self, user: UserId, key: ApiKeyId) -> Result<bool, StoreError> {
        let ended = write!(self.pool, |db| sqlx::query(
            "delete from sessions where id = $1 and user_id = $2 and kind = 'key'"
        )
        .bind(key.0)
        .bind(user.0)
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(ended == 1)
    }
}

impl Database {
    /// Drops what is good once, or for a short while, and was not used in time.
    pub(super) async fn purge_secrets(&self, now: Timestamp) -> Result<(), StoreError> {
        for statement in [
            "delete from access_tokens where expires_at <= $1",
            "delete from account_links where expires_at <= $1",
            "delete from sign_in_challenges where expires_at <= $1",
            "delete from registrations where expires_at <= $1",
        ] {
            write!(self.pool, |db| sqlx::query(statement)
                .bind(Moment(now))
                .execute(db)
                .await
                .map_err(fault)?);
        }
        Ok(())
    }
}
