//! Drafts, preferences and pushes: nobody keeps any.

use async_trait::async_trait;
use parlance_core::domain::{
    ConversationId, Preferences as Settings, PreferencesChange, SessionId, Timestamp, UserId,
};

use super::Outcome;
use crate::{
    engine::tests::memory::Memory,
    port::{
        push::Subscription,
        store::{Drafts, Preferences, PushSubscriptions},
    },
};

#[async_trait]
impl Drafts for Memory {
    async fn save_draft(
        &self,
        _: UserId,
        _: Option<ConversationId>,
        _: &str,
        _: Timestamp,
    ) -> Outcome<()> {
        Ok(())
    }

    async fn draft(&self, _: UserId, _: Option<ConversationId>) -> Outcome<Option<String>> {
        Ok(None)
    }
}

#[async_trait]
impl Preferences for Memory {
    async fn change_preferences(
        &self,
        _: UserId,
        _: &PreferencesChange,
        _: Timestamp,
    ) -> Outcome<Settings> {
        Ok(Settings::default())
    }
}

#[async_trait]
impl PushSubscriptions for Memory {
    async fn save_subscription(
        &self,
        _: UserId,
        _: SessionId,
        _: &Subscription,
        _: u32,
        _: Timestamp,
    ) -> Outcome<()> {
        Ok(())
    }

    async fn subscriptions(
        &self,
        _: UserId,
        _: Timestamp,
        _: Timestamp,
    ) -> Outcome<Vec<Subscription>> {
        Ok(Vec::new())
    }

    async fn delete_subscription(&self, _: UserId, _: &str) -> Outcome<()> {
        Ok(())
    }
}
