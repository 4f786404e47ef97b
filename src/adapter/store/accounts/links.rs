//! Links, challenges and the setup token in SQL.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, User, UserId};
use parlance_server::port::store::{
    LinkPurpose, Links, NewChallenge, NewLink, NewSession, NewUser, StoreError,
};
use uuid::Uuid;

use super::{Enter, enter::as_user};
use crate::store::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, transaction},
    row::{Person, person_columns},
};

/// Uses a link up. `$2`: what for; `$3`: now.
const TAKE: &str = "update account_links set used_at = $3 where token_hash = $1 and purpose = $2 \
    and used_at is null and expires_at > $3 returning user_id, address";
const IS_THERE_AN_ADMIN: &str = "select exists (select 1 from users where group_name = 'admin')";

fn word(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::Verify => "verify",
        LinkPurpose::Reset => "reset",
    }
}

/// A step that both uses of a link begin with.
trait Take {
    /// Uses a link up: whose it was, and the address that it was sent to.
    async fn take_link(
        &mut self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Uuid, String)>, sqlx::Error>;
}

on_both! { impl Take {
    async fn take_link(
        &mut self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Uuid, String)>, sqlx::Error> {
        sqlx::query_as(TAKE)
            .bind(&token_hash[..])
            .bind(word(purpose))
            .bind(Moment(now))
            .fetch_optional(&mut *self)
            .await
    }
} }

#[async_trait]
impl Links for Database {
    async fn create_link(&self, link: NewLink) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            sqlx::query("delete from account_links where user_id = $1 and purpose = $2")
                .bind(link.user_id.0)
                .bind(word(link.purpose))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            sqlx::query(
                "insert into account_links (token_hash, user_id, purpose, address, created_at, expires_at) \
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&link.token_hash[..])
            .bind(link.user_id.0)
            .bind(word(link.purpose))
            .bind(&link.address)
            .bind(Moment(link.created_at))
            .bind(Moment(link.expires_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn link(
        &self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let person: Option<Person> = read!(self.pool, |db| {
            sqlx::query_as(concat!(
            "select ",
            person_columns!(),
            " from account_links l join users u on u.id = l.user_id \
             where l.token_hash = $1 and l.purpose = $2 and l.used_at is null and l.expires_at > $3 \
             and u.email = l.address and u.is_active"
        ))
        .bind(&token_hash[..])
        .bind(word(purpose))
        .bind(Moment(now))
        .fetch_optional(db)
        });
        Ok(person.map(User::from))
    }

    async fn verify_email(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let person = transaction!(self.pool, |tx| {
            let taken = tx.take_link(token_hash, LinkPurpose::Verify, now).await;
            let Some((user, address)) = taken.map_err(fault)? else {
                return Ok(None);
            };
            let verified = sqlx::query(
                "update users set email_verified_at = $3, updated_at = $3 \
                 where id = $1 and email = $2 and is_active",
            )
            .bind(user)
            .bind(address)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if verified.rows_affected() == 0 {
                return Ok(None);
            }
            tx.person(UserId(user)).await.map_err(fault)?
        });
        Ok(person.map(User::from))
    }

    async fn reset_password(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(User, Vec<SessionId>)>, StoreError> {
        let (person, ended) = transaction!(self.pool, |tx| {
            let taken = tx.take_link(token_hash, LinkPurpose::Reset, now).await;
            let Some((user, address)) = taken.map_err(fault)? else {
                return Ok(None);
            };
            let changed = sqlx::query(
                "update users set password_hash = $3, email_verified_at = coalesce(email_verified_at, $4), \
                 updated_at = $4 where id = $1 and email = $2 and is_active",
            )
            .bind(user)
            .bind(address)
            .bind(password_hash)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if changed.rows_affected() == 0 {
                return Ok(None);
            }
            tx.forget_begun(UserId(user)).await.map_err(fault)?;
            let ended = tx.end_sessions(UserId(user), None).await.map_err(fault)?;
            (tx.person(UserId(user)).await.map_err(fault)?, ended)
        });
        Ok(person.map(|person| (person.into(), ended)))
    }

    async fn create_challenge(&self, challenge: NewChallenge) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            sqlx::query("delete from sign_in_challenges where expires_at <= $1")
                .bind(Moment(challenge.created_at))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            sqlx::query(
                "insert into sign_in_challenges (token_hash, user_id, created_at, expires_at) \
                 values ($1, $2, $3, $4)",
            )
            .bind(&challenge.token_hash[..])
            .bind(challenge.user_id.0)
            .bind(Moment(challenge.created_at))
            .bind(Moment(challenge.expires_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn try_challenge(
        &self,
        token_hash: &[u8; 32],
        most: u32,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let person = transaction!(self.pool, |tx| {
            let user: Option<Uuid> = sqlx::query_scalar(
                "update sign_in_challenges set tries = tries + 1 \
                 where token_hash = $1 and tries < $2 and expires_at > $3 returning user_id",
            )
            .bind(&token_hash[..])
            .bind(i64::from(most))
            .bind(Moment(now))
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            match user {
                Some(user) => tx.person(UserId(user)).await.map_err(fault)?,
                None => None,
            }
        });
        Ok(person.map(User::from))
    }

    async fn take_challenge(
        &self,
        token_hash: &[u8; 32],
        session: NewSession,
    ) -> Result<Option<bool>, StoreError> {
        let is_known = transaction!(self.pool, |tx| {
            let user: Option<Uuid> = sqlx::query_scalar(
                "delete from sign_in_challenges where token_hash = $1 returning user_id",
            )
            .bind(&token_hash[..])
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            let Some(user) = user else {
                return Ok(None);
            };
            let entitled =
                sqlx::query("update users set last_login_at = $2 where id = $1 and is_active")
                    .bind(user)
                    .bind(Moment(session.created_at))
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
            if entitled.rows_affected() == 0 {
                return Ok(None);
            }
            tx.sign_in(UserId(user), &session).await.map_err(fault)?
        });
        Ok(Some(is_known))
    }

    async fn open_setup(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        let is_open = transaction!(self.pool, |tx| {
            let is_there: bool = sqlx::query_scalar(IS_THERE_AN_ADMIN)
                .fetch_one(&mut *tx)
                .await
                .map_err(fault)?;
            sqlx::query("delete from setup_tokens")
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            if !is_there {
                // Instances that start at the same moment: the last one's is good.
                sqlx::query(
                    "insert into setup_tokens (token_hash, created_at) values ($1, $2) \
                     on conflict (only_one) do update set token_hash = excluded.token_hash, \
                     created_at = excluded.created_at",
                )
                .bind(&token_hash[..])
                .bind(Moment(now))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            }
            !is_there
        });
        Ok(is_open)
    }

    async fn is_setup_open(&self) -> Result<bool, StoreError> {
        Ok(read!(self.pool, |db| sqlx::query_scalar(
            "select exists (select 1 from setup_tokens)"
        )
        .fetch_one(db)))
    }

    async fn is_setup_token(&self, token_hash: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(read!(self.pool, |db| sqlx::query_scalar(
            "select exists (select 1 from setup_tokens where token_hash = $1)"
        )
        .bind(&token_hash[..])
        .fetch_one(db)))
    }

    async fn setup(
        &self,
        token_hash: &[u8; 32],
        user: NewUser,
        session: NewSession,
    ) -> Result<Option<User>, StoreError> {
        transaction!(self.pool, |tx| {
            let taken = sqlx::query("delete from setup_tokens where token_hash = $1")
                .bind(&token_hash[..])
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            if taken.rows_affected() == 0 {
                return Ok(None);
            }
            let is_there: bool = sqlx::query_scalar(IS_THERE_AN_ADMIN)
                .fetch_one(&mut *tx)
                .await
                .map_err(fault)?;
            if is_there {
                return Ok(None);
            }
            tx.store_user(&user).await.map_err(fault)?;
            tx.sign_in(user.id, &session).await.map_err(fault)?;
        });
        Ok(Some(as_user(user)))
    }
}
