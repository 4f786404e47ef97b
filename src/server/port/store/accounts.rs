//! People and their sessions.

use std::net::IpAddr;

use async_trait::async_trait;
use parlance_core::domain::{
    DeviceKind, GenerationId, Group, Preferences, SessionId, Timestamp, User, UserId,
};

use super::StoreError;

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    pub id: UserId,
    pub username: String,
    /// `username` case-folded: what must be unique.
    pub username_key: String,
    pub email: String,
    /// `email` case-folded: what must be unique.
    pub email_key: String,
    /// PHC string.
    pub password_hash: String,
    pub group: Group,
    pub created_at: Timestamp,
}

/// What a session was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    Browser,
    Api,
    /// An API key: no device, never idle, and not the person themselves.
    Key,
}

impl From<DeviceKind> for SessionKind {
    fn from(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::Browser => Self::Browser,
            DeviceKind::Api => Self::Api,
        }
    }
}

/// A session to be made. The token itself is never stored, only its SHA-256.
#[derive(Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub kind: SessionKind,
    pub token_hash: [u8; 32],
    /// As the client called itself, cut to 200 characters.
    pub user_agent: Option<String>,
    /// What the client is known again by when it comes back.
    pub agent: String,
    pub address: Option<IpAddr>,
    pub created_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// The first pair of an API client.
    pub tokens: Option<NewTokens>,
}

/// A pair of tokens to be made, as their SHA-256.
#[derive(Clone, Copy)]
pub struct NewTokens {
    pub access_hash: [u8; 32],
    pub access_expires_at: Timestamp,
    /// Lasts as long as its session.
    pub refresh_hash: [u8; 32],
}

/// A pass for one WebSocket: used up by the first who shows it. Only its SHA-256 is stored.
#[derive(Clone)]
pub struct NewTicket {
    pub token_hash: [u8; 32],
    pub session_id: SessionId,
    pub user_id: UserId,
    pub expires_at: Timestamp,
}

/// What checking a password needs.
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
    /// A disabled account may not sign in.
    pub is_active: bool,
}

/// Whose session a token is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session_id: SessionId,
    pub kind: SessionKind,
    pub user: User,
    /// What the person ever chose; `None` when nothing was.
    pub preferences: Option<Preferences>,
    pub last_seen_at: Timestamp,
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: SessionId,
    pub kind: DeviceKind,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// People and their sessions.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes the account and signs it in.
    ///
    /// # Errors
    /// `Conflict(UsernameTaken | EmailTaken)`.
    async fn create_user(&self, user: NewUser, session: NewSession) -> Result<User, StoreError>;

    /// By case-folded e-mail.
    async fn credentials(&self, email_key: &str) -> Result<Option<Credentials>, StoreError>;

    /// The password hash of an active account.
    async fn password_hash(&self, user: UserId) -> Result<Option<String>, StoreError>;

    /// Signs `user` in and notes the time of it, if the account is active and its password is still the one whose hash
    /// was checked. Whether they have come in with this `agent` before.
    ///
    /// # Errors
    /// `NotFound`.
    async fn create_session(
        &self,
        user: UserId,
        password_hash: &str,
        session: NewSession,
    ) -> Result<bool, StoreError>;

    /// The session of this token (a cookie's or an API key's), if its account is active, it has not ended
    /// (`expires_at > now`) and was last seen after `idle_since`.
    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Notes that the session was used.
    async fn touch_session(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Devices of `user` that are signed in, the one last used first. API keys are none.
    async fn sessions(
        &self,
        user: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<SessionRow>, StoreError>;

    /// Ends the session of `user`, API key or not; whether there was one.
    async fn delete_session(&self, user: UserId, session: SessionId) -> Result<bool, StoreError>;

    /// Ends all sessions of `user` but `except`; which. API keys stay.
    async fn delete_sessions(
        &self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Keeps a ticket; expired ones of anybody are dropped on the way.
    async fn create_ticket(&self, ticket: NewTicket, now: Timestamp) -> Result<(), StoreError>;

    /// Uses a ticket up. `None` when there is none like it, it has expired, or its session has ended
    /// (as in [`Self::session`]).
    async fn take_ticket(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Drops sessions that ended before `now`, at most `limit`; how many.
    async fn purge_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Replaces the password hash (after the parameters were raised).
    async fn set_password_hash(
        &self,
        user: UserId,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// # Errors
    /// `Conflict(UsernameTaken)`, `NotFound`.
    async fn rename_user(
        &self,
        user: UserId,
        username: &str,
        username_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError>;

    /// Nobody has shown yet that mail reaches the new address, and links to the old one are void.
    ///
    /// # Errors
    /// `Conflict(EmailTaken)`, `NotFound`.
    async fn change_email(
        &self,
        user: UserId,
        email: &str,
        email_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError>;

    /// A new password: all sessions end (API keys stay), a new one begins, and nothing that was asked for with the old
    /// password can be finished. Which sessions have ended.
    ///
    /// # Errors
    /// `NotFound` when the account has gone, or its password is no longer the one whose hash was checked.
    async fn change_password(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        session: NewSession,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Replies of `user` that are queued or being written.
    async fn active_generations(&self, user: UserId) -> Result<Vec<GenerationId>, StoreError>;

    /// Shuts the account and marks it as one to be deleted, which nobody takes back. Its sessions end, and with API keys
    /// nothing is begun any more: which they were.
    ///
    /// # Errors
    /// `NotFound`.
    async fn close_user(&self, user: UserId, now: Timestamp) -> Result<Vec<SessionId>, StoreError>;

    /// Accounts that are to be deleted and are still there, at most `limit`.
    async fn closed_users(&self, limit: u32) -> Result<Vec<UserId>, StoreError>;

    /// Deletes the account and everything that is its.
    async fn delete_user(&self, user: UserId) -> Result<(), StoreError>;
}
