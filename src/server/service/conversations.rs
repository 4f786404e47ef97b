//! Conversations: making, listing, opening, deleting.

mod page;

use std::sync::Arc;

use parlance_core::domain::{
    ActiveGeneration, Conversation, ConversationId, ConversationPage, Cursor, FieldCode,
    GenerationFailure, GenerationStatus, OpenConversation, limits, thread,
};

use super::{Error, Viewer, personas};
use crate::{
    engine::Engine,
    port::{
        clock::Clock,
        store::{
            Constraint, GenerationRow, LATEST_REV, NewConversation, Opened, Store, StoreError,
        },
    },
};

/// An empty conversation to be made.
#[derive(Clone, Debug, Default)]
pub struct Create {
    /// `None`: the server chooses.
    pub id: Option<ConversationId>,
    pub title: Option<String>,
    /// Slug or id of the persona that replies unless a message says otherwise.
    pub persona_id: Option<String>,
}

/// The verbs of conversations.
#[derive(Clone)]
pub struct Conversations {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
}

impl Conversations {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, engine: Engine) -> Self {
        Self {
            store,
            clock,
            engine,
        }
    }

    /// Makes an empty conversation. The viewer's own conversation with this id is returned as it is.
    ///
    /// # Errors
    /// `Invalid` (`title`, `persona_id`), `NotFound` when the id belongs to somebody else.
    pub async fn create(&self, viewer: &Viewer, create: Create) -> Result<Conversation, Error> {
        let title = create.title.unwrap_or_default().trim().to_owned();
        if title.chars().count() > limits::TITLE_CHARS {
            return Err(Error::field("title", FieldCode::TooLong));
        }
        if title.contains('\0') {
            return Err(Error::field("title", FieldCode::Malformed));
        }
        let persona_id = personas::named(
            self.store.as_ref(),
            viewer,
            create.persona_id.as_deref(),
            "persona_id",
        )
        .await?;
        let id = create
            .id
            .unwrap_or_else(|| ConversationId(self.clock.new_id()));
        let new = NewConversation {
            id,
            user_id: viewer.user.id,
            title,
            persona_id,
            created_at: self.clock.now(),
        };
        match self.store.create_conversation(new).await {
            // The same request again, perhaps at the same moment, or the id of somebody else's.
            Err(StoreError::Conflict(Constraint::ConversationId)) => {
                let known = self
                    .store
                    .open_conversation(viewer.user.id, id, LATEST_REV)
                    .await?;
                known
                    .map(|opened| opened.conversation)
                    .ok_or(Error::NotFound)
            }
            created => Ok(created?),
        }
    }

    /// A page of the viewer's conversations, last used first.
    ///
    /// # Errors
    /// `Invalid` (`cursor`, `limit`).
    pub async fn list(
        &self,
        viewer: &Viewer,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<ConversationPage, Error> {
        let limit = limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT);
        if !(1..=limits::PAGE_ITEMS).contains(&limit) {
            return Err(Error::field("limit", FieldCode::Malformed));
        }
        let after = cursor
            .map(|text| {
                page::parse(text).ok_or_else(|| Error::field("cursor", FieldCode::Malformed))
            })
            .transpose()?;
        // One more than asked tells whether another page follows.
        let mut items = self
            .store
            .list_conversations(viewer.user.id, after, limit + 1)
            .await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next_cursor = items.last().filter(|_| more).map(page::key_after);
        Ok(ConversationPage { items, next_cursor })
    }

    /// The conversation with the messages of the path that the viewer reads, or with `since_rev` all
    /// that came later, and the cursor to go on from.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn open(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        since_rev: Option<u64>,
    ) -> Result<OpenConversation, Error> {
        let since = since_rev.unwrap_or(0).min(LATEST_REV);
        let opened = self
            .store
            .open_conversation(viewer.user.id, id, since)
            .await?
            .ok_or(Error::NotFound)?;
        let Opened {
            conversation,
            head,
            messages,
            newest,
        } = opened;
        let messages = if since_rev.is_some() {
            messages
        } else {
            thread::path_to(messages, head)
        };
        let rev = conversation.rev;
        let mut open = OpenConversation {
            conversation,
            messages,
            deleted: Vec::new(),
            active: None,
            failure: None,
            cursor: newest
                .as_ref()
                .map_or(Cursor::idle(rev), |newest| {
                    Cursor::on(rev, newest.id, newest.last_seq)
                })
                .to_string(),
        };
        if let Some(newest) = newest {
            if !newest.status.is_terminal() {
                let (active, seq) = self.active(&newest);
                open.cursor = Cursor::on(rev, newest.id, seq).to_string();
                open.active = Some(active);
            } else if Some(newest.user_message_id) == head {
                open.failure = failure(newest);
            }
        }
        Ok(open)
    }

    /// Deletes the conversation; a reply that is being written is stopped.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, viewer: &Viewer, id: ConversationId) -> Result<(), Error> {
        let running = self
            .store
            .delete_conversation(viewer.user.id, id, self.clock.now())
            .await?;
        if let Some(generation) = running {
            self.engine.abandon(generation);
        }
        self.engine.wake(id);
        Ok(())
    }

    /// The reply being written, as far as it is committed. The log in memory may be ahead of what the
    /// transaction saw, never behind: the cursor that goes with it says how far it reaches.
    fn active(&self, row: &GenerationRow) -> (ActiveGeneration, u64) {
        let (parts, seq) = self.engine.text_so_far(row.id);
        let active = ActiveGeneration {
            generation_id: row.id,
            message_id: row.reply_message_id,
            user_message_id: row.user_message_id,
            status: if seq > 0 {
                GenerationStatus::Streaming
            } else {
                row.status
            },
            parts,
        };
        (active, seq)
    }
}

fn failure(row: GenerationRow) -> Option<GenerationFailure> {
    matches!(
        row.status,
        GenerationStatus::Failed | GenerationStatus::Cancelled
    )
    .then_some(GenerationFailure {
        generation_id: row.id,
        user_message_id: row.user_message_id,
        status: row.status,
        error: row.error,
    })
}
