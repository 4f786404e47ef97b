//! Sign-ins that wait for their second factor, in SQL.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, User, UserId};
use parlance_server::port::store::{Challenges, NewChallenge, NewSession, StoreError};
use uuid::Uuid;

use super::Enter;
use crate::store::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, transaction},
    row::{Person, person_columns},
};

#[async_trait]
impl Challenges for Database {
    async fn create_challenge(&self, challenge: NewChallenge) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            let (user, hash) = (challenge.user_id, &challenge.password_hash);
            if !tx.hold(user, hash).await.map_err(fault)? {
                return Err(StoreError::NotFound);
            }
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
            .bind(user.0)
            .bind(Moment(challenge.created_at))
            .bind(Moment(challenge.expires_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn challenge(
        &self,
        token_hash: &[u8; 32],
        most: u32,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let person: Option<Person> = read!(self.pool, |db| {
            sqlx::query_as(concat!(
                "select ",
                person_columns!(),
                " from sign_in_challenges c join users u on u.id = c.user_id \
                 where c.token_hash = $1 and c.tries < $2 and c.expires_at > $3"
            ))
            .bind(&token_hash[..])
            .bind(i64::from(most))
            .bind(Moment(now))
            .fetch_optional(db)
        });
        Ok(person.map(User::from))
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
            let user: Option<Uuid> =
                sqlx::query_scalar("select user_id from sign_in_challenges where token_hash = $1")
                    .bind(&token_hash[..])
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(fault)?;
            let Some(user) = user else {
                return Ok(None);
            };
            // First the account, then what hangs on it, as another password does it: neither waits for the other in vain.
            let entitled =
                sqlx::query("update users set last_login_at = $2 where id = $1 and is_active")
                    .bind(user)
                    .bind(Moment(session.created_at))
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
            let taken = sqlx::query("delete from sign_in_challenges where token_hash = $1")
                .bind(&token_hash[..])
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            if entitled.rows_affected() == 0 || taken.rows_affected() == 0 {
                return Ok(None);
            }
            tx.sign_in(UserId(user), &session).await.map_err(fault)?
        });
        Ok(Some(is_known))
    }
}
