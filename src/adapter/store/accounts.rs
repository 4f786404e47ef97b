//! People and their sessions in SQL. Hashing of passwords and tokens happens elsewhere.

use async_trait::async_trait;
use parlance_core::domain::{Preferences, SessionId, Timestamp, User, UserId};
use parlance_server::port::store::{
    Accounts, Credentials, NewSession, NewTicket, NewUser, SignedIn, StoreError,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, transaction, write},
    row::{Person, person_columns},
};

#[derive(FromRow)]
struct Secret {
    #[sqlx(flatten)]
    person: Person,
    password_hash: String,
    is_active: bool,
}

/// What [`Guest`] has beside the person: of the tables `s` and `u`.
macro_rules! guest_columns {
    () => {
        ", s.id as session_id, s.last_seen_at, \
         (select p.content from preferences p where p.user_id = u.id) as preferences"
    };
}

/// A session with its person.
#[derive(FromRow)]
pub(super) struct Guest {
    #[sqlx(flatten)]
    person: Person,
    session_id: Uuid,
    last_seen_at: Moment,
    /// A JSON object.
    preferences: Option<String>,
}

impl From<Guest> for SignedIn {
    fn from(row: Guest) -> Self {
        Self {
            session_id: SessionId(row.session_id),
            user: row.person.into(),
            preferences: row.preferences.as_deref().map(Preferences::read),
            last_seen_at: row.last_seen_at.0,
        }
    }
}

/// Who comes with a token: the first question of every request.
pub(super) trait Visits {
    async fn guest(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Guest>, sqlx::Error>;
}

on_both! { impl Visits {
    async fn guest(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Guest>, sqlx::Error> {
        sqlx::query_as(concat!(
            "select ",
            person_columns!(),
            guest_columns!(),
            " from sessions s join users u on u.id = s.user_id \
             where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and u.is_active"
        ))
        .bind(&token_hash[..])
        .bind(Moment(now))
        .bind(Moment(idle_since))
        .fetch_optional(&mut *self)
        .await
    }
} }

/// What making an account and signing in have in common.
trait SignIn {
    async fn sign_in(&mut self, user: UserId, session: &NewSession) -> Result<(), sqlx::Error>;
}

on_both! { impl SignIn {
    async fn sign_in(&mut self, user: UserId, session: &NewSession) -> Result<(), sqlx::Error> {
        sqlx::query(
            "insert into sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at) \
             values ($1, $2, $3, $4, $5, $5, $6)",
        )
        .bind(session.id.0)
        .bind(user.0)
        .bind(&session.token_hash[..])
        .bind(session.user_agent.as_deref())
        .bind(Moment(session.created_at))
        .bind(Moment(session.expires_at))
        .execute(&mut *self)
        .await?;
        Ok(())
    }
} }

#[async_trait]
impl Accounts for Database {
    async fn create_user(&self, user: NewUser, session: NewSession) -> Result<User, StoreError> {
        transaction!(self.pool, |tx| {
            sqlx::query(
                "insert into users (id, username, username_key, email, email_key, password_hash, last_login_at, \
                 created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
            )
            .bind(user.id.0)
            .bind(&user.username)
            .bind(&user.username_key)
            .bind(&user.email)
            .bind(&user.email_key)
            .bind(&user.password_hash)
            .bind(Moment(session.created_at))
            .bind(Moment(user.created_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            tx.sign_in(user.id, &session).await.map_err(fault)?;
        });
        Ok(User {
            id: user.id,
            username: user.username,
            email: user.email,
            avatar_url: None,
            created_at: user.created_at,
            updated_at: user.created_at,
        })
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

    async fn create_session(&self, user: UserId, session: NewSession) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            let known = sqlx::query("update users set last_login_at = $2 where id = $1")
                .bind(user.0)
                .bind(Moment(session.created_at))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            if known.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            tx.sign_in(user, &session).await.map_err(fault)?;
        });
        Ok(())
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

    async fn delete_session(&self, user: UserId, session: SessionId) -> Result<(), StoreError> {
        write!(self.pool, |db| sqlx::query(
            "delete from sessions where id = $1 and user_id = $2"
        )
        .bind(session.0)
        .bind(user.0)
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(())
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
}
