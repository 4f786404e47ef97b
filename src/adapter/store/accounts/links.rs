//! Links of letters in SQL.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, User, UserId};
use parlance_server::port::store::{LinkPurpose, Links, NewLink, Reset, StoreError};
use uuid::Uuid;

use super::Enter;
use crate::store::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, transaction},
    row::{Person, person_columns},
};

/// What a link is, if it can still be used. `$2`: what for; `$3`: now.
const LOOK: &str = "select user_id, address from account_links where token_hash = $1 and purpose = $2 \
    and used_at is null and expires_at > $3";
/// Uses a link up, unless somebody was faster.
const TAKE: &str = "update account_links set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2";

/// The others for its person and purpose go with it.
const TAKE_OTHERS: &str = "update account_links set used_at = $2 where used_at is null \
    and (user_id, purpose) = (select l.user_id, l.purpose from account_links l where l.token_hash = $1)";

fn word(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::Verify => "verify",
        LinkPurpose::Reset => "reset",
        LinkPurpose::Change => "change",
    }
}

/// Steps that the uses of links have in common. The account comes between looking and taking, since what changes an account
/// takes first its row and then what hangs on it: neither waits for the other in vain.
pub(super) trait Take {
    /// Keeps a link of a person whose row this transaction holds: two at the same moment are counted one after the other.
    /// `false` when there were `most` within the time that one is good.
    async fn keep_link(&mut self, link: &NewLink, most: u32) -> Result<bool, sqlx::Error>;

    /// Void, but still counted: an address that is changed again and again brings no more letters.
    async fn void_links(&mut self, user: UserId, now: Timestamp) -> Result<(), sqlx::Error>;

    /// Whose link this is, and the address that it was sent to.
    async fn look_at_link(
        &mut self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Uuid, String)>, sqlx::Error>;

    /// Uses a link up, and with it all others for its person and purpose; `false` when it was used in this very moment.
    async fn take_link(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, sqlx::Error>;
}

on_both! { impl Take {
    async fn keep_link(&mut self, link: &NewLink, most: u32) -> Result<bool, sqlx::Error> {
        let earlier: i64 = sqlx::query_scalar(
            "select count(*) from account_links where user_id = $1 and purpose = $2 and expires_at > $3",
        )
        .bind(link.user_id.0)
        .bind(word(link.purpose))
        .bind(Moment(link.created_at))
        .fetch_one(&mut *self)
        .await?;
        if earlier >= i64::from(most) {
            return Ok(false);
        }
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
        .execute(&mut *self)
        .await?;
        Ok(true)
    }

    async fn void_links(&mut self, user: UserId, now: Timestamp) -> Result<(), sqlx::Error> {
        sqlx::query("update account_links set used_at = $2 where user_id = $1 and used_at is null")
            .bind(user.0)
            .bind(Moment(now))
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn look_at_link(
        &mut self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Uuid, String)>, sqlx::Error> {
        sqlx::query_as(LOOK)
            .bind(&token_hash[..])
            .bind(word(purpose))
            .bind(Moment(now))
            .fetch_optional(&mut *self)
            .await
    }

    async fn take_link(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        let taken = sqlx::query(TAKE)
            .bind(&token_hash[..])
            .bind(Moment(now))
            .execute(&mut *self)
            .await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(TAKE_OTHERS)
            .bind(&token_hash[..])
            .bind(Moment(now))
            .execute(&mut *self)
            .await?;
        Ok(true)
    }
} }

/// What comes with the first proof of an address.
trait Own {
    /// Forgets what somebody may have planted who made the account with an address that is not theirs; whether a second
    /// factor was on. One that is older than the address stays: its owner has set the address, and whoever has stolen a
    /// session must not get around it that way.
    async fn forget_planted(&mut self, user: UserId) -> Result<bool, sqlx::Error>;
}

on_both! { impl Own {
    async fn forget_planted(&mut self, user: UserId) -> Result<bool, sqlx::Error> {
        sqlx::query("delete from known_agents where user_id = $1")
            .bind(user.0)
            .execute(&mut *self)
            .await?;
        let gone: Option<Option<Moment>> = sqlx::query_scalar(
            "delete from factors where user_id = $1 and not exists (select 1 from users u where u.id = $1 \
             and u.email_changed_at >= factors.enrolled_at) returning enrolled_at",
        )
        .bind(user.0)
        .fetch_optional(&mut *self)
        .await?;
        Ok(gone.flatten().is_some())
    }
} }

#[async_trait]
impl Links for Database {
    async fn create_link(&self, link: NewLink, most: u32) -> Result<bool, StoreError> {
        let is_kept = transaction!(self.pool, |tx| {
            tx.wait_for(link.user_id).await.map_err(fault)?;
            tx.keep_link(&link, most).await.map_err(fault)?
        });
        Ok(is_kept)
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
            let found = tx.look_at_link(token_hash, LinkPurpose::Verify, now).await;
            let Some((user, address)) = found.map_err(fault)? else {
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
            if verified.rows_affected() == 0
                || !tx.take_link(token_hash, now).await.map_err(fault)?
            {
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
    ) -> Result<Option<Reset>, StoreError> {
        let (person, ended, factor_off) = transaction!(self.pool, |tx| {
            let found = tx.look_at_link(token_hash, LinkPurpose::Reset, now).await;
            let Some((user, address)) = found.map_err(fault)? else {
                return Ok(None);
            };
            let verified_at: Option<Option<Moment>> = sqlx::query_scalar(
                "update users set password_hash = $3, updated_at = $4 \
                 where id = $1 and email = $2 and is_active returning email_verified_at",
            )
            .bind(user)
            .bind(address)
            .bind(password_hash)
            .bind(Moment(now))
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            let Some(verified_at) = verified_at else {
                return Ok(None);
            };
            if !tx.take_link(token_hash, now).await.map_err(fault)? {
                return Ok(None);
            }
            let user = UserId(user);
            tx.forget_begun(user).await.map_err(fault)?;
            let ended = tx.end_all(user).await.map_err(fault)?;
            let factor_off = if verified_at.is_none() {
                sqlx::query("update users set email_verified_at = $2 where id = $1")
                    .bind(user.0)
                    .bind(Moment(now))
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
                tx.forget_planted(user).await.map_err(fault)?
            } else {
                false
            };
            (tx.person(user).await.map_err(fault)?, ended, factor_off)
        });
        Ok(person.map(|person| Reset {
            user: person.into(),
            ended,
            factor_off,
        }))
    }
}
