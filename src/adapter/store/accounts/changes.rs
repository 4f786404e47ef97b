//! Changes of an account in SQL.

use parlance_core::domain::{SessionId, Timestamp, User, UserId};
use parlance_server::port::store::{NewSession, StoreError};

use super::Enter;
use crate::store::{Database, fault::fault, moment::Moment, pool::transaction};

impl Database {
    /// See `Accounts::rename_user`.
    pub(super) async fn rename(
        &self,
        user: UserId,
        username: &str,
        username_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        let person = transaction!(self.pool, |tx| {
            sqlx::query(
                "update users set username = $2, username_key = $3, updated_at = $4 where id = $1",
            )
            .bind(user.0)
            .bind(username)
            .bind(username_key)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            tx.person(user).await.map_err(fault)?
        });
        person.map(User::from).ok_or(StoreError::NotFound)
    }

    /// See `Accounts::change_email`.
    pub(super) async fn move_mail(
        &self,
        user: UserId,
        email: &str,
        email_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        let person = transaction!(self.pool, |tx| {
            sqlx::query(
                "update users set email = $2, email_key = $3, email_verified_at = null, updated_at = $4 where id = $1",
            )
            .bind(user.0)
            .bind(email)
            .bind(email_key)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            sqlx::query("delete from account_links where user_id = $1 and used_at is null")
                .bind(user.0)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            tx.person(user).await.map_err(fault)?
        });
        person.map(User::from).ok_or(StoreError::NotFound)
    }

    /// See `Accounts::change_password`.
    pub(super) async fn change_secret(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        session: NewSession,
    ) -> Result<Vec<SessionId>, StoreError> {
        let ended = transaction!(self.pool, |tx| {
            let changed = sqlx::query(
                "update users set password_hash = $3, updated_at = $4 \
                 where id = $1 and password_hash = $2 and is_active",
            )
            .bind(user.0)
            .bind(old_hash)
            .bind(new_hash)
            .bind(Moment(session.created_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            tx.forget_begun(user).await.map_err(fault)?;
            let ended = tx.end_sessions(user, None).await.map_err(fault)?;
            tx.sign_in(user, &session).await.map_err(fault)?;
            ended
        });
        Ok(ended)
    }

    /// See `Accounts::close_user`.
    pub(super) async fn close(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let cut = transaction!(self.pool, |tx| {
            let closed = sqlx::query(
                "update users set is_active = $3, deletion_asked_at = coalesce(deletion_asked_at, $2), \
                 updated_at = $2 where id = $1",
            )
            .bind(user.0)
            .bind(Moment(now))
            .bind(false)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if closed.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            tx.shut_out(user).await.map_err(fault)?
        });
        Ok(cut)
    }
}
