//! Deleting conversations, and having them back while they are in the bin.

use parlance_core::domain::{Conversation, ConversationId, limits};

use super::Conversations;
use crate::service::{Error, Viewer};

/// How long what was deleted may be had back, seconds: thirty days.
const KEPT: i64 = 30 * 24 * 60 * 60;
/// Conversations that leave storage in one transaction.
const BATCH: u32 = 10;

impl Conversations {
    /// Deletes the conversation; a reply that is being written is stopped.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, viewer: &Viewer, id: ConversationId) -> Result<(), Error> {
        let gone = self.delete_these(viewer, &[id]).await?;
        if gone.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(())
    }

    /// Deletes those of `ids` that are the viewer's, and says which they were; no more than a page of a list.
    ///
    /// # Errors
    /// Storage only.
    pub async fn delete_these(
        &self,
        viewer: &Viewer,
        ids: &[ConversationId],
    ) -> Result<Vec<ConversationId>, Error> {
        let ids = &ids[..ids.len().min(limits::PAGE_ITEMS as usize)];
        self.delete_some(viewer, Some(ids)).await
    }

    /// Deletes everything that the viewer has.
    ///
    /// # Errors
    /// Storage only.
    pub async fn delete_all(&self, viewer: &Viewer) -> Result<Vec<ConversationId>, Error> {
        self.delete_some(viewer, None).await
    }

    async fn delete_some(
        &self,
        viewer: &Viewer,
        ids: Option<&[ConversationId]>,
    ) -> Result<Vec<ConversationId>, Error> {
        let owner = viewer.user.id;
        let gone = self
            .store
            .delete_conversations(owner, ids, self.clock.now())
            .await?;
        for one in &gone {
            for generation in &one.running {
                self.engine.abandon(owner, *generation);
            }
            self.engine.wake(one.id, owner);
        }
        Ok(gone.into_iter().map(|one| one.id).collect())
    }

    /// Has a deleted conversation back, as it was: its place in the list is that of its last use. One that is not
    /// deleted stays as it is.
    ///
    /// # Errors
    /// `NotFound`, also when it has left the bin.
    pub async fn restore(
        &self,
        viewer: &Viewer,
        id: ConversationId,
    ) -> Result<Conversation, Error> {
        let owner = viewer.user.id;
        let (conversation, restored) = self
            .store
            .restore_conversation(owner, id, self.clock.now())
            .await?;
        if restored {
            self.engine.wake(id, owner);
        }
        Ok(conversation)
    }

    /// Drops what has been in the bin for long enough; called now and then.
    ///
    /// # Errors
    /// Storage only.
    pub async fn purge(&self) -> Result<(), Error> {
        let before = self.clock.now().plus_seconds(-KEPT);
        while self.store.purge_conversations(before, BATCH).await? == u64::from(BATCH) {}
        Ok(())
    }
}
