//! Browsers that want to be told of replies that ended.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, UserId};

use super::StoreError;
use crate::port::push::Subscription;

/// Push subscriptions; each goes with the session that made it.
#[async_trait]
pub trait PushSubscriptions: Send + Sync {
    /// Keeps a subscription; one with the same endpoint gives way, whoever's it was: the browser that has it is used by
    /// this person now. Of more than `most` the oldest go.
    ///
    /// # Errors
    /// `NotFound` when the session has ended.
    async fn save_subscription(
        &self,
        owner: UserId,
        session: SessionId,
        subscription: &Subscription,
        most: u32,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// All of a person, those of ended sessions left out: past their end, or not seen after `idle_since`.
    async fn subscriptions(
        &self,
        owner: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Subscription>, StoreError>;

    /// Forgets one; no error when it is gone already.
    async fn delete_subscription(&self, owner: UserId, endpoint: &str) -> Result<(), StoreError>;
}
