//! People in SQL: their names, addresses and passwords, and the end of an account. Hashing of passwords and tokens happens
//! elsewhere.

mod addresses;
mod challenges;
mod enter;
mod guest;
mod links;
mod people;
mod registrations;
mod sessions;
mod setup;
mod tokens;

use async_trait::async_trait;
use parlance_core::domain::{GenerationId, SessionId, Timestamp, User, UserId};
use parlance_server::port::store::{
    Accounts, Credentials, NewSession, NewUser, Recipes, Renewal, StoreError,
};
use sqlx::FromRow;
use uuid::Uuid;

use self::links::Take;
pub(super) use self::{enter::Enter, guest::Visits};
use super::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{read, transaction, write},
    row::{Person, person_columns},
};

/// A PHC string ends in 67 characters of salt and hash: `$`, 16 bytes, `$`, 32 bytes, both in base64.
const RECIPES: &str = "select substr(password_hash, 1, length(password_hash) - 67) as recipe, count(*) from users \
    where length(password_hash) > 67 group by 1";

#[derive(FromRow)]
struct Secret {
    #[sqlx(flatten)]
    person: Person,
    password_hash: String,
    is_active: bool,
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

    async fn recipes(&self) -> Result<Recipes, StoreError> {
        let secret: Vec<u8> = read!(self.pool, |db| sqlx::query_scalar(
            "select secret from decoys"
        )
        .fetch_one(db));
        let counted: Vec<(String, i64)> =
            read!(self.pool, |db| sqlx::query_as(RECIPES).fetch_all(db));
        let shares = counted
            .into_iter()
            .map(|(recipe, count)| (recipe, count.unsigned_abs()))
            .collect();
        Ok(Recipes {
            secret: secret
                .try_into()
                .map_err(|_| corrupt("secret of another length"))?,
            shares,
        })
    }

    async fn password_hash(&self, user: UserId) -> Result<Option<String>, StoreError> {
        Ok(read!(self.pool, |db| sqlx::query_scalar(
            "select password_hash from users where id = $1 and is_active"
        )
        .bind(user.0)
        .fetch_optional(db)))
    }

    async fn set_password_hash(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let replaced = write!(self.pool, |db| {
            sqlx::query(
            "update users set password_hash = $3, updated_at = $4 where id = $1 and password_hash = $2"
        )
        .bind(user.0)
        .bind(old_hash)
        .bind(new_hash)
        .bind(Moment(now))
        .execute(db)
        .await
        .map_err(fault)?
        });
        Ok(replaced == 1)
    }

    async fn rename_user(
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

    async fn change_email(
        &self,
        user: UserId,
        password_hash: &str,
        email: &str,
        email_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        let person = transaction!(self.pool, |tx| {
            let changed = sqlx::query(
                "update users set email = $3, email_key = $4, email_verified_at = null, email_changed_at = $5, \
                 updated_at = $5 where id = $1 and password_hash = $2 and is_active",
            )
            .bind(user.0)
            .bind(password_hash)
            .bind(email)
            .bind(email_key)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            tx.void_links(user, now).await.map_err(fault)?;
            tx.person(user).await.map_err(fault)?
        });
        person.map(User::from).ok_or(StoreError::NotFound)
    }

    async fn change_password(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        renewal: Renewal,
    ) -> Result<Vec<SessionId>, StoreError> {
        let ended = transaction!(self.pool, |tx| {
            let changed = sqlx::query(
                "update users set password_hash = $3, updated_at = $4 \
                 where id = $1 and password_hash = $2 and is_active",
            )
            .bind(user.0)
            .bind(old_hash)
            .bind(new_hash)
            .bind(Moment(renewal.new.created_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            tx.forget_begun(user).await.map_err(fault)?;
            tx.renew(user, &renewal).await.map_err(fault)?;
            let ended = tx.end_sessions(user, Some(renewal.new.id)).await;
            let ended = ended.map_err(fault)?;
            if !ended.contains(&renewal.old) {
                return Err(StoreError::NotFound);
            }
            ended
        });
        Ok(ended)
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

    async fn close_user(
        &self,
        user: UserId,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let cut = transaction!(self.pool, |tx| {
            let closed = sqlx::query(
                "update users set is_active = $4, deletion_asked_at = $3, updated_at = $3 \
                 where id = $1 and password_hash = $2 and is_active",
            )
            .bind(user.0)
            .bind(password_hash)
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
