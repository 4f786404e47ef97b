//! Keeping what is typed and not sent.

use leptos::prelude::*;
use parlance_core::domain::ConversationId;

use super::{answer::Answer, problem::RpcError};

/// Keeps `text` as the draft of the conversation, or of the one that does not exist yet; an empty text forgets it. The
/// page asks by beacons, which nobody waits for.
///
/// # Errors
/// `unauthenticated`, `validation` (`text`).
#[server(output = Answer)]
pub async fn save_draft(
    #[server(default)] text: String,
    #[server(default)] conversation_id: Option<ConversationId>,
) -> Result<(), RpcError> {
    use super::{chat::SEND_FORM, form, session};

    let kept = async {
        let viewer = session::viewer()?;
        Ok::<_, RpcError>(
            session::app()?
                .drafts
                .keep(&viewer, conversation_id, &text)
                .await?,
        )
    };
    let back = conversation_id.map_or_else(|| "/chat".to_owned(), |id| format!("/chat/{id}"));
    let ahead = kept.await.map(|()| back.clone());
    form::settle(SEND_FORM, &back, &[], ahead).map(drop)
}
