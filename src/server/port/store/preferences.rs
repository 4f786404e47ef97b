//! How a person wants the pages. Read with the session ([`super::SignedIn`]), changed here.

use async_trait::async_trait;
use parlance_core::domain::{Preferences as Settings, PreferencesChange, Timestamp, UserId};

use super::StoreError;

/// Settings, one set for each person.
#[async_trait]
pub trait Preferences: Send + Sync {
    /// Changes what `change` names and nothing else, even when two do it at the same time; answers the whole.
    async fn change_preferences(
        &self,
        owner: UserId,
        change: &PreferencesChange,
        now: Timestamp,
    ) -> Result<Settings, StoreError>;
}
