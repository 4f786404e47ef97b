//! Addresses that accounts want and do not have yet: each waits for the links that went to it. Until one of them is answered
//! it keeps nobody from having the address.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, User, UserId};

use super::{Kept, NewLink, StoreError};

/// An address that an account wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub email: String,
    /// When the last link to it ends, and the wish with it.
    pub expires_at: Timestamp,
}

/// An account that has another address now.
#[derive(Clone, Debug)]
pub struct Moved {
    pub before: User,
    pub after: User,
}

/// Addresses on their way.
#[async_trait]
pub trait Addresses: Send + Sync {
    /// Keeps a link to another address, whether or not that is free; links to yet others are void from then on. `None`, and
    /// nothing is kept, when there were `most` within the time that one is good. `password_hash`: the one that was checked;
    /// without it the address must be the one that is wanted already.
    ///
    /// # Errors
    /// `NotFound` when the account has gone or is shut, its password is no longer the one whose hash was checked, or the
    /// address is not wanted any more.
    async fn want_email(
        &self,
        link: NewLink,
        email_key: &str,
        password_hash: Option<&str>,
        most: u32,
    ) -> Result<Option<Kept>, StoreError>;

    /// The address that an account wants.
    async fn wanted_email(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<Wanted>, StoreError>;

    /// Forgets it: its links are void. No error when there is none.
    async fn forget_wanted_email(&self, user: UserId, now: Timestamp) -> Result<(), StoreError>;

    /// The address that the link of this token moves its account to. `None` when it was used, is too old, or its account is
    /// shut.
    async fn link_target(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<String>, StoreError>;

    /// Uses such a link up: the account has the address, which is its person's, and all other links are void. `None` as in
    /// [`Self::link_target`].
    ///
    /// # Errors
    /// `Conflict(EmailTaken)`; then nothing has changed, and the link stays good.
    async fn move_email(
        &self,
        token_hash: &[u8; 32],
        email_key: &str,
        now: Timestamp,
    ) -> Result<Option<Moved>, StoreError>;
}
