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
    /// Moves the account to the address.
    Change,
}

/// A link to be sent, bound to a person and the address it goes to.
#[derive(Clone)]
pub struct NewLink {
    pub token_hash: [u8; 32],
    pub user_id: UserId,
    pub purpose: LinkPurpose,
    /// As it is in the account now; of a change, the one that is wanted.
    pub address: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A sign-in that waits for its second factor.
#[derive(Clone)]
pub struct NewChallenge {
    pub token_hash: [u8; 32],
    pub user_id: UserId,
    /// The one that the password was checked against.
    pub password_hash: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a reset has changed.
#[derive(Clone, Debug)]
pub struct Reset {
    pub user: User,
    /// API keys among them.
    pub ended: Vec<SessionId>,
    /// Whether a second factor was taken off.
    pub factor_off: bool,
}

/// Links of letters.
#[async_trait]
pub trait Links: Send + Sync {
    /// Keeps a link beside earlier ones for the same purpose, all of which are void once one of them was used; `false`,
    /// and it is not kept, when there were `most` within the time that one is good.
    async fn create_link(&self, link: NewLink, most: u32) -> Result<bool, StoreError>;

    /// Whose link this is, if it can still be used: not used, not expired, the account active and its address the same.
    async fn link(
        &self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Uses a link up that was made to verify: the address is the person's. `None` as in [`Self::link`].
    async fn verify_email(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Uses a link up: sets the password and ends all sessions and API keys, and with them everything that was begun with
    /// the old one. The address is the person's. Where nobody had shown that before, somebody else may have made the
    /// account: the devices they came with are forgotten, and so is a second factor, unless it is older than the address,
    /// for then its owner has set the address, and a reset must be no way around it. `None` as in [`Self::link`].
    async fn reset_password(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Reset>, StoreError>;
}

/// Sign-ins that wait for their second factor.
#[async_trait]
pub trait Challenges: Send + Sync {
    /// Keeps a challenge; expired ones of anybody are dropped on the way.
    ///
    /// # Errors
    /// `NotFound` when the account has gone or is shut, or its password is no longer the one whose hash was checked.
    async fn create_challenge(&self, challenge: NewChallenge) -> Result<(), StoreError>;

    /// Whose challenge this is; `None` where [`Self::try_challenge`] would answer so. Counts nothing.
    async fn challenge(
        &self,
        token_hash: &[u8; 32],
        most: u32,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

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
}

/// The token that makes the first admin.
#[async_trait]
pub trait Setup: Send + Sync {
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
