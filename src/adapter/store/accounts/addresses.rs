//! Addresses that accounts want, in SQL: they are kept with the links that went to them.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, UserId};
use parlance_server::port::store::{
    Addresses, Kept, LinkPurpose, Moved, NewLink, StoreError, Wanted,
};

use super::{
    Enter,
    links::Take,
    registrations::{HOLDER, Holder},
};
use crate::store::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{read, transaction},
};

const WANTED: &str = "select address, expires_at from account_links \
    where user_id = $1 and purpose = 'change' and used_at is null and expires_at > $2 order by expires_at desc limit 1";

#[async_trait]
impl Addresses for Database {
    async fn want_email(
        &self,
        link: NewLink,
        email_key: &str,
        password_hash: Option<&str>,
        most: u32,
    ) -> Result<Option<Kept>, StoreError> {
        let holder: Option<Holder> = transaction!(self.pool, |tx| {
            if let Some(password_hash) = password_hash {
                if !tx.hold(link.user_id, password_hash).await.map_err(fault)? {
                    return Err(StoreError::NotFound);
                }
            } else {
                tx.wait_for(link.user_id).await.map_err(fault)?;
                let wanted: Option<(String, Moment)> = sqlx::query_as(WANTED)
                    .bind(link.user_id.0)
                    .bind(Moment(link.created_at))
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(fault)?;
                if wanted.is_none_or(|(address, _)| address != link.address) {
                    return Err(StoreError::NotFound);
                }
            }
            if !tx.keep_link(&link, most).await.map_err(fault)? {
                return Ok(None);
            }
            // An account wants one address at a time. Void, but still counted.
            sqlx::query(
                "update account_links set used_at = $3 \
                 where user_id = $1 and purpose = 'change' and used_at is null and address <> $2",
            )
            .bind(link.user_id.0)
            .bind(&link.address)
            .bind(Moment(link.created_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            sqlx::query_as(HOLDER)
                .bind(email_key)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?
        });
        // Whoever wants their own address, written in another way, has it.
        let holder = holder.filter(|holder| !holder.is(link.user_id));
        Ok(Some(Holder::what_goes_there(holder)))
    }

    async fn wanted_email(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<Wanted>, StoreError> {
        let row: Option<(String, Moment)> = read!(self.pool, |db| sqlx::query_as(WANTED)
            .bind(user.0)
            .bind(Moment(now))
            .fetch_optional(db));
        Ok(row.map(|(email, expires_at)| Wanted {
            email,
            expires_at: expires_at.0,
        }))
    }

    async fn forget_wanted_email(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        // After the account's row, as in everything that uses links up.
        transaction!(self.pool, |tx| {
            tx.wait_for(user).await.map_err(fault)?;
            sqlx::query(
                "update account_links set used_at = $2 where user_id = $1 and purpose = 'change' and used_at is null",
            )
            .bind(user.0)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn link_target(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        Ok(read!(self.pool, |db| {
            sqlx::query_scalar(
            "select l.address from account_links l join users u on u.id = l.user_id and u.is_active \
             where l.token_hash = $1 and l.purpose = 'change' and l.used_at is null and l.expires_at > $2"
        )
        .bind(&token_hash[..])
        .bind(Moment(now))
        .fetch_optional(db)
        }))
    }

    async fn move_email(
        &self,
        token_hash: &[u8; 32],
        email_key: &str,
        now: Timestamp,
    ) -> Result<Option<Moved>, StoreError> {
        let (before, after) = transaction!(self.pool, |tx| {
            let found = tx.look_at_link(token_hash, LinkPurpose::Change, now).await;
            let Some((user, address)) = found.map_err(fault)? else {
                return Ok(None);
            };
            let user = UserId(user);
            tx.wait_for(user).await.map_err(fault)?;
            let before = tx.person(user).await.map_err(fault)?;
            let moved = sqlx::query(
                "update users set email = $2, email_key = $3, email_verified_at = $4, email_changed_at = $4, \
                 updated_at = $4 where id = $1 and is_active",
            )
            .bind(user.0)
            .bind(address)
            .bind(email_key)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if moved.rows_affected() == 0 || !tx.take_link(token_hash, now).await.map_err(fault)? {
                return Ok(None);
            }
            tx.void_links(user, now).await.map_err(fault)?;
            (before, tx.person(user).await.map_err(fault)?)
        });
        let (Some(before), Some(after)) = (before, after) else {
            return Err(corrupt("absence of an account that was just moved"));
        };
        Ok(Some(Moved {
            before: before.into(),
            after: after.into(),
        }))
    }
}
