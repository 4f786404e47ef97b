//! Stretches of a conversation, as a reader moves through it.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use parlance_core::domain::{ConversationId, MessageId};
use serde::{Deserialize, Serialize};

use super::{answer::Answer, problem::RpcError};
use crate::state::window::{Side, Stretch};

#[cfg(feature = "ssr")]
pub(super) mod reading;

/// Which part of a conversation a page is to show, where that is not its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The stretch before a message: a page that is not kept up to date.
    Before(MessageId),
    /// A message with those around it, on a page that is.
    Around(MessageId),
}

/// The stretch on one side of a message of the path, or without a side the message with those around it.
///
/// # Errors
/// `unauthenticated`; `not_found`, also for what is somebody else's.
#[server(input = GetUrl, output = Answer)]
pub async fn read_stretch(
    id: ConversationId,
    message: MessageId,
    #[server(default)] side: Option<Side>,
) -> Result<Stretch, RpcError> {
    use super::{conversations::page, session};

    let read = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let eyes = page::Eyes::of_request(&app, &viewer);
        match side {
            Some(side) => reading::beside(&app, &viewer, id, message, side, eyes).await,
            None => reading::around(&app, &viewer, id, message, eyes).await,
        }
    };
    read.await.inspect_err(page::set_status)
}
