//! Sending a message, stopping its reply, asking for another. All are plain forms first; scripts get the same as data.

use leptos::prelude::*;
use parlance_core::domain::{
    Accepted, ConversationId, GenerationId, MessageId, ModelConfigId, Stopped,
};

use super::{answer::Answer, problem::RpcError};

/// Name under which a failed send travels back to its page.
pub const SEND_FORM: &str = "send";

/// What an edit sends as `parent_id` for another wording of the first message, which has no parent.
pub const ROOT: &str = "root";

/// Takes a message in and begins its reply. The page of a new conversation sends a `persona`: only then is the
/// conversation made, and has the `model` that came along, and the models `beside` it. Another wording of an earlier
/// message names the message before it as `parent_id`, or [`ROOT`].
///
/// # Errors
/// `validation` (`content`, `client_message_id`, `persona_id`, `compare_with`), `generation_active`, `not_found`, `draining`. A form
/// without scripts is sent back to its page instead, where the text stands in the composer again.
// Not `Send`: that is a trait which the macro's code needs.
#[server(name = SendMessage, output = Answer)]
pub async fn send(
    #[server(default)] text: String,
    conversation_id: ConversationId,
    client_message_id: String,
    #[server(default)] persona: Option<String>,
    #[server(default)] parent_id: Option<String>,
    #[server(default)] model: Option<ModelConfigId>,
    #[server(default)] beside: Vec<String>,
) -> Result<Accepted, RpcError> {
    use super::{form, session};
    use leptos_router::location::Url;
    use parlance_server::service::messages::Send;

    let (create, reworded) = (persona.is_some(), parent_id.is_some());
    let asked = persona.clone();
    let place = (!create).then_some(conversation_id);
    let text = form::typed_lines(&text);
    let beside = super::models::beside(beside);
    let mut kept = false;
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let send = Send {
            conversation_id,
            create,
            content: text.clone(),
            client_message_id,
            parent: parent(parent_id)?,
            persona,
            model: model.filter(|id| create && *id != ModelConfigId::INSTALLATION),
            parameters: parlance_core::domain::Parameters::default(),
            inline: None,
            compare_with: beside.clone().ok().filter(|_| create),
        };
        beside.clone()?;
        match app.messages.send(&viewer, send).await {
            Ok(sent) => {
                if !reworded {
                    // The message is in: a draft that stays behind is no reason to say otherwise. The service has
                    // logged it.
                    let _ = app
                        .drafts
                        .keep(&viewer, place, "")
                        .await
                        .map_err(RpcError::from);
                }
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
    let back = match (place, asked) {
        (Some(id), _) => format!("/chat/{id}"),
        (None, Some(persona)) => {
            let model = model.map(|id| format!("&model={id}")).unwrap_or_default();
            let beside = beside.iter().flatten().map(ToString::to_string);
            let beside = beside.collect::<Vec<_>>().join(",");
            let beside = (!beside.is_empty()).then(|| format!("&beside={beside}"));
            let beside = beside.unwrap_or_default();
            format!("/chat?persona={}{model}{beside}", Url::escape(&persona))
        }
        (None, None) => "/chat".to_owned(),
    };
    let ahead = outcome
        .as_ref()
        .map(|sent| format!("/chat/{}", sent.conversation_id))
        .map_err(Clone::clone);
    // Whose session has run out has no draft on the server: then the text travels with the notice, as far as it fits.
    let typed = [("text", text.as_str())];
    form::settle(SEND_FORM, &back, if kept { &[] } else { &typed }, ahead)?;
    outcome
}

/// Ends a reply where it stands, or all that run in a conversation that is named; what was written stays. Again changes
/// nothing.
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
        let (app, viewer) = (session::app()?, session::viewer()?);
        if let Some(id) = conversation_id {
            app.generations.stop_all(&viewer, id).await?;
        }
        Ok::<_, RpcError>(app.generations.stop(&viewer, generation_id).await?)
    };
    let outcome = outcome.await;
    let page = conversation_id.map_or_else(|| "/chat".to_owned(), |id| format!("/chat/{id}"));
    let ahead = outcome.as_ref().map(|_| page.clone()).map_err(Clone::clone);
    form::settle(SEND_FORM, &page, &[], ahead)?;
    outcome
}

/// Asks for another reply: beside this one, or to this message of the person, which has none. Answers the path to go to.
///
/// # Errors
/// `not_found`, `generation_active`, `queue_full`, `draining`.
#[server(output = Answer)]
pub async fn regenerate(
    message_id: MessageId,
    #[server(default)] conversation_id: Option<ConversationId>,
) -> Result<String, RpcError> {
    let outcome = async {
        let (app, viewer) = (super::session::app()?, super::session::viewer()?);
        let sent = app
            .messages
            .regenerate(
                &viewer,
                message_id,
                parlance_server::service::messages::Again::default(),
            )
            .await?;
        Ok(sent.accepted.conversation_id)
    };
    lead(conversation_id, outcome.await)
}

/// Lets an unfinished reply go on. Answers the path to go to.
///
/// # Errors
/// As [`regenerate`].
#[server(output = Answer)]
pub async fn go_on(
    message_id: MessageId,
    #[server(default)] conversation_id: Option<ConversationId>,
) -> Result<String, RpcError> {
    let outcome = async {
        let (app, viewer) = (super::session::app()?, super::session::viewer()?);
        let sent = app.messages.go_on(&viewer, message_id).await?;
        Ok(sent.accepted.conversation_id)
    };
    lead(conversation_id, outcome.await)
}

/// Leads the path through this message. Answers the path of the page.
///
/// # Errors
/// `not_found`, `generation_active`.
#[server(output = Answer)]
pub async fn select(
    message_id: MessageId,
    #[server(default)] conversation_id: Option<ConversationId>,
) -> Result<String, RpcError> {
    let outcome = async {
        let (app, viewer) = (super::session::app()?, super::session::viewer()?);
        Ok(app.messages.select(&viewer, message_id).await?)
    };
    lead(conversation_id, outcome.await)
}

/// Ends one of several replies where it stands. Answers the path of the page.
///
/// # Errors
/// `not_found`.
#[server(output = Answer)]
pub async fn stop_one(
    generation_id: GenerationId,
    conversation_id: ConversationId,
) -> Result<String, RpcError> {
    let outcome = async {
        let (app, viewer) = (super::session::app()?, super::session::viewer()?);
        app.generations.stop(&viewer, generation_id).await?;
        Ok(conversation_id)
    };
    lead(Some(conversation_id), outcome.await)
}

/// Lets the conversation go on with this one of the replies that are compared. Answers the path of the page.
///
/// # Errors
/// `not_found`.
#[server(output = Answer)]
pub async fn keep(
    message_id: MessageId,
    conversation_id: ConversationId,
) -> Result<String, RpcError> {
    let outcome = async {
        let (app, viewer) = (super::session::app()?, super::session::viewer()?);
        app.messages.keep(&viewer, message_id).await?;
        Ok(conversation_id)
    };
    lead(Some(conversation_id), outcome.await)
}

/// Back to the conversation, with what went wrong if anything did.
#[cfg(feature = "ssr")]
fn lead(
    from: Option<ConversationId>,
    outcome: Result<ConversationId, RpcError>,
) -> Result<String, RpcError> {
    let page = from.map_or_else(|| "/chat".to_owned(), |id| format!("/chat/{id}"));
    let ahead = outcome.map(|id| format!("/chat/{id}"));
    super::form::settle(SEND_FORM, &page, &[], ahead)
}

#[cfg(feature = "ssr")]
fn parent(word: Option<String>) -> Result<parlance_server::service::messages::Parent, RpcError> {
    use parlance_core::domain::ProblemCode;
    use parlance_server::service::messages::Parent;

    match word.as_deref() {
        None => Ok(Parent::Head),
        Some(ROOT) => Ok(Parent::Root),
        Some(id) => match id.parse() {
            Ok(id) => Ok(Parent::Message(id)),
            Err(_) => Err(ProblemCode::BadRequest.into()),
        },
    }
}
