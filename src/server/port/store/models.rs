//! Model configurations.

use async_trait::async_trait;
use parlance_core::domain::{ModelConfigId, ModelKind, Parameters, Prices, Timestamp, UserId};

use super::{Keeper, StoreError};

/// A row of the table. Its `Debug` shows neither the sealed key nor the address.
#[derive(Clone, PartialEq)]
pub struct ModelRow {
    pub id: ModelConfigId,
    pub keeper: Keeper,
    pub name: String,
    pub kind: ModelKind,
    /// `None`: the provider's own.
    pub base_url: Option<String>,
    pub model: String,
    /// Sealed.
    pub api_key: Option<Vec<u8>>,
    pub key_hint: Option<String>,
    pub parameters: Parameters,
    pub context_tokens: Option<u32>,
    pub prices: Prices,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for ModelRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelRow")
            .field("id", &self.id)
            .field("keeper", &self.keeper)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Model configurations that a person may use, and those that they keep.
#[async_trait]
pub trait ModelConfigs: Send + Sync {
    /// Everybody's, then the person's own, each in the order of their making.
    async fn model_configs(&self, viewer: UserId) -> Result<Vec<ModelRow>, StoreError>;

    /// One of everybody's or the person's own.
    async fn model_config(
        &self,
        viewer: UserId,
        id: ModelConfigId,
    ) -> Result<Option<ModelRow>, StoreError>;

    /// How many a person keeps.
    async fn count_model_configs(&self, owner: UserId) -> Result<u32, StoreError>;

    /// Stores a new one, if its keeper has fewer than `most`.
    ///
    /// # Errors
    /// `Conflict(ModelConfigs)`.
    async fn create_model_config(
        &self,
        row: &ModelRow,
        most: Option<u32>,
    ) -> Result<(), StoreError>;

    /// Changes one of its keeper's, the key only if `key` says so. Whether there was one with `seen` as its `updated_at`: of
    /// two who have seen the same, one is too late.
    async fn change_model_config(
        &self,
        row: &ModelRow,
        key: bool,
        seen: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Deletes these, if all of them are the person's or, with `shared`, everybody's; whether they were.
    async fn delete_model_configs(
        &self,
        owner: UserId,
        shared: bool,
        ids: &[ModelConfigId],
    ) -> Result<bool, StoreError>;
}
