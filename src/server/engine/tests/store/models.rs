//! Model configurations: there are none.

use async_trait::async_trait;
use parlance_core::domain::{ModelConfigId, Timestamp, UserId};

use super::Outcome;
use crate::{
    engine::tests::memory::Memory,
    port::store::{ModelConfigs, ModelRow},
};

#[async_trait]
impl ModelConfigs for Memory {
    async fn model_configs(&self, _: UserId) -> Outcome<Vec<ModelRow>> {
        Ok(Vec::new())
    }

    async fn model_config(&self, _: UserId, _: ModelConfigId) -> Outcome<Option<ModelRow>> {
        Ok(None)
    }

    async fn count_model_configs(&self, _: UserId) -> Outcome<u32> {
        Ok(0)
    }

    async fn create_model_config(&self, _: &ModelRow, _: Option<u32>) -> Outcome<()> {
        unreachable!("nobody makes model configurations here")
    }

    async fn change_model_config(&self, _: &ModelRow, _: bool, _: Timestamp) -> Outcome<bool> {
        Ok(false)
    }

    async fn delete_model_configs(&self, _: UserId, _: bool, _: &[ModelConfigId]) -> Outcome<bool> {
        Ok(false)
    }
}
