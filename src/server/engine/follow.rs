//! Following a conversation: replay after the cursor, then live, until somebody has to go.
//!
//! The order that makes it safe: subscribe first, then read. Nothing that is read can be older than
//! the subscription, and nothing that comes later is missed. A viewer has no queue; it reads what lies
//! after its own cursor whenever it is woken, so a slow one simply gets larger pieces.

mod replay;
mod viewer;

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use parlance_core::domain::{ConversationId, Cursor, Event, SessionId, UserId};

use self::viewer::Viewer;
use super::Engine;
use crate::port::store::StoreError;

/// One delta for each frame of a display.
pub const PACE_MS: u64 = 16;
/// Between two pings, so that neither proxies nor the reader's watchdog give up.
pub const HEARTBEAT_MS: u64 = 10_000;

/// Who wants to follow what.
#[derive(Clone, Debug)]
pub struct Request {
    pub owner: UserId,
    pub session: SessionId,
    pub conversation: ConversationId,
    pub cursor: Option<Cursor>,
    /// End after the next terminal event.
    pub once: bool,
    /// Least milliseconds between two deltas.
    pub pace_ms: u64,
}

/// One event on its way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The reader's cursor once it has taken this in; `None` when it moves nothing.
    pub id: Option<Cursor>,
    pub event: Event,
}

/// The events of one viewer, `hello` first and `bye` last.
pub type Following = BoxStream<'static, Sent>;

/// The outcome of joining.
pub enum Joined {
    /// With `once`: the reader has everything.
    Nothing,
    Following(Following),
}

/// Joins. `None` when the conversation is not the owner's.
pub(crate) async fn join(engine: &Engine, request: Request) -> Result<Option<Joined>, StoreError> {
    let Some(viewer) = Viewer::join(Arc::clone(&engine.inner), request).await? else {
        return Ok(None);
    };
    if viewer.has_nothing_left() {
        return Ok(Some(Joined::Nothing));
    }
    let events = stream::unfold(viewer, |mut viewer| async move {
        let sent = viewer.next().await?;
        Some((sent, viewer))
    });
    Ok(Some(Joined::Following(events.boxed())))
}
