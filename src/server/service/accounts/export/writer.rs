//! Writing the document of an export, conversation by conversation and batch by batch.

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{
    Conversation, ConversationContext, ConversationId, ModelConfig, NamedContext, Persona,
    Preferences, Timestamp, User, limits,
};
use serde::Serialize;
use tokio::{sync::mpsc, time::timeout};

use super::Piece;
use crate::{
    port::{
        clock::Clock,
        store::{Belonging, Keeper, Store, StoreError},
    },
    service::{Error, Viewer, models::shown},
};

/// Messages that are read at once: of the largest there are, some tens of megabytes.
const BATCH: u32 = 16;
/// Bytes that are handed on together.
const PIECE: usize = 64 * 1024;
/// A reader who takes nothing for so long gets no more.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks whether the session is still alive, microseconds.
const LOOK: i64 = 500_000;

/// What stands before the conversations. Secrets (passwords, keys, tokens) are not in it.
#[derive(Serialize)]
struct Head<'a> {
    /// Of this form; a later one has another number.
    version: u32,
    exported_at: Timestamp,
    account: &'a User,
    preferences: &'a Option<Preferences>,
    /// Their own ones.
    personas: &'a [Persona],
    contexts: &'a [NamedContext],
    /// Their own ones; of a key its end.
    models: &'a [ModelConfig],
}

/// What stands before the messages of a conversation: those of all branches, in the order in which they were stored.
#[derive(Serialize)]
struct Talk<'a> {
    #[serde(flatten)]
    conversation: &'a Conversation,
    /// When it went into the bin.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    /// What its model is told beside it.
    context: ConversationContext,
}

/// Why there is no more.
pub(super) enum Stop {
    /// Nobody reads.
    Left,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Writes one document.
pub(super) struct Writer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    viewer: Viewer,
    /// When the session was last known to be alive.
    looked_at: Timestamp,
    /// Written and not yet handed on.
    buffer: Vec<u8>,
    pieces: mpsc::Sender<Piece>,
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        viewer: Viewer,
        pieces: mpsc::Sender<Piece>,
    ) -> Self {
        let looked_at = clock.now();
        Self {
            store,
            clock,
            viewer,
            looked_at,
            buffer: Vec::with_capacity(PIECE),
            pieces,
        }
    }

    /// All of it, beginning with a page of conversations that is read already.
    pub(super) async fn document(&mut self, first: Vec<Belonging>) -> Result<(), Stop> {
        let keeper = Keeper::One(self.viewer.user.id);
        let personas = self.store.kept_personas(keeper).await?;
        let contexts = self.store.contexts(self.viewer.user.id).await?;
        let models = self.store.model_configs(self.viewer.user.id).await?;
        let models = models.into_iter().filter(|row| row.keeper == keeper);
        let models: Vec<_> = models.map(|row| shown(&self.viewer, row)).collect();
        let head = Head {
            version: 1,
            exported_at: self.clock.now(),
            account: &self.viewer.user,
            preferences: &self.viewer.preferences,
            personas: &personas,
            contexts: &contexts,
            models: &models,
        };
        open(&mut self.buffer, &head, "conversations")?;
        let (mut page, mut is_first) = (first, true);
        loop {
            let last = page
                .last()
                .filter(|_| page.len() == limits::PAGE_ITEMS as usize);
            let next = last.map(|one| (one.conversation.created_at, one.conversation.id));
            for belonging in page {
                is_first &= !self.conversation(&belonging, is_first).await?;
            }
            let Some(next) = next else { break };
            page = self.conversations(Some(next)).await?;
        }
        self.buffer.extend(b"]}\n");
        // Of an account that was deleted meanwhile nothing was found, without any error.
        self.look().await?;
        self.hand_on().await?;
        self.send(Piece::End).await
    }

    /// The page after this conversation, or the first.
    pub(super) async fn conversations(
        &self,
        after: Option<(Timestamp, ConversationId)>,
    ) -> Result<Vec<Belonging>, Error> {
        let (store, owner) = (&self.store, self.viewer.user.id);
        let page = store.all_conversations(owner, after, limits::PAGE_ITEMS);
        Ok(page.await?)
    }

    /// Whether it was written; one that has left storage since it was listed is none any more.
    async fn conversation(&mut self, belonging: &Belonging, is_first: bool) -> Result<bool, Stop> {
        let (store, owner) = (self.store.clone(), self.viewer.user.id);
        let id = belonging.conversation.id;
        let mut page = match store.all_messages(owner, id, None, BATCH).await {
            Err(StoreError::NotFound) => return Ok(false),
            page => page?,
        };
        if !is_first {
            self.buffer.push(b',');
        }
        let talk = Talk {
            conversation: &belonging.conversation,
            deleted_at: belonging.deleted_at,
            context: store.told(owner, id).await?.unwrap_or_default().context,
        };
        open(&mut self.buffer, &talk, "messages")?;
        let mut is_first = true;
        loop {
            let last = page.last().filter(|_| page.len() == BATCH as usize);
            let next = last.map(|(rev, message)| (*rev, message.id));
            for (_, message) in page {
                if !is_first {
                    self.buffer.push(b',');
                }
                is_first = false;
                write(&mut self.buffer, &message)?;
                if self.buffer.len() >= PIECE {
                    self.hand_on().await?;
                }
            }
            self.look_again().await?;
            let Some(next) = next else { break };
            page = match store.all_messages(owner, id, Some(next), BATCH).await {
                // It has left storage since: what was read of it is what there is.
                Err(StoreError::NotFound) => break,
                page => page?,
            };
        }
        self.buffer.extend(b"]}");
        // Small ones gather, too.
        if self.buffer.len() >= PIECE {
            self.hand_on().await?;
        }
        Ok(true)
    }

    /// Goes on only while the session does.
    async fn look(&mut self) -> Result<(), Error> {
        let now = self.clock.now();
        let session = [self.viewer.session_id];
        let ended = self.store.ended_sessions(&session, now).await?;
        if !ended.is_empty() {
            return Err(Error::Unauthenticated);
        }
        self.looked_at = now;
        Ok(())
    }

    /// Looks, unless that was done just now.
    async fn look_again(&mut self) -> Result<(), Error> {
        if self.clock.now().0 - self.looked_at.0 > LOOK {
            self.look().await?;
        }
        Ok(())
    }

    async fn hand_on(&mut self) -> Result<(), Stop> {
        // A reader may have taken a while for the piece before.
        self.look_again().await?;
        let bytes = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.send(Piece::Bytes(bytes)).await
    }

    pub(super) async fn send(&self, piece: Piece) -> Result<(), Stop> {
        match timeout(PATIENCE, self.pieces.send(piece)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Stop::Left),
        }
    }
}

fn write(buffer: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Error> {
    serde_json::to_writer(buffer, value).map_err(|error| Error::Internal(format!("JSON: {error}")))
}

/// An object that has members, left open at the beginning of a list of this name.
fn open(buffer: &mut Vec<u8>, value: &impl Serialize, list: &str) -> Result<(), Error> {
    write(buffer, value)?;
    buffer.pop();
    buffer.extend(format!(",\"{list}\":[").bytes());
    Ok(())
}
