//! The memory behind the traits. What the engine never asks for is not there.

mod accounts;
mod addresses;
mod contexts;
mod models;
mod personas;
mod private;
mod secrets;

use std::time::Duration;

use async_trait::async_trait;
use parlance_core::domain::{
    Conversation, ConversationId, ConversationSort, GenerationId, Message, MessageId, MessagePage,
    ModelConfigId, Parameters, SessionId, Timestamp, UserId, WhenBusy,
};
use tokio::time::Instant;
use uuid::Uuid;

use super::memory::Memory;
use crate::port::store::{
    Begin, Begun, Belonging, Belongings, Change, Changes, Conversations, Finish, Finished,
    GenerationRow, Gone, History, Instances, Listed, ModelsOf, NewConversation, Opened, Owner,
    PageKey, Past, PathEnd, Reading, Renamed, Store, StoreError, Summary, Surroundings, TitleBy,
    Turns, Words,
};

type Outcome<T> = Result<T, StoreError>;

#[async_trait]
impl Store for Memory {
    async fn ping(&self) -> Outcome<()> {
        Ok(())
    }
}

#[async_trait]
impl Turns for Memory {
    async fn begin_turn(&self, begin: Begin) -> Outcome<Begun> {
        self.begin_turn(begin)
    }

    async fn begin_waiting(
        &self,
        conversation: ConversationId,
        queued: bool,
        owner: Owner,
        _: Timestamp,
    ) -> Outcome<Option<(GenerationRow, u64)>> {
        Ok(self.begin_waiting(conversation, queued, owner))
    }

    async fn next_model(
        &self,
        conversation: ConversationId,
    ) -> Outcome<Option<Option<ModelConfigId>>> {
        Ok(self.next_model(conversation))
    }

    async fn waiting_conversations(&self) -> Outcome<Vec<(ConversationId, UserId)>> {
        Ok(Vec::new())
    }

    async fn start_generation(&self, id: GenerationId, boot: Uuid, _: Timestamp) -> Outcome<bool> {
        Ok(self.start_generation(id, boot))
    }

    async fn path_to(
        &self,
        _: UserId,
        _: ConversationId,
        message: MessageId,
        _: u64,
    ) -> Outcome<PathEnd> {
        Ok(self.path_to(message))
    }

    async fn finish_generation(&self, finish: Finish) -> Outcome<Finished> {
        self.finish_generation(finish)
    }

    async fn generation(&self, _: UserId, id: GenerationId) -> Outcome<Option<GenerationRow>> {
        Ok(Some(self.generation_row(id)))
    }

    async fn message(&self, _: UserId, id: MessageId) -> Outcome<Option<Message>> {
        Ok(self.message_of(id))
    }

    async fn prefer_reply(&self, _: UserId, _: MessageId, _: Timestamp) -> Outcome<()> {
        Err(StoreError::NotFound)
    }

    async fn keep_reply(&self, _: UserId, _: MessageId, _: Timestamp) -> Outcome<()> {
        Err(StoreError::NotFound)
    }

    async fn select_branch(
        &self,
        _: UserId,
        _: MessageId,
        _: Timestamp,
    ) -> Outcome<ConversationId> {
        Err(StoreError::NotFound)
    }

    async fn summary(
        &self,
        _: UserId,
        _: ConversationId,
        _: &[MessageId],
    ) -> Outcome<Option<Summary>> {
        Ok(self.summary())
    }

    async fn save_summary(
        &self,
        _: ConversationId,
        _: Summary,
        _: u64,
        _: Timestamp,
    ) -> Outcome<()> {
        Ok(())
    }
}

#[async_trait]
impl Instances for Memory {
    async fn beat(&self, owner: Owner, draining: bool) -> Outcome<()> {
        self.here()?;
        self.tables()
            .beats
            .insert(owner.boot, (Instant::now(), draining));
        Ok(())
    }

    async fn leave(&self, owner: Owner) -> Outcome<()> {
        self.tables().beats.remove(&owner.boot);
        Ok(())
    }

    async fn orphans(&self, owner: Owner, ttl: Duration, _: u32) -> Outcome<Vec<GenerationRow>> {
        self.here()?;
        Ok(self.orphans(owner, ttl))
    }

    async fn adopt(&self, id: GenerationId, from: Uuid, owner: Owner) -> Outcome<bool> {
        Ok(self.adopt(id, from, owner))
    }

    async fn unattended(&self, _: Owner, _: Timestamp, _: u32) -> Outcome<Vec<GenerationRow>> {
        Ok(Vec::new())
    }

    async fn handed_over(&self, _: u32) -> Outcome<Vec<GenerationRow>> {
        Ok(self.handed_over())
    }

    async fn ended_among(&self, ids: &[GenerationId]) -> Outcome<Vec<GenerationId>> {
        let over = |id: &&GenerationId| self.generation_row(**id).status.is_terminal();
        Ok(ids.iter().filter(over).copied().collect())
    }

    async fn ended_sessions(&self, ids: &[SessionId], _: Timestamp) -> Outcome<Vec<SessionId>> {
        let ended = &self.tables().ended_sessions;
        Ok(ids
            .iter()
            .filter(|id| ended.contains(id))
            .copied()
            .collect())
    }
}

#[async_trait]
impl Conversations for Memory {
    async fn create_conversation(&self, _: NewConversation) -> Outcome<Conversation> {
        Err(StoreError::NotFound)
    }

    async fn list_conversations(
        &self,
        _: UserId,
        _: ConversationSort,
        _: Option<PageKey>,
        _: u32,
    ) -> Outcome<Vec<Conversation>> {
        Ok(Vec::new())
    }

    async fn open_conversation(
        &self,
        _: UserId,
        _: ConversationId,
        _: Option<u64>,
        _: u32,
    ) -> Outcome<Option<Opened>> {
        Ok(None)
    }

    async fn messages_before(
        &self,
        _: UserId,
        _: ConversationId,
        _: MessageId,
        _: u32,
    ) -> Outcome<MessagePage> {
        Err(StoreError::NotFound)
    }

    async fn changed_conversations(
        &self,
        owner: UserId,
        _: Timestamp,
        _: u32,
    ) -> Outcome<Vec<Change>> {
        Ok(self.changed(owner))
    }

    async fn rename_conversation(
        &self,
        _: UserId,
        _: ConversationId,
        _: &str,
        _: TitleBy,
        _: Timestamp,
    ) -> Outcome<Renamed> {
        Err(StoreError::NotFound)
    }

    async fn set_when_busy(
        &self,
        _: UserId,
        _: ConversationId,
        _: WhenBusy,
        _: Timestamp,
    ) -> Outcome<Conversation> {
        Err(StoreError::NotFound)
    }

    async fn set_model(
        &self,
        _: UserId,
        _: ConversationId,
        _: Option<Option<ModelConfigId>>,
        _: Option<&Parameters>,
        _: Option<&[ModelConfigId]>,
        _: Timestamp,
    ) -> Outcome<Conversation> {
        Err(StoreError::NotFound)
    }

    async fn models_of(&self, _: UserId, _: ConversationId) -> Outcome<Option<ModelsOf>> {
        Ok(None)
    }

    async fn changes_since(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
        _: usize,
    ) -> Outcome<Option<Changes>> {
        Ok(self.changes(owner, id, since))
    }

    async fn list_sidebar(&self, _: UserId, _: Option<PageKey>, _: u32) -> Outcome<Vec<Listed>> {
        Ok(Vec::new())
    }

    async fn mark_seen(&self, _: UserId, _: ConversationId, _: Timestamp) -> Outcome<bool> {
        Err(StoreError::NotFound)
    }

    async fn delete_conversations(
        &self,
        _: UserId,
        _: Option<&[ConversationId]>,
        _: Timestamp,
    ) -> Outcome<Vec<Gone>> {
        Ok(Vec::new())
    }

    async fn restore_conversation(
        &self,
        _: UserId,
        _: ConversationId,
        _: Timestamp,
    ) -> Outcome<(Conversation, bool)> {
        Err(StoreError::NotFound)
    }

    async fn purge_conversations(&self, _: Timestamp, _: u32) -> Outcome<u64> {
        Ok(0)
    }
}

#[async_trait]
impl History for Memory {
    async fn history(&self, _: UserId, _: Option<ConversationId>, _: u64, _: u32) -> Outcome<Past> {
        Err(StoreError::NotFound)
    }
}

#[async_trait]
impl Reading for Memory {
    async fn messages_around(
        &self,
        _: UserId,
        _: ConversationId,
        _: MessageId,
        _: u32,
        _: u32,
    ) -> Outcome<Surroundings> {
        Err(StoreError::NotFound)
    }

    async fn path_words(
        &self,
        _: UserId,
        _: ConversationId,
        _: Option<MessageId>,
        _: u32,
    ) -> Outcome<Vec<Words>> {
        Err(StoreError::NotFound)
    }
}

#[async_trait]
impl Belongings for Memory {
    async fn all_conversations(
        &self,
        _: UserId,
        _: Option<(Timestamp, ConversationId)>,
        _: u32,
    ) -> Outcome<Vec<Belonging>> {
        Ok(Vec::new())
    }

    async fn all_messages(
        &self,
        _: UserId,
        _: ConversationId,
        _: Option<(u64, MessageId)>,
        _: u32,
    ) -> Outcome<Vec<(u64, Message)>> {
        Err(StoreError::NotFound)
    }
}
