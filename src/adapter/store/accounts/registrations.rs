//! Accounts that wait for their letter to be answered, in SQL.

use async_trait::async_trait;
use parlance_core::domain::{Group, Timestamp, User, UserId};
use parlance_server::port::store::{
    Constraint, Kept, NewRegistration, NewUser, Registrations, StoreError, Waiting,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::Enter;
use crate::store::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{read, transaction},
    row::{Person, person_columns},
};

/// What a token is for, unless somebody has the address by now. `$2`: now.
const WAITING: &str = "select username, email from registrations r where token_hash = $1 and expires_at > $2 \
    and not exists (select 1 from users u where u.email_key = r.email_key)";

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    username: String,
    username_key: String,
    email: String,
    email_key: String,
}

/// Asks for a [`Holder`]. `$1`: the folded address.
pub(super) const HOLDER: &str = concat!(
    "select ",
    person_columns!(),
    ", u.is_active from users u where u.email_key = $1"
);

/// Who has an address.
#[derive(FromRow)]
pub(super) struct Holder {
    #[sqlx(flatten)]
    person: Person,
    is_active: bool,
}

impl Holder {
    pub(super) fn is(&self, user: UserId) -> bool {
        self.person.is(user)
    }

    /// What shall go to an address that this person has, if anybody does.
    pub(super) fn what_goes_there(holder: Option<Self>) -> Kept {
        match holder {
            None => Kept::Waiting,
            Some(holder) if holder.is_active => Kept::Taken(Box::new(holder.person.into())),
            Some(_) => Kept::Silent,
        }
    }
}

#[async_trait]
impl Registrations for Database {
    async fn is_username_taken(&self, username_key: &str) -> Result<bool, StoreError> {
        Ok(read!(self.pool, |db| sqlx::query_scalar(
            "select exists (select 1 from users where username_key = $1)"
        )
        .bind(username_key)
        .fetch_one(db)))
    }

    async fn keep_registration(
        &self,
        registration: NewRegistration,
        most: u32,
    ) -> Result<Kept, StoreError> {
        let holder: Option<Holder> = transaction!(self.pool, |tx| {
            sqlx::query("delete from registrations where email_key = $1 and expires_at <= $2")
                .bind(&registration.email_key)
                .bind(Moment(registration.created_at))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            let (waiting, last): (i64, i64) = sqlx::query_as(
                "select count(*), coalesce(max(number), 0) from registrations where email_key = $1",
            )
            .bind(&registration.email_key)
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
            if waiting >= i64::from(most) {
                return Ok(Kept::Silent);
            }
            let kept = sqlx::query(
                "insert into registrations (token_hash, user_id, username, username_key, email, email_key, \
                 number, created_at, expires_at) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (email_key, number) do nothing",
            )
            .bind(&registration.token_hash[..])
            .bind(registration.user_id.0)
            .bind(&registration.username)
            .bind(&registration.username_key)
            .bind(&registration.email)
            .bind(&registration.email_key)
            .bind(last.saturating_add(1))
            .bind(Moment(registration.created_at))
            .bind(Moment(registration.expires_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if kept.rows_affected() == 0 {
                // Another request for this address came first, and it has its letter.
                return Ok(Kept::Silent);
            }
            sqlx::query_as(HOLDER)
                .bind(&registration.email_key)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?
        });
        Ok(Holder::what_goes_there(holder))
    }

    async fn waiting(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Waiting>, StoreError> {
        let row: Option<(String, String)> = read!(self.pool, |db| sqlx::query_as(WAITING)
            .bind(&token_hash[..])
            .bind(Moment(now))
            .fetch_optional(db));
        Ok(row.map(|(username, email)| Waiting { username, email }))
    }

    async fn complete_registration(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        agent: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        match self.complete(token_hash, password_hash, agent, now).await {
            Err(StoreError::Conflict(Constraint::EmailTaken)) => Ok(None),
            // By another letter of the same registration, in this very moment: name and address are gone together.
            Err(StoreError::Conflict(Constraint::UsernameTaken))
                if self.waiting(token_hash, now).await?.is_none() =>
            {
                Ok(None)
            }
            made => made,
        }
    }
}

impl Database {
    async fn complete(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        agent: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let person = transaction!(self.pool, |tx| {
            let row: Option<Row> = sqlx::query_as(
                "select user_id, username, username_key, email, email_key from registrations \
                 where token_hash = $1 and expires_at > $2",
            )
            .bind(&token_hash[..])
            .bind(Moment(now))
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            let Some(row) = row else {
                return Ok(None);
            };
            let user = row.into_user(password_hash, now);
            // The account before what waits for it: of two letters that are answered at the same moment one waits here, for
            // the address, and holds nothing that the other needs.
            tx.store_user(&user).await.map_err(fault)?;
            // Nobody has come in yet.
            sqlx::query(
                "update users set email_verified_at = $2, last_login_at = null where id = $1",
            )
            .bind(user.id.0)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            sqlx::query("insert into known_agents (user_id, agent) values ($1, $2)")
                .bind(user.id.0)
                .bind(agent)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            let gone: Vec<Vec<u8>> = sqlx::query_scalar(
                "delete from registrations where email_key = $1 returning token_hash",
            )
            .bind(&user.email_key)
            .fetch_all(&mut *tx)
            .await
            .map_err(fault)?;
            if !gone.iter().any(|hash| hash == token_hash) {
                // Purged, or used for an account that has gone again, since it was looked at.
                return Ok(None);
            }
            tx.person(user.id).await.map_err(fault)?
        });
        let person = person.ok_or_else(|| corrupt("absence of an account that was just made"))?;
        Ok(Some(person.into()))
    }
}

impl Row {
    fn into_user(self, password_hash: &str, now: Timestamp) -> NewUser {
        NewUser {
            id: UserId(self.user_id),
            username: self.username,
            username_key: self.username_key,
            email: self.email,
            email_key: self.email_key,
            password_hash: password_hash.to_owned(),
            group: Group::User,
            created_at: now,
        }
    }
}
