//! Contexts: there are none.

use async_trait::async_trait;
use parlance_core::domain::{
    ContextId, ConversationContext, ConversationId, NamedContext, Timestamp, UserId,
};

use super::Outcome;
use crate::{
    engine::tests::memory::Memory,
    port::store::{Contexts, Retold, Told},
};

#[async_trait]
impl Contexts for Memory {
    async fn contexts(&self, _: UserId) -> Outcome<Vec<NamedContext>> {
        Ok(Vec::new())
    }

    async fn context(&self, _: UserId, _: ContextId) -> Outcome<Option<NamedContext>> {
        Ok(None)
    }

    async fn create_context(
        &self,
        _: UserId,
        _: &NamedContext,
        _: u32,
        _: Timestamp,
    ) -> Outcome<()> {
        unreachable!("nobody makes contexts here")
    }

    async fn change_context(&self, _: UserId, _: &NamedContext, _: Timestamp) -> Outcome<bool> {
        Ok(false)
    }

    async fn delete_context(&self, _: UserId, _: ContextId) -> Outcome<bool> {
        Ok(false)
    }

    async fn told(&self, _: UserId, _: ConversationId) -> Outcome<Option<Told>> {
        Ok(Some(Told::default()))
    }

    async fn tell(
        &self,
        _: UserId,
        _: ConversationId,
        _: &ConversationContext,
        _: Option<u64>,
    ) -> Outcome<Retold> {
        unreachable!("nobody edits contexts here")
    }
}
