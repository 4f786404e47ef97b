//! Everything that is a person's, as one JSON document.

use parlance_core::domain::{
    Conversation, ConversationSort, Message, Preferences, Timestamp, User, limits,
};
use serde::Serialize;

use super::Accounts;
use crate::{
    port::store::{PageKey, Place},
    service::{
        Error, Viewer,
        audit::{Entry, Kind},
    },
};

/// Messages that are read at once.
const BATCH: u32 = 500;

/// All that the account holds. Secrets (passwords, keys, tokens) are not in it.
#[derive(Serialize)]
pub struct Export {
    /// Of this form; a later one has another number.
    pub version: u32,
    pub exported_at: Timestamp,
    pub account: User,
    pub preferences: Option<Preferences>,
    pub conversations: Vec<ExportedConversation>,
}

/// A conversation with all its messages, those of other branches too, the oldest first.
#[derive(Serialize)]
pub struct ExportedConversation {
    #[serde(flatten)]
    pub conversation: Conversation,
    pub messages: Vec<Message>,
}

impl Accounts {
    /// The viewer's account with everything in it.
    ///
    /// # Errors
    /// Storage only.
    pub async fn export(&self, viewer: &Viewer) -> Result<Export, Error> {
        let owner = viewer.user.id;
        let mut conversations = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .store
                .list_conversations(owner, ConversationSort::Created, after, limits::PAGE_ITEMS)
                .await?;
            let is_last = page.len() < limits::PAGE_ITEMS as usize;
            after = page.last().map(|last| PageKey {
                place: Place::Created(last.created_at),
                id: last.id,
            });
            for conversation in page {
                let messages = self.messages(viewer, &conversation).await?;
                conversations.push(ExportedConversation {
                    conversation,
                    messages,
                });
            }
            if is_last {
                break;
            }
        }
        self.audit
            .record(Entry::new(Kind::Exported).by(owner))
            .await;
        Ok(Export {
            version: 1,
            exported_at: self.clock.now(),
            account: viewer.user.clone(),
            preferences: viewer.preferences.clone(),
            conversations,
        })
    }

    async fn messages(
        &self,
        viewer: &Viewer,
        conversation: &Conversation,
    ) -> Result<Vec<Message>, Error> {
        let (owner, id) = (viewer.user.id, Some(conversation.id));
        let mut messages = Vec::new();
        loop {
            let page = self
                .store
                .history(owner, id, messages.len() as u64, BATCH)
                .await?;
            let is_last = page.items.len() < BATCH as usize;
            messages.extend(page.items);
            if is_last {
                break;
            }
        }
        messages.reverse();
        Ok(messages)
    }
}
