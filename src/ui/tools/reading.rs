//! What a page reads when it goes on to another. The first one has it in its HTML, so asking the server is a tool.

use futures::future::BoxFuture;
use parlance_core::domain::ConversationId;

use super::ready;
use crate::{
    rpc::{
        conversations::{list_conversations, open_conversation, start_conversation},
        problem::RpcError,
        window::Place,
    },
    state::{
        page::{OpenPage, StartPage},
        roster::RosterPage,
    },
};

type Read<T> = BoxFuture<'static, Result<T, RpcError>>;

/// The tools that read.
pub(super) struct Reading {
    open: fn(ConversationId, Option<Place>, Option<String>) -> Read<OpenPage>,
    list: fn(Option<String>) -> Read<RosterPage>,
    start: fn(Option<String>) -> Read<StartPage>,
}

pub(super) const READING: Reading = Reading {
    open: |id, place, find| Box::pin(open_conversation(id, place, find)),
    list: |cursor| Box::pin(list_conversations(cursor)),
    start: |persona| Box::pin(start_conversation(persona)),
};

/// [`open_conversation`].
///
/// # Errors
/// As there.
pub async fn open(
    id: ConversationId,
    place: Option<Place>,
    find: Option<String>,
) -> Result<OpenPage, RpcError> {
    (ready().await.reading.open)(id, place, find).await
}

/// [`list_conversations`].
///
/// # Errors
/// As there.
pub async fn list(cursor: Option<String>) -> Result<RosterPage, RpcError> {
    (ready().await.reading.list)(cursor).await
}

/// [`start_conversation`].
///
/// # Errors
/// As there.
pub async fn start(persona: Option<String>) -> Result<StartPage, RpcError> {
    (ready().await.reading.start)(persona).await
}
