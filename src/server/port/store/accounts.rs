//! People and their sessions.

use async_trait::async_trait;
use parlance_core::domain::{Preferences, SessionId, Timestamp, User, UserId};

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
    pub created_at: Timestamp,
}

/// A session to be made. The token itself is never stored, only its SHA-256.
#[derive(Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub token_hash: [u8; 32],
    /// As the client called itself, cut to 200 characters.
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
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
    pub user: User,
    /// What the person ever chose; `None` when nothing was.
    pub preferences: Option<Preferences>,
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

    /// Signs `user` in and notes the time of it.
    async fn create_session(&self, user: UserId, session: NewSession) -> Result<(), StoreError>;

    /// The session of this token, if its account is active, it has not ended (`expires_at > now`) and
    /// was last seen after `idle_since`.
    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Notes that the session was used.
    async fn touch_session(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Ends the session of `user`; no error when it is gone already.
    async fn delete_session(&self, user: UserId, session: SessionId) -> Result<(), StoreError>;

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
}
