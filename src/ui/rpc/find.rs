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

    let asked = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        hits(&app, &viewer, id, &text).await
    };
    asked.await.inspect_err(page::set_status)
}

#[cfg(feature = "ssr")]
pub(super) use server::found;
#[cfg(feature = "ssr")]
use server::hits;

#[cfg(feature = "ssr")]
mod server {
    use parlance_core::domain::{ConversationId, ProblemCode};
    use parlance_server::{App, service::Viewer};

    use crate::{
        rpc::{problem::RpcError, window::Place},
        state::find::{Finds, Hit},
    };

    pub(super) async fn hits(
        app: &App,
        viewer: &Viewer,
        id: ConversationId,
        text: &str,
    ) -> Result<Vec<Hit>, RpcError> {
        let found = app.messages.find(viewer, id, text).await?;
        let hits = found.into_iter().map(|found| Hit {
            id: found.id,
            snippet: [found.before, found.found, found.after],
        });
        Ok(hits.collect())
    }

    /// What a page's search begins with: `text` is what its address asks for, `place` names the hit that is looked at.
    ///
    /// # Errors
    /// As `find_in_conversation`, but for words that nobody would look for: they are found nowhere.
    pub(in crate::rpc) async fn found(
        app: &App,
        viewer: &Viewer,
        id: ConversationId,
        text: Option<String>,
        place: Option<Place>,
    ) -> Result<Option<Finds>, RpcError> {
        let Some(text) = text else { return Ok(None) };
        let text = text.trim().to_owned();
        let hits = match hits(app, viewer, id, &text).await {
            Err(error) if error.0.code == ProblemCode::Validation => Vec::new(),
            hits => hits?,
        };
        let marked = match place {
            Some(Place::Around(message)) => Some(message),
            _ => None,
        };
        Ok(Some(Finds::new(text, hits).at(marked)))
    }
}
