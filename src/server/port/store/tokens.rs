//! Access and refresh tokens of API clients, and API keys. They all belong to a session and end with it.

use async_trait::async_trait;
use parlance_core::domain::{ApiKey, ApiKeyId, SessionId, Timestamp, UserId};

use super::{NewSession, NewTokens, SignedIn, StoreError};

/// What became of a refresh token that was shown.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// It was the newest of its family: the new pair is stored.
    Done(Box<SignedIn>),
    /// Another request used it a moment ago.
    Superseded,
    /// Somebody shows it again long after it was used: its family, the session, has ended.
    Reused { user: UserId, session: SessionId },
    /// There is none like it, or its session has ended.
    Unknown,
}

/// An API key to be made: a session with a name.
#[derive(Clone)]
pub struct NewApiKey {
    pub name: String,
    pub last4: String,
    /// `None`: good until it is revoked; the session then ends in the far future.
    pub expires_at: Option<Timestamp>,
    pub session: NewSession,
}

/// Tokens of API clients.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Whose access token this is, under the conditions of [`super::Accounts::session`].
    async fn access(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Whose newest refresh token this is; it stays good.
    async fn refresh_holder(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Uses a refresh token up and stores the pair that follows it. Of calls at the same moment exactly one is `Done`.
    /// A token that was used up before `grace_since` ends its session.
    async fn rotate_refresh(
        &self,
        token_hash: &[u8; 32],
        tokens: NewTokens,
        now: Timestamp,
        idle_since: Timestamp,
        grace_since: Timestamp,
    ) -> Result<Rotation, StoreError>;

    /// The keys of `user`, the newest first.
    async fn api_keys(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError>;

    /// # Errors
    /// `Conflict(ApiKeys)` when `most` are there already; `NotFound` when the account has gone or is shut, or its password
    /// is no longer the one whose hash was checked.
    async fn create_api_key(
        &self,
        user: UserId,
        password_hash: &str,
        key: NewApiKey,
        most: u32,
    ) -> Result<(), StoreError>;

    /// Ends a key of `user`; whether there was one. A device is none.
    async fn delete_api_key(&self, user: UserId, key: ApiKeyId) -> Result<bool, StoreError>;
}
