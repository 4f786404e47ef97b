//! Reading conversations: the page of one, the page of none yet, the list.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use parlance_core::domain::{ConversationId, ConversationPage, MessageId};

use super::{answer::Answer, problem::RpcError};
use crate::state::page::{OpenPage, StartPage};

/// A conversation with the newest messages of the path that is read, Markdown rendered, and the cursor that covers it
/// all; or with the stretch of the path before a message.
///
/// # Errors
/// `unauthenticated`; `not_found`, also for what is somebody else's.
#[server(input = GetUrl, output = Answer)]
pub async fn open_conversation(
    id: ConversationId,
    #[server(default)] before: Option<MessageId>,
) -> Result<OpenPage, RpcError> {
    use super::session;

    let opened = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let mut open = app.conversations.open(&viewer, id, None).await?;
        if let Some(before) = before {
            let read = app.messages.earlier(&viewer, id, before, None).await?;
            (open.messages, open.branches) = (read.items, read.branches);
            open.earlier = read.earlier;
            (open.active, open.failure) = (None, None);
        }
        let draft = app.drafts.read(&viewer, Some(id)).await?;
        Ok(page::of(open, before, draft))
    };
    // Said here and not by the page's markup: that comes too late for the head of the response.
    opened.await.inspect_err(page::set_status)
}

/// What the page of a new conversation needs.
///
/// # Errors
/// `unauthenticated`.
#[server(input = GetUrl, output = Answer)]
pub async fn start_conversation() -> Result<StartPage, RpcError> {
    use super::session;

    let started = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        Ok(StartPage {
            conversation_id: app.new_conversation_id(),
            personas: app
                .personas
                .list(&viewer)
                .await?
                .into_iter()
                .map(page::card)
                .collect(),
            composer: page::composer(app.drafts.read(&viewer, None).await?),
        })
    };
    started.await.inspect_err(page::set_status)
}

/// A page of the list, last used first. `cursor` is that of the page before.
///
/// # Errors
/// `unauthenticated`, `validation` (`cursor`).
#[server(input = GetUrl, output = Answer)]
pub async fn list_conversations(
    #[server(default)] cursor: Option<String>,
) -> Result<ConversationPage, RpcError> {
    use super::session;
    use parlance_core::domain::ConversationSort;

    let listed = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        Ok(app
            .conversations
            .list(
                &viewer,
                ConversationSort::default(),
                cursor.as_deref(),
                None,
            )
            .await?)
    };
    // A page says so beside the list and is a good page otherwise.
    listed.await.inspect_err(page::set_status_of_call)
}

#[cfg(feature = "ssr")]
mod page;
