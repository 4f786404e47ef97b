//! Model configurations, and the choice among them. Plain forms of `/models` and of a conversation's head.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use parlance_core::domain::{ConversationId, MessageId, ModelConfigId};

use super::{answer::Answer, problem::RpcError};

#[cfg(feature = "ssr")]
pub mod kept;
#[cfg(feature = "ssr")]
pub mod offer;
mod sheet;
#[cfg(feature = "ssr")]
mod writing;

#[cfg(feature = "ssr")]
pub use sheet::written;
pub use sheet::{ModelSheet, ParameterSheet};
#[cfg(feature = "ssr")]
pub use writing::{conversation, editable, nowhere};

/// The page of the models.
pub const MODELS: &str = "/models";
/// Where a new one is made.
pub const NEW_MODEL: &str = "/models/new";
/// Where the model of a conversation is chosen; with `?again={message}` that of another reply.
#[must_use]
pub fn choose_path(conversation: ConversationId) -> String {
    format!("/chat/{conversation}/model")
}

/// Names under which failures travel back.
pub const DELETE_FORM: &str = "models-delete";
pub const CHOOSE_FORM: &str = "model-choose";

/// Makes a model configuration, or writes the one of this id anew.
///
/// # Errors
/// `validation`, `endpoint_blocked`, `model_limit`, `not_found`, `forbidden`; `conflict` when it has been changed since the
/// form was made.
#[server(output = Answer)]
pub async fn save_model(
    #[server(default)] id: Option<ModelConfigId>,
    sheet: ModelSheet,
) -> Result<String, RpcError> {
    use super::session;

    let mut sheet = sheet;
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let client = session::client()?;
        let draft = writing::draft(id, &mut sheet).await?;
        match id {
            Some(id) => {
                let seen = sheet.seen();
                let changed = app.models.update(&viewer, id, draft, seen, &client);
                changed.await?
            }
            None => {
                let shared = sheet.shared.is_some();
                let made = app.models.create(&viewer, draft, shared, &client);
                made.await?
            }
        };
        kept::forget();
        Ok(format!("{MODELS}?done=saved"))
    };
    let outcome = outcome.await;
    writing::settle(id, sheet, false, outcome).await
}

/// Asks the provider of what the form says for its models. Answers the path of the form, which says what came of it.
///
/// # Errors
/// As [`save_model`], and what the provider said or did not say.
#[server(output = Answer)]
pub async fn test_model(
    #[server(default)] id: Option<ModelConfigId>,
    sheet: ModelSheet,
) -> Result<String, RpcError> {
    use super::session;

    let mut sheet = sheet;
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let draft = writing::draft(id, &mut sheet).await?;
        let test = app.models.try_out(&viewer, draft, id).await?;
        kept::keep(id, sheet.clone(), kept::Told::listed(test)).await?;
        Ok(kept::page(id))
    };
    let outcome = outcome.await;
    writing::settle(id, sheet, true, outcome).await
}

/// Deletes these, or none of them.
///
/// # Errors
/// `not_found`, `forbidden`, `validation` (`ids`).
#[server(output = Answer)]
pub async fn delete_models(#[server(default)] ids: Vec<ModelConfigId>) -> Result<String, RpcError> {
    use super::{form, session};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        if ids.is_empty() {
            return Ok(format!("{MODELS}?done=none"));
        }
        let client = session::client()?;
        app.models.delete(&viewer, &ids, &client).await?;
        Ok(format!("{MODELS}?done=deleted"))
    };
    form::settle(DELETE_FORM, MODELS, &[], outcome.await)
}

/// Chooses what a conversation asks from now on; with `sheet` also its parameters, with `beside` also which models are
/// asked side by side with it, where an empty word is none. Answers the path of the conversation.
///
/// # Errors
/// `not_found`, `validation` (`model_config_id`, `compare_with`, `parameters.…`), `forbidden`.
#[server(output = Answer)]
pub async fn choose_model(
    conversation_id: ConversationId,
    model: ModelConfigId,
    #[server(default)] beside: Option<Vec<String>>,
    #[server(default)] sheet: Option<ParameterSheet>,
) -> Result<String, RpcError> {
    use super::{chat::SEND_FORM, form, session};
    use parlance_server::service::conversations::Update;

    let chat = format!("/chat/{conversation_id}");
    let typed = sheet.as_ref().map(written);
    let typed_beside = beside.clone().unwrap_or_default().join(",");
    let asked_beside = beside;
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let parameters = sheet.map(|sheet| sheet.parameters()).transpose()?;
        let update = Update {
            model_config_id: Some(Some(model).filter(|id| *id != ModelConfigId::INSTALLATION)),
            parameters,
            compare_with: asked_beside.map(self::beside).transpose()?,
            ..Update::default()
        };
        let conversations = &app.conversations;
        conversations
            .update(&viewer, conversation_id, update)
            .await?;
        Ok(chat.clone())
    };
    let outcome = outcome.await;
    let Some(typed) = typed else {
        return form::settle(SEND_FORM, &chat, &[], outcome);
    };
    let model = model.to_string();
    let typed = [
        ("model", model.as_str()),
        ("beside", typed_beside.as_str()),
        ("sheet", typed.as_str()),
    ];
    let back = choose_path(conversation_id);
    form::settle(CHOOSE_FORM, &back, &typed, outcome)
}

/// The models that a form names side by side; an empty word is none.
///
/// # Errors
/// `validation` (`compare_with`).
#[cfg(feature = "ssr")]
pub fn beside(words: Vec<String>) -> Result<Vec<ModelConfigId>, RpcError> {
    use parlance_core::domain::{FieldCode, Problem, ProblemCode};

    let words = words.into_iter().filter(|word| !word.is_empty());
    let ids = words.map(|word| word.parse().ok()).collect::<Option<_>>();
    let malformed =
        || Problem::new(ProblemCode::Validation).field("compare_with", FieldCode::Malformed);
    ids.ok_or_else(|| malformed().into())
}

/// Asks for another reply beside this one, of this model and this persona (slug or id; none is the conversation's).
/// Answers the path to go to.
///
/// # Errors
/// As those of another reply; `validation` (`model_config_id`, `persona_id`).
#[server(output = Answer)]
pub async fn answer_again(
    message_id: MessageId,
    conversation_id: ConversationId,
    model: ModelConfigId,
    #[server(default)] persona: Option<String>,
) -> Result<String, RpcError> {
    use super::{chat::SEND_FORM, form, session};
    use parlance_server::service::messages::Again;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let again = Again {
            persona: persona.filter(|slug| !slug.is_empty()),
            model: Some(model),
            ..Again::default()
        };
        let sent = app.messages.regenerate(&viewer, message_id, again).await?;
        Ok(format!("/chat/{}", sent.accepted.conversation_id))
    };
    let back = format!("/chat/{conversation_id}");
    form::settle(SEND_FORM, &back, &[], outcome.await)
}

/// The control in a conversation's head, or in that of the page where one begins, as the server writes it into those
/// pages: for a page that the browser has built by itself.
///
/// # Errors
/// `unauthenticated`, `not_found`.
#[server(input = GetUrl, output = Answer)]
pub async fn model_control(
    #[server(default)] conversation_id: Option<ConversationId>,
) -> Result<String, RpcError> {
    let control = async {
        let conversation = match conversation_id {
            Some(id) => Some(writing::conversation(id).await?),
            None => None,
        };
        let offer = offer::of(conversation.as_ref()).await?;
        Ok(crate::models::control_html(offer))
    };
    control
        .await
        .inspect_err(super::conversations::page::set_status)
}
