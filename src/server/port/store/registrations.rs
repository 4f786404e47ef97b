//! Accounts that wait until somebody has shown that mail reaches their address. They are none before: nobody signs in to
//! them, and they keep no name from others.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, User};

use super::{NewUser, StoreError};

/// An account to be, and the secret of its letter.
#[derive(Clone)]
pub struct NewRegistration {
    pub token_hash: [u8; 32],
    pub user: NewUser,
    pub expires_at: Timestamp,
}

/// What shall go to the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nobody has it: the link that makes the account.
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

    /// Makes the account, whose address is its person's, and drops all else that waits for this address. The person is known
    /// to come with `agent`, which is what the letter was answered with. `None` when the token is unknown or has expired, or
    /// somebody has the address by now.
    ///
    /// # Errors
    /// `Conflict(UsernameTaken)`; then the token stays good.
    async fn complete_registration(
        &self,
        token_hash: &[u8; 32],
        agent: &str,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;
}
