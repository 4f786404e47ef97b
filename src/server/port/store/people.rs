//! Other people's accounts, as an admin sees them, and what their groups may use.

use async_trait::async_trait;
use parlance_core::domain::{Group, GroupLimits, SessionId, Timestamp, User, UserId};

use super::StoreError;

/// An account in the list of all.
#[derive(Clone, Debug)]
pub struct PersonRow {
    pub user: User,
    pub is_active: bool,
    pub last_login_at: Option<Timestamp>,
}

/// Other people's accounts.
#[async_trait]
pub trait People: Send + Sync {
    /// Accounts in the order of their making, those after `after`.
    async fn people(&self, after: Option<UserId>, limit: u32)
    -> Result<Vec<PersonRow>, StoreError>;

    async fn person(&self, user: UserId) -> Result<Option<PersonRow>, StoreError>;

    /// Puts a person into a group. Their sessions end (API keys stay): which, API keys among them.
    ///
    /// # Errors
    /// `NotFound`.
    async fn set_group(
        &self,
        user: UserId,
        group: Group,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Lets a person in again, or shuts them out. Who is shut out loses all sessions but keeps their API keys, which are
    /// good for nothing meanwhile: which sessions end, API keys among them.
    ///
    /// # Errors
    /// `NotFound`.
    async fn set_active(
        &self,
        user: UserId,
        is_active: bool,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Ends all that `user` is signed in by, API keys too: which.
    async fn end_all(&self, user: UserId) -> Result<Vec<SessionId>, StoreError>;

    /// What a group may use.
    async fn group_limits(&self, group: Group) -> Result<GroupLimits, StoreError>;

    /// Changes what a group may use.
    async fn set_group_limits(&self, limits: &GroupLimits) -> Result<(), StoreError>;
}
