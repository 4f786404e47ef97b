//! Sessions in SQL.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, UserId};
use parlance_server::port::store::{
    NewSession, NewTicket, SessionRow, Sessions, SignedIn, StoreError,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Enter, Visits,
    enter::device_kind,
    guest::{Guest, guest},
};
use crate::store::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, transaction, write},
};

#[derive(FromRow)]
struct Stay {
    id: Uuid,
    kind: String,
    user_agent: Option<String>,
    address: Option<String>,
    created_at: Moment,
    last_seen_at: Moment,
}

#[async_trait]
impl Sessions for Database {
    async fn create_session(
        &self,
        user: UserId,
        password_hash: &str,
        session: NewSession,
    ) -> Result<Option<bool>, StoreError> {
        let is_known = transaction!(self.pool, |tx| {
            if !tx.hold(user, password_hash).await.map_err(fault)? {
                return Err(StoreError::NotFound);
            }
            // Asked after the account is held: a factor that is turned on at this moment is on by now, or ends this session.
            if tx.has_factor(user).await.map_err(fault)? {
                return Ok(None);
            }
            sqlx::query("update users set last_login_at = $2 where id = $1")
                .bind(user.0)
                .bind(Moment(session.created_at))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            tx.sign_in(user, &session).await.map_err(fault)?
        });
        Ok(Some(is_known))
    }

    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let row = read!(self.pool, |db| db.guest(token_hash, now, idle_since));
        Ok(row.map(SignedIn::from))
    }

    async fn touch_session(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError> {
        write!(self.pool, |db| sqlx::query(
            "update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2"
        )
        .bind(session.0)
        .bind(Moment(now))
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(())
    }

    async fn sessions(
        &self,
        user: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let rows: Vec<Stay> = read!(self.pool, |db| sqlx::query_as(
            "select id, kind, user_agent, address, created_at, last_seen_at from sessions \
             where user_id = $1 and kind <> 'key' and expires_at > $2 and last_seen_at > $3 \
             order by last_seen_at desc, id desc"
        )
        .bind(user.0)
        .bind(Moment(now))
        .bind(Moment(idle_since))
        .fetch_all(db));
        Ok(rows
            .into_iter()
            .map(|row| SessionRow {
                id: SessionId(row.id),
                kind: device_kind(&row.kind),
                user_agent: row.user_agent,
                address: row.address,
                created_at: row.created_at.0,
                last_seen_at: row.last_seen_at.0,
            })
            .collect())
    }

    async fn has_session(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        Ok(read!(self.pool, |db| sqlx::query_scalar(
            "select exists (select 1 from sessions where id = $1 and user_id = $2)"
        )
        .bind(session.0)
        .bind(user.0)
        .fetch_one(db)))
    }

    async fn replace_session(
        &self,
        user: UserId,
        old: SessionId,
        new: SessionId,
    ) -> Result<bool, StoreError> {
        let ended = transaction!(self.pool, |tx| {
            tx.wait_for(user).await.map_err(fault)?;
            tx.hand_over(user, old, new).await.map_err(fault)?;
            sqlx::query("delete from sessions where id = $1 and user_id = $2 and kind <> 'key'")
                .bind(old.0)
                .bind(user.0)
                .execute(&mut *tx)
                .await
                .map_err(fault)?
                .rows_affected()
        });
        Ok(ended > 0)
    }

    async fn delete_session(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        let ended = write!(self.pool, |db| sqlx::query(
            "delete from sessions where id = $1 and user_id = $2 and kind <> 'key'"
        )
        .bind(session.0)
        .bind(user.0)
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(ended > 0)
    }

    async fn delete_sessions(
        &self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        let ended = transaction!(self.pool, |tx| {
            tx.wait_for(user).await.map_err(fault)?;
            tx.end_sessions(user, except).await.map_err(fault)?
        });
        Ok(ended)
    }

    async fn create_ticket(&self, ticket: NewTicket, now: Timestamp) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            sqlx::query("delete from tickets where expires_at <= $1")
                .bind(Moment(now))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            let kept = sqlx::query(
                "insert into tickets (token_hash, session_id, user_id, expires_at) \
                 select $1, s.id, s.user_id, $4 from sessions s where s.id = $2 and s.user_id = $3",
            )
            .bind(&ticket.token_hash[..])
            .bind(ticket.session_id.0)
            .bind(ticket.user_id.0)
            .bind(Moment(ticket.expires_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if kept.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
        });
        Ok(())
    }

    async fn take_ticket(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let row: Option<Guest> = transaction!(self.pool, |tx| {
            // Gone whatever comes of it: a ticket is shown once.
            let session: Option<(Uuid, Moment)> = sqlx::query_as(
                "delete from tickets where token_hash = $1 returning session_id, expires_at",
            )
            .bind(&token_hash[..])
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            match session {
                Some((session, expires_at)) if expires_at.0 > now => {
                    sqlx::query_as(guest!("where s.id = $1 and s.expires_at > $2"))
                        .bind(session)
                        .bind(Moment(now))
                        .fetch_optional(&mut *tx)
                        .await
                        .map_err(fault)?
                }
                _ => None,
            }
        });
        Ok(row.map(SignedIn::from))
    }

    async fn purge_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.purge_secrets(now).await?;
        Ok(write!(self.pool, |db| sqlx::query(
            "delete from sessions where id in \
             (select id from sessions where expires_at <= $1 order by expires_at limit $2)"
        )
        .bind(Moment(now))
        .bind(i64::from(limit))
        .execute(db)
        .await
        .map_err(fault)?))
    }
}
