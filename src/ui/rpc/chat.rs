//! Sending a message and stopping its reply. Both are plain forms first; scripts get the same as data.

use leptos::prelude::*;
use parlance_core::domain::{Accepted, ConversationId, GenerationId, Stopped};

use super::{answer::Answer, problem::RpcError};

/// Name under which a failed send travels back to its page.
pub const SEND_FORM: &str = "send";

/// Takes a message in and begins its reply. The page of a new conversation sends a `persona`: only then is the
/// conversation made.
///
/// # Errors
/// `validation` (`content`, `client_message_id`, `persona_id`), `generation_active`, `not_found`, `draining`. A form
/// without scripts is sent back to its page instead, where the text stands in the composer again.
// Not `Send`: that is a trait which the macro's code needs.
#[server(name = SendMessage, output = Answer)]
pub async fn send(
    #[server(default)] text: String,
    conversation_id: ConversationId,
    client_message_id: String,
    #[server(default)] persona: Option<String>,
) -> Result<Accepted, RpcError> {
    use super::{form, session};
    use parlance_server::service::messages::Send;

    let create = persona.is_some();
    let place = (!create).then_some(conversation_id);
    // Forms send line ends as CR LF (WHATWG HTML, "constructing the entry list").
    let text = text.replace("\r\n", "\n");
    let mut kept = false;
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let send = Send {
            conversation_id,
            create,
            content: text.clone(),
            client_message_id,
            parent_id: None,
            persona,
        };
        match app.messages.send(&viewer, send).await {
            Ok(sent) => {
                // The message is in: a draft that stays behind is no reason to say otherwise. The service has logged it.
                let _ = app
                    .drafts
                    .keep(&viewer, place, "")
                    .await
                    .map_err(RpcError::from);
                Ok(sent.accepted)
            }
            Err(error) => {
                kept =
                    form::is_form_request() && app.drafts.keep(&viewer, place, &text).await.is_ok();
                Err(RpcError::from(error))
            }
        }
    };
    let outcome = outcome.await;
    let back = place.map_or_else(|| "/chat".to_owned(), |id| format!("/chat/{id}"));
    let ahead = outcome
        .as_ref()
        .map(|sent| format!("/chat/{}", sent.conversation_id))
        .map_err(Clone::clone);
    // Whose session has run out has no draft on the server: then the text travels with the notice, as far as it fits.
    let typed = [("text", text.as_str())];
    form::settle(SEND_FORM, &back, if kept { &[] } else { &typed }, ahead)?;
    outcome
}

/// Ends a reply where it stands; what was written stays. Again changes nothing.
///
/// # Errors
/// `not_found`.
#[server(output = Answer)]
pub async fn stop(
    generation_id: GenerationId,
    #[server(default)] conversation_id: Option<ConversationId>,
) -> Result<Stopped, RpcError> {
    use super::{form, session};

    let outcome = async {
        let viewer = session::viewer()?;
        Ok::<_, RpcError>(
            session::app()?
                .generations
                .stop(&viewer, generation_id)
                .await?,
        )
    };
    let outcome = outcome.await;
    let page = conversation_id.map_or_else(|| "/chat".to_owned(), |id| format!("/chat/{id}"));
    let ahead = outcome.as_ref().map(|_| page.clone()).map_err(Clone::clone);
    form::settle(SEND_FORM, &page, &[], ahead)?;
    outcome
}
