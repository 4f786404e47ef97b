//! The token that makes the first admin, in SQL.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, User};
use parlance_server::port::store::{NewSession, NewUser, Setup, StoreError};

use super::{Enter, enter::as_user};
use crate::store::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, transaction},
};

const IS_THERE_AN_ADMIN: &str = "select exists (select 1 from users where group_name = 'admin')";

#[async_trait]
impl Setup for Database {
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
