//! People and their sessions in SQL. Hashing of passwords and tokens happens elsewhere.

mod changes;
mod enter;
mod links;
mod people;
mod tokens;

use async_trait::async_trait;
use parlance_core::domain::{GenerationId, SessionId, Timestamp, User, UserId};
use parlance_server::port::store::{
    Accounts, Credentials, NewSession, NewTicket, NewUser, SessionRow, SignedIn, StoreError,
};
use sqlx::FromRow;
use uuid::Uuid;

pub(super) use self::enter::{Enter, Visits};
use self::enter::{Guest, device_kind, guest_columns};
use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, transaction, write},
    row::{Person, person_columns},
};

#[derive(FromRow)]
struct Secret {
    #[sqlx(flatten)]
    person: Person,
    password_hash: String,
    is_active: bool,
}

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
impl Accounts for Database {
    async fn create_user(&self, user: NewUser, session: NewSession) -> Result<User, StoreError> {
        transaction!(self.pool, |tx| {
            tx.store_user(&user).await.map_err(fault)?;
            tx.sign_in(user.id, &session).await.map_err(fault)?;
        });
        Ok(enter::as_user(user))
    }

    async fn credentials(&self, email_key: &str) -> Result<Option<Credentials>, StoreError> {
        let row = read!(self.pool, |db| sqlx::query_as::<_, Secret>(concat!(
            "select ",
            person_columns!(),
            ", u.password_hash, u.is_active from users u where u.email_key = $1"
        ))
        .bind(email_key)
        .fetch_optional(db));
        Ok(row.map(|row| Credentials {
            user: row.person.into(),
            password_hash: row.password_hash,
            is_active: row.is_active,
        }))
    }

    async fn password_hash(&self, user: UserId) -> Result<Option<String>, StoreError> {
        Ok(read!(self.pool, |db| sqlx::query_scalar(
            "select password_hash from users where id = $1 and is_active"
        )
        .bind(user.0)
        .fetch_optional(db)))
    }

    async fn create_session(
        &self,
        user: UserId,
        password_hash: &str,
        session: NewSession,
    ) -> Result<bool, StoreError> {
        let is_known = transaction!(self.pool, |tx| {
            let entitled = sqlx::query(
                "update users set last_login_at = $2 where id = $1 and is_active and password_hash = $3",
            )
            .bind(user.0)
            .bind(Moment(session.created_at))
            .bind(password_hash)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if entitled.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            tx.sign_in(user, &session).await.map_err(fault)?
        });
        Ok(is_known)
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

    async fn delete_session(&self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        let ended = write!(self.pool, |db| sqlx::query(
            "delete from sessions where id = $1 and user_id = $2"
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
                Some((session, expires_at)) if expires_at.0 > now => sqlx::query_as(concat!(
                    "select ",
                    person_columns!(),
                    guest_columns!(),
                    " from sessions s join users u on u.id = s.user_id \
                     where s.id = $1 and s.expires_at > $2 and u.is_active"
                ))
                .bind(session)
                .bind(Moment(now))
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?,
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

    async fn set_password_hash(
        &self,
        user: UserId,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        write!(self.pool, |db| sqlx::query(
            "update users set password_hash = $2, updated_at = $3 where id = $1"
        )
        .bind(user.0)
        .bind(password_hash)
        .bind(Moment(now))
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(())
    }

    async fn rename_user(
        &self,
        user: UserId,
        username: &str,
        username_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        self.rename(user, username, username_key, now).await
    }

    async fn change_email(
        &self,
        user: UserId,
        email: &str,
        email_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        self.move_mail(user, email, email_key, now).await
    }

    async fn change_password(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        session: NewSession,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.change_secret(user, old_hash, new_hash, session).await
    }

    async fn active_generations(&self, user: UserId) -> Result<Vec<GenerationId>, StoreError> {
        let ids: Vec<Uuid> = read!(self.pool, |db| {
            sqlx::query_scalar(
            "select id from generations where user_id = $1 and status in ('queued', 'starting', 'streaming')"
        )
        .bind(user.0)
        .fetch_all(db)
        });
        Ok(ids.into_iter().map(GenerationId).collect())
    }

    async fn close_user(&self, user: UserId, now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        self.close(user, now).await
    }

    async fn closed_users(&self, limit: u32) -> Result<Vec<UserId>, StoreError> {
        let ids: Vec<Uuid> = read!(self.pool, |db| {
            sqlx::query_scalar(
            "select id from users where deletion_asked_at is not null order by deletion_asked_at limit $1"
        )
        .bind(i64::from(limit))
        .fetch_all(db)
        });
        Ok(ids.into_iter().map(UserId).collect())
    }

    async fn delete_user(&self, user: UserId) -> Result<(), StoreError> {
        write!(self.pool, |db| sqlx::query(
            "delete from users where id = $1"
        )
        .bind(user.0)
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(())
    }
}
