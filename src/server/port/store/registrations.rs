//! Accounts that wait until somebody has shown that mail reaches their address. They are none before: nobody signs in to
//! them, and they keep no name from others.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, User, UserId};

use super::StoreError;

/// An account to be, and the secret of its letter. It has no password yet: whoever answers the letter chooses it, who may
/// be somebody else than asked for it.
#[derive(Clone)]
pub struct NewRegistration {
    pub token_hash: [u8; 32],
    pub user_id: UserId,
    pub username: String,
    /// `username` case-folded: what must be unique.
    pub username_key: String,
    pub email: String,
    /// `email` case-folded: what must be unique.
    pub email_key: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An account to be, as whoever answers its letter sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub username: String,
    pub email: String,
}

/// What shall go to an address that somebody wants for an account, a new one or their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nobody else has it: the link.
    Waiting,
    /// This person has it, and should know that somebody else wanted it.
    Taken(Box<User>),
    /// Nothing: there were letters enough, or whoever has it is shut out.
    Silent,
}

/// Accounts that wait.
#[async_trait]
pub trait Registrations: Send + Sync {
    /// Whether an account has this name.
    async fn is_username_taken(&self, username_key: &str) -> Result<bool, StoreError>;

    /// Keeps an account to be, whether or not its address is free, unless `most` of this address are waiting.
    async fn keep_registration(
        &self,
        registration: NewRegistration,
        most: u32,
    ) -> Result<Kept, StoreError>;

    /// What waits for this token. `None` when it is unknown or has expired, or somebody has the address by now.
    async fn waiting(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Waiting>, StoreError>;

    /// Makes the account with this password, whose address is its person's, and drops all else that waits for this address.
    /// The person is known to come with `agent`, which is what the letter was answered with. `None` when the token is unknown
    /// or has expired, or somebody has the address by now: also by another letter that is answered in the same moment.
    ///
    /// # Errors
    /// `Conflict(UsernameTaken)`; then the token stays good.
    async fn complete_registration(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        agent: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;
}
