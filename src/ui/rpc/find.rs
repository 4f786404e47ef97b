//! Looking for words in a conversation.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use parlance_core::domain::ConversationId;

use super::{answer::Answer, problem::RpcError};
use crate::state::find::Hit;

/// The messages of the path in which `text` stands, from the first to the last.
///
/// # Errors
/// `unauthenticated`; `not_found`, also for what is somebody else's; `validation` (`text`).
#[server(input = GetUrl, output = Answer)]
pub async fn find_in_conversation(
    id: ConversationId,
    #[server(default)] text: String,
) -> Result<Vec<Hit>, RpcError> {
    use super::{conversations::page, session};

    let found = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let found = app.messages.find(&viewer, id, &text).await?;
        let hit = |found: parlance_server::service::messages::Found| Hit {
            id: found.id,
            snippet: [found.before, found.found, found.after],
        };
        Ok(found.into_iter().map(hit).collect())
    };
    found.await.inspect_err(page::set_status)
}
