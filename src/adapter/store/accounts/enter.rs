//! What coming in consists of: steps that several transactions have in common.

use parlance_core::domain::{DeviceKind, SessionId, Timestamp, User, UserId};
use parlance_server::port::store::{NewSession, NewTokens, NewUser, Renewal, SessionKind};
use uuid::Uuid;

use crate::store::{
    moment::Moment,
    pool::on_both,
    row::{Person, person_columns},
};

pub(super) fn device_kind(word: &str) -> DeviceKind {
    match word {
        "api" => DeviceKind::Api,
        _ => DeviceKind::Browser,
    }
}

fn kind_word(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Browser => "browser",
        SessionKind::Api => "api",
        SessionKind::Key => "key",
    }
}

/// The account as it was just stored.
pub(super) fn as_user(user: NewUser) -> User {
    User {
        id: user.id,
        username: user.username,
        email: user.email,
        email_verified: false,
        group: user.group,
        avatar_url: None,
        created_at: user.created_at,
        updated_at: user.created_at,
    }
}

/// Steps of coming in and going out.
pub(in crate::store) trait Enter {
    async fn store_user(&mut self, user: &NewUser) -> Result<(), sqlx::Error>;

    /// Holds an account for the rest of the transaction, if it is active and this is its password: whoever would change
    /// that waits. `false` when something is different by now.
    async fn hold(&mut self, user: UserId, password_hash: &str) -> Result<bool, sqlx::Error>;

    /// Holds an account for the rest of the transaction, whatever its state: a session that is being renewed is renewed
    /// before, or waits and is found to have ended.
    async fn wait_for(&mut self, user: UserId) -> Result<(), sqlx::Error>;

    /// Whether a second factor is on.
    async fn has_factor(&mut self, user: UserId) -> Result<bool, sqlx::Error>;

    /// Stores a session; whether the person has come in with its `agent` before.
    async fn sign_in(&mut self, user: UserId, session: &NewSession) -> Result<bool, sqlx::Error>;

    async fn store_session(
        &mut self,
        user: UserId,
        session: &NewSession,
    ) -> Result<(), sqlx::Error>;

    async fn store_tokens(
        &mut self,
        session: SessionId,
        tokens: &NewTokens,
        now: Timestamp,
    ) -> Result<(), sqlx::Error>;

    /// Begins the new session of a renewal, and hands over to it what belongs to the device. The old one is still to be
    /// ended.
    async fn renew(&mut self, user: UserId, renewal: &Renewal) -> Result<(), sqlx::Error>;

    /// Gives what belongs to a device to the session that it has now.
    async fn hand_over(
        &mut self,
        user: UserId,
        old: SessionId,
        new: SessionId,
    ) -> Result<(), sqlx::Error>;

    /// Ends all sessions of a person, API keys too.
    async fn end_all(&mut self, user: UserId) -> Result<Vec<SessionId>, sqlx::Error>;

    /// Ends the sessions of a person, but API keys and `except`.
    async fn end_sessions(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>, sqlx::Error>;

    /// What was begun with a password counts no more: ways to set another one, an address that the account shall move to,
    /// sign-ins that wait for a second factor.
    async fn forget_begun(&mut self, user: UserId) -> Result<(), sqlx::Error>;

    /// Ends all that a person who is shut out could come in with or has open: which sessions, API keys among them. Those
    /// stay for the day the person is let in again.
    async fn shut_out(&mut self, user: UserId) -> Result<Vec<SessionId>, sqlx::Error>;

    async fn person(&mut self, user: UserId) -> Result<Option<Person>, sqlx::Error>;
}

on_both! { impl Enter {
    async fn store_user(&mut self, user: &NewUser) -> Result<(), sqlx::Error> {
        sqlx::query(
            "insert into users (id, username, username_key, email, email_key, password_hash, group_name, \
             last_login_at, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)",
        )
        .bind(user.id.0)
        .bind(&user.username)
        .bind(&user.username_key)
        .bind(&user.email)
        .bind(&user.email_key)
        .bind(&user.password_hash)
        .bind(user.group.word())
        .bind(Moment(user.created_at))
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn hold(&mut self, user: UserId, password_hash: &str) -> Result<bool, sqlx::Error> {
        // Changes nothing, and takes the row's lock on both engines.
        let held = sqlx::query(
            "update users set password_hash = $2 where id = $1 and password_hash = $2 and is_active",
        )
        .bind(user.0)
        .bind(password_hash)
        .execute(&mut *self)
        .await?;
        Ok(held.rows_affected() == 1)
    }

    async fn wait_for(&mut self, user: UserId) -> Result<(), sqlx::Error> {
        sqlx::query("update users set updated_at = updated_at where id = $1")
            .bind(user.0)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn has_factor(&mut self, user: UserId) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar(
            "select exists (select 1 from factors where user_id = $1 and enrolled_at is not null)",
        )
        .bind(user.0)
        .fetch_one(&mut *self)
        .await
    }

    async fn sign_in(&mut self, user: UserId, session: &NewSession) -> Result<bool, sqlx::Error> {
        self.store_session(user, session).await?;
        let noted = sqlx::query(
            "insert into known_agents (user_id, agent) values ($1, $2) on conflict do nothing",
        )
        .bind(user.0)
        .bind(&session.agent)
        .execute(&mut *self)
        .await?;
        Ok(noted.rows_affected() == 0)
    }

    async fn store_session(
        &mut self,
        user: UserId,
        session: &NewSession,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "insert into sessions (id, user_id, kind, token_hash, user_agent, address, created_at, last_seen_at, \
             expires_at) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        )
        .bind(session.id.0)
        .bind(user.0)
        .bind(kind_word(session.kind))
        .bind(&session.token_hash[..])
        .bind(session.user_agent.as_deref())
        .bind(session.address.map(|address| address.to_string()))
        .bind(Moment(session.created_at))
        .bind(Moment(session.expires_at))
        .execute(&mut *self)
        .await?;
        match &session.tokens {
            Some(tokens) => self.store_tokens(session.id, tokens, session.created_at).await,
            None => Ok(()),
        }
    }

    async fn store_tokens(
        &mut self,
        session: SessionId,
        tokens: &NewTokens,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("insert into access_tokens (token_hash, session_id, expires_at) values ($1, $2, $3)")
            .bind(&tokens.access_hash[..])
            .bind(session.0)
            .bind(Moment(tokens.access_expires_at))
            .execute(&mut *self)
            .await?;
        sqlx::query("insert into refresh_tokens (token_hash, session_id, created_at) values ($1, $2, $3)")
            .bind(&tokens.refresh_hash[..])
            .bind(session.0)
            .bind(Moment(now))
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn renew(&mut self, user: UserId, renewal: &Renewal) -> Result<(), sqlx::Error> {
        self.sign_in(user, &renewal.new).await?;
        self.hand_over(user, renewal.old, renewal.new.id).await
    }

    async fn hand_over(
        &mut self,
        user: UserId,
        old: SessionId,
        new: SessionId,
    ) -> Result<(), sqlx::Error> {
        // Asked of the new session too: one that has ended in this very moment takes nothing.
        sqlx::query(
            "update push_subscriptions set session_id = $3 where session_id = $2 and user_id = $1 \
             and exists (select 1 from sessions s where s.id = $3 and s.user_id = $1)",
        )
        .bind(user.0)
        .bind(old.0)
        .bind(new.0)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn end_all(&mut self, user: UserId) -> Result<Vec<SessionId>, sqlx::Error> {
        let ended: Vec<Uuid> =
            sqlx::query_scalar("delete from sessions where user_id = $1 returning id")
                .bind(user.0)
                .fetch_all(&mut *self)
                .await?;
        Ok(ended.into_iter().map(SessionId).collect())
    }

    async fn end_sessions(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>, sqlx::Error> {
        let ended: Vec<Uuid> = sqlx::query_scalar(
            "delete from sessions where user_id = $1 and kind <> 'key' and id <> $2 returning id",
        )
        .bind(user.0)
        // No session has the id of nothing.
        .bind(except.map_or(Uuid::nil(), |session| session.0))
        .fetch_all(&mut *self)
        .await?;
        Ok(ended.into_iter().map(SessionId).collect())
    }

    async fn forget_begun(&mut self, user: UserId) -> Result<(), sqlx::Error> {
        for statement in [
            "delete from account_links where user_id = $1 and purpose in ('reset', 'change') and used_at is null",
            "delete from sign_in_challenges where user_id = $1",
        ] {
            sqlx::query(statement).bind(user.0).execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn shut_out(&mut self, user: UserId) -> Result<Vec<SessionId>, sqlx::Error> {
        self.forget_begun(user).await?;
        let keys: Vec<Uuid> =
            sqlx::query_scalar("select session_id from api_keys where user_id = $1")
                .bind(user.0)
                .fetch_all(&mut *self)
                .await?;
        let mut cut = self.end_sessions(user, None).await?;
        cut.extend(keys.into_iter().map(SessionId));
        Ok(cut)
    }

    async fn person(&mut self, user: UserId) -> Result<Option<Person>, sqlx::Error> {
        sqlx::query_as(concat!("select ", person_columns!(), " from users u where u.id = $1"))
            .bind(user.0)
            .fetch_optional(&mut *self)
            .await
    }
} }
