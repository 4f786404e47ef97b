//! Following a conversation: replay after the cursor, then live, until somebody has to go.
//!
//! The order that makes it safe: subscribe first, then read. Nothing that is read can be older than
//! the subscription, and nothing that comes later is missed. A viewer has no queue; it reads what lies
//! after its own cursor whenever it is woken, so a slow one simply gets larger pieces.

mod account;
mod leash;
mod on;
mod replay;
mod resume;
mod viewer;

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use parlance_core::domain::{ConversationId, Event, Position, SessionId, UserId};

use self::{account::Account, viewer::Viewer};
use super::Engine;
use crate::port::store::StoreError;

/// One delta for each frame of a display.
pub const PACE_MS: u64 = 16;

/// Who wants to follow what.
#[derive(Clone, Debug)]
pub struct Request {
    pub owner: UserId,
    pub session: SessionId,
    pub conversation: ConversationId,
    pub position: Option<Position>,
    /// End when no reply is being written any more.
    pub once: bool,
    /// Least milliseconds between two deltas.
    pub pace_ms: u64,
    /// One of several on a stream that greets, beats and says goodbye for all of them.
    pub shared: bool,
}

/// One event on its way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// On a stream that carries several conversations: the one that this is about.
    pub about: Option<ConversationId>,
    /// How far the reader is once it has taken this in; `None` when it moves nothing.
    pub id: Option<Position>,
    pub event: Event,
}

impl Sent {
    /// One that moves no cursor.
    fn of(event: Event) -> Self {
        Self {
            about: None,
            id: None,
            event,
        }
    }
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

/// Follows the account: what happens to its conversations, and everything in those that are named. A conversation that
/// is not the owner's is told of by an error event, and the rest goes on.
pub(crate) async fn join_account(
    engine: &Engine,
    owner: UserId,
    session: SessionId,
    conversations: Vec<(ConversationId, Option<Position>)>,
    pace_ms: u64,
) -> Result<Option<Following>, StoreError> {
    let Some(account) = Account::join(Arc::clone(&engine.inner), owner, session).await? else {
        return Ok(None);
    };
    let account = stream::unfold(account, |mut account| async move {
        let sent = account.next().await?;
        Some((sent, account))
    });
    let mut all = vec![account.boxed()];
    for (conversation, position) in conversations {
        let request = Request {
            owner,
            session,
            conversation,
            position,
            once: false,
            pace_ms,
            shared: true,
        };
        let events = match join(engine, request).await? {
            Some(Joined::Following(events)) => events,
            Some(Joined::Nothing) => continue,
            None => account::unknown(conversation),
        };
        all.push(events);
    }
    // The account's own goodbye is everybody's.
    let events = stream::unfold(
        (stream::select_all(all), false),
        |(mut events, over)| async move {
            let sent: Sent = if over { None } else { events.next().await }?;
            let over = sent.about.is_none() && matches!(sent.event, Event::Bye(_));
            Some((sent, (events, over)))
        },
    );
    Ok(Some(events.boxed()))
}
