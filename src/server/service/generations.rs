//! Replies under way: stopping and following them.

use std::sync::Arc;

use parlance_core::domain::{ConversationId, FieldCode, GenerationId, Stopped, limits};

use super::{Error, Owned, Viewer};
use crate::{
    engine::{Engine, follow},
    port::store::{LATEST_REV, Store},
};

pub use crate::engine::follow::Following;

/// How a viewer wants to follow a conversation.
#[derive(Clone, Debug, Default)]
pub struct Follow {
    /// As the client sent it; one that cannot be read means "start anew".
    pub cursor: Option<String>,
    /// End after the next terminal event.
    pub once: bool,
    /// Least milliseconds between two deltas, 16 unless the viewer asks for fewer.
    pub pace_ms: Option<u64>,
}

/// The verbs of generations.
#[derive(Clone)]
pub struct Generations {
    store: Arc<dyn Store>,
    engine: Engine,
}

impl Generations {
    pub(crate) fn new(store: Arc<dyn Store>, engine: Engine) -> Self {
        Self { store, engine }
    }

    /// Ends a reply, and answers when the end is stored. On an ended one: its terminal state.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn stop(&self, viewer: &Viewer, id: GenerationId) -> Result<Stopped, Error> {
        let row = Owned::find(viewer, |owner| self.store.generation(owner, id)).await?;
        Ok(self.engine.stop(row.into_inner()).await?)
    }

    /// Ends whatever is being written in a conversation, and answers when every end is stored. Where nothing is: nothing.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn stop_all(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<Vec<Stopped>, Error> {
        let read = |owner| self.store.changes_since(owner, conversation, LATEST_REV, 0);
        let lanes = Owned::find(viewer, read).await?.into_inner().lanes();
        Ok(self.engine.stop_all(lanes).await?)
    }

    /// Everything after the cursor, then what happens. `None`: with `once`, nothing is left to send.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn follow(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        follow: Follow,
    ) -> Result<Option<Following>, Error> {
        let request = follow::Request {
            owner: viewer.user.id,
            session: viewer.session_id,
            conversation,
            position: follow.cursor.and_then(|text| text.parse().ok()),
            once: follow.once,
            pace_ms: pace(follow.pace_ms),
            shared: false,
        };
        follow::join(&self.engine, request)
            .await?
            .ok_or(Error::NotFound)
            .map(|joined| match joined {
                follow::Joined::Nothing => None,
                follow::Joined::Following(following) => Some(following),
            })
    }

    /// What happens to the viewer's conversations, and everything in those that are named, each after its cursor. A
    /// conversation that is not the viewer's is told of by an error event; the rest goes on.
    ///
    /// # Errors
    /// `Invalid` (`c`) when too many are named, `Unauthenticated` when the session has just ended.
    pub async fn follow_account(
        &self,
        viewer: &Viewer,
        conversations: Vec<(ConversationId, Option<String>)>,
        pace_ms: Option<u64>,
    ) -> Result<Following, Error> {
        if conversations.len() > limits::STREAM_CONVERSATIONS {
            return Err(Error::field("c", FieldCode::TooLong));
        }
        let conversations = conversations
            .into_iter()
            .map(|(id, cursor)| (id, cursor.and_then(|text| text.parse().ok())))
            .collect();
        follow::join_account(
            &self.engine,
            viewer.user.id,
            viewer.session_id,
            conversations,
            pace(pace_ms),
        )
        .await?
        .ok_or(Error::Unauthenticated)
    }
}

/// No faster than a display shows it, no slower than a reader would wait.
fn pace(asked: Option<u64>) -> u64 {
    asked
        .unwrap_or(follow::PACE_MS)
        .clamp(follow::PACE_MS, 10_000)
}
