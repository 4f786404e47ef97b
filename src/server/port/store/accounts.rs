//! People: their names, addresses and passwords, and the end of an account.

use async_trait::async_trait;
use parlance_core::domain::{GenerationId, Group, SessionId, Timestamp, User, UserId};

use super::{NewSession, Renewal, StoreError};

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

/// What checking a password needs.
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
    /// A disabled account may not sign in.
    pub is_active: bool,
}

/// How the passwords of accounts are hashed, and what chooses among that for an address that nobody has.
#[derive(Clone)]
pub struct Recipes {
    /// Made with the database, and never changed.
    pub secret: [u8; 32],
    /// PHC strings without salt and hash, and how many accounts have each.
    pub shares: Vec<(String, u64)>,
}

/// People.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes the account and signs it in.
    ///
    /// # Errors
    /// `Conflict(UsernameTaken | EmailTaken)`.
    async fn create_user(&self, user: NewUser, session: NewSession) -> Result<User, StoreError>;

    /// By case-folded e-mail.
    async fn credentials(&self, email_key: &str) -> Result<Option<Credentials>, StoreError>;

    /// By what recipes passwords are hashed. Looks at every account: not for every request.
    async fn recipes(&self) -> Result<Recipes, StoreError>;

    /// The password hash of an active account.
    async fn password_hash(&self, user: UserId) -> Result<Option<String>, StoreError>;

    /// Replaces the hash of the same password (after the parameters were raised); `false` when `old_hash` is no longer the
    /// account's: somebody has set another password meanwhile, which stays.
    async fn set_password_hash(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// # Errors
    /// `Conflict(UsernameTaken)`, `NotFound`.
    async fn rename_user(
        &self,
        user: UserId,
        username: &str,
        username_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError>;

    /// At once: nobody has shown yet that mail reaches the new address, and links to the old one are void.
    ///
    /// # Errors
    /// `Conflict(EmailTaken)`; `NotFound` when the account has gone or is shut, or its password is no longer the one whose
    /// hash was checked.
    async fn change_email(
        &self,
        user: UserId,
        password_hash: &str,
        email: &str,
        email_key: &str,
        now: Timestamp,
    ) -> Result<User, StoreError>;

    /// A new password: all sessions end (API keys stay), the renewed one begins, and nothing that was asked for with the old
    /// password can be finished. Which sessions have ended.
    ///
    /// # Errors
    /// `NotFound` when the account has gone or is shut, its password is no longer the one whose hash was checked, or the
    /// session to be renewed has ended; nothing has changed then.
    async fn change_password(
        &self,
        user: UserId,
        old_hash: &str,
        new_hash: &str,
        renewal: Renewal,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Replies of `user` that are queued or being written.
    async fn active_generations(&self, user: UserId) -> Result<Vec<GenerationId>, StoreError>;

    /// Shuts the account and marks it as one to be deleted, which nobody takes back. Its sessions end, and with API keys
    /// nothing is begun any more: which they were.
    ///
    /// # Errors
    /// `NotFound` when the account has gone or is shut, or its password is no longer the one whose hash was checked.
    async fn close_user(
        &self,
        user: UserId,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Accounts that are to be deleted and are still there, at most `limit`.
    async fn closed_users(&self, limit: u32) -> Result<Vec<UserId>, StoreError>;

    /// Deletes the account and everything that is its.
    async fn delete_user(&self, user: UserId) -> Result<(), StoreError>;
}
