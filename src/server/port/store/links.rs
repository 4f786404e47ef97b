//! Secrets that are good once: links that go out by mail, what stands between a password and its second factor, and the
//! token that makes the first admin. Of each only the SHA-256 is stored.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, User, UserId};

use super::{NewSession, NewUser, StoreError};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Shows that mail reaches the address.
    Verify,
    /// Sets another password.
    Reset,
}

/// A link to be sent, bound to a person and the address it goes to.
#[derive(Clone)]
pub struct NewLink {
    pub token_hash: [u8; 32],
    pub user_id: UserId,
    pub purpose: LinkPurpose,
    /// As it is in the account now.
    pub address: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A sign-in that waits for its second factor.
#[derive(Clone)]
pub struct NewChallenge {
    pub token_hash: [u8; 32],
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Secrets that are good once.
#[async_trait]
pub trait Links: Send + Sync {
    /// Keeps a link; earlier ones for the same purpose are void.
    async fn create_link(&self, link: NewLink) -> Result<(), StoreError>;

    /// Whose link this is, if it can still be used: not used, not expired, the account active and its address the same.
    async fn link(
        &self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Uses a link up: the address is the person's. `None` as in [`Self::link`].
    async fn verify_email(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Uses a link up: sets the password and ends all sessions, and with them everything that was begun with the old
    /// one. The address is the person's. `None` as in [`Self::link`].
    async fn reset_password(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(User, Vec<SessionId>)>, StoreError>;

    /// Keeps a challenge; expired ones of anybody are dropped on the way.
    async fn create_challenge(&self, challenge: NewChallenge) -> Result<(), StoreError>;

    /// Counts a try of a challenge and answers whose it is; `None` once it has expired or `most` were made.
    async fn try_challenge(
        &self,
        token_hash: &[u8; 32],
        most: u32,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Uses a challenge up and signs its person in. Whether they have come in with this `agent` before;
    /// `None` when the challenge has gone.
    async fn take_challenge(
        &self,
        token_hash: &[u8; 32],
        session: NewSession,
    ) -> Result<Option<bool>, StoreError>;

    /// Keeps the token that makes the first admin, in the place of an earlier one. `false`, and none is left, when there
    /// is an admin.
    async fn open_setup(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<bool, StoreError>;

    /// Whether a setup token waits to be used.
    async fn is_setup_open(&self) -> Result<bool, StoreError>;

    /// Whether this is the token that waits.
    async fn is_setup_token(&self, token_hash: &[u8; 32]) -> Result<bool, StoreError>;

    /// Uses the setup token up and makes the account. `None` when it is not the token that waits.
    ///
    /// # Errors
    /// `Conflict(UsernameTaken | EmailTaken)`; then the token stays good.
    async fn setup(
        &self,
        token_hash: &[u8; 32],
        user: NewUser,
        session: NewSession,
    ) -> Result<Option<User>, StoreError>;
}
