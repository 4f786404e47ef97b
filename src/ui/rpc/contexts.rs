//! Contexts: those with names, and what a conversation tells its model. Plain forms of `/contexts` and
//! `/chat/{id}/context`.

use leptos::prelude::*;
use parlance_core::domain::{ContextId, ConversationId, MessageId};
use serde::{Deserialize, Serialize};

use super::{answer::Answer, problem::RpcError};

/// The page of the named contexts.
pub const CONTEXTS: &str = "/contexts";
/// Where a new one is made.
pub const NEW_CONTEXT: &str = "/contexts/new";

/// Names under which failures travel back.
pub const SAVE_FORM: &str = "context-save";
pub const DELETE_FORM: &str = "context-delete";
pub const TELL_FORM: &str = "context-tell";
pub const REWORD_FORM: &str = "context-reword";

/// What the form of a named context holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContextSheet {
    pub name: String,
    pub content: String,
    /// A box that is not ticked is not sent.
    pub is_default: Option<String>,
}

/// What the form of a conversation's context holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TellSheet {
    pub content: String,
    /// The messages that the form has boxes for, with commas between. Others stay as they are.
    pub shown: String,
    /// The ticked boxes.
    pub counts: Vec<MessageId>,
}

/// Where a conversation's context is edited.
#[must_use]
pub fn context_of(conversation: ConversationId) -> String {
    format!("/chat/{conversation}/context")
}

/// Makes a named context, or changes the one of this id.
///
/// # Errors
/// `validation`, `not_found`, `conflict` when there are too many.
#[server(output = Answer)]
pub async fn save_context(
    #[server(default)] id: Option<ContextId>,
    sheet: ContextSheet,
) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_core::domain::ContextDraft;

    let back = id.map_or_else(|| NEW_CONTEXT.to_owned(), |id| format!("{CONTEXTS}/{id}"));
    let (name, content) = (sheet.name.clone(), sheet.content.clone());
    let ticked = sheet.is_default.clone().unwrap_or_default();
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let draft = ContextDraft {
            name: sheet.name,
            content: form::typed_lines(&sheet.content),
            is_default: sheet.is_default.is_some(),
        };
        match id {
            Some(id) => app.contexts.change(&viewer, id, draft).await?,
            None => app.contexts.create(&viewer, draft).await?,
        };
        Ok(format!("{CONTEXTS}?done=saved"))
    };
    let typed = [
        ("is_default", ticked.as_str()),
        ("name", name.as_str()),
        ("content", content.as_str()),
    ];
    form::settle(SAVE_FORM, &back, &typed, outcome.await)
}

/// Deletes a named context. One that is gone already counts as deleted.
///
/// # Errors
/// Storage only.
#[server(output = Answer)]
pub async fn delete_context(id: ContextId) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::Error;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        match app.contexts.delete(&viewer, id).await {
            Ok(()) | Err(Error::NotFound) => Ok(format!("{CONTEXTS}?done=deleted")),
            Err(error) => Err(error.into()),
        }
    };
    form::settle(DELETE_FORM, &format!("{CONTEXTS}/{id}"), &[], outcome.await)
}

/// Sets a conversation's own text and which of the shown messages count. `rev` is the one that the page was made of.
///
/// # Errors
/// `validation`, `not_found`, `conflict` when it has changed since.
#[server(output = Answer)]
pub async fn tell_context(
    conversation: ConversationId,
    rev: u64,
    sheet: TellSheet,
) -> Result<String, RpcError> {
    use super::{form, session};

    let page = context_of(conversation);
    let typed = sheet.content.clone();
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let (mut context, _) = app.contexts.read(&viewer, conversation).await?;
        server::tell(sheet, &mut context);
        app.contexts
            .set(&viewer, conversation, context, Some(rev))
            .await?;
        Ok(format!("{page}?done=saved"))
    };
    form::settle(
        TELL_FORM,
        &page,
        &[("content", typed.as_str())],
        outcome.await,
    )
}

/// Sets how the model is told one message. The message stays as it was said. Without words, or with those of the message
/// itself, it is told as it was said.
///
/// # Errors
/// `validation`, `not_found`, `conflict` when the context has changed since `rev`.
#[server(output = Answer)]
pub async fn reword_message(
    conversation: ConversationId,
    message: MessageId,
    rev: u64,
    #[server(default)] content: String,
    #[server(default)] as_said: Option<String>,
) -> Result<String, RpcError> {
    use super::{form, session};

    let page = context_of(conversation);
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let said = server::message(conversation, message).await?;
        let (mut context, _) = app.contexts.read(&viewer, conversation).await?;
        let wording = form::typed_lines(&content);
        let is_as_said = as_said.is_some() || wording.trim().is_empty() || wording == said.content;
        if is_as_said {
            context.wordings.remove(&message);
        } else {
            context.wordings.insert(message, wording);
        }
        app.contexts
            .set(&viewer, conversation, context, Some(rev))
            .await?;
        Ok(format!("{page}?done=reworded#m-{message}"))
    };
    form::settle(
        REWORD_FORM,
        &format!("{page}?edit={message}"),
        &[("content", content.as_str())],
        outcome.await,
    )
}

#[cfg(feature = "ssr")]
pub use server::{kept, message, refused};

#[cfg(feature = "ssr")]
mod server {
    //! From what forms send to contexts.

    use parlance_core::domain::{
        ContextId, ConversationContext, ConversationId, Message, MessageId, NamedContext,
    };

    use super::TellSheet;
    use crate::rpc::{
        conversations::page::set_status, form::typed_lines, problem::RpcError, session,
    };

    /// One of the viewer's named contexts. The page of anything else is a 404.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn kept(id: ContextId) -> Result<NamedContext, RpcError> {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let found = app.contexts.get(&viewer, id).await;
        found.map_err(RpcError::from).inspect_err(set_status)
    }

    /// A message of the viewer's conversation, as it was said. The page of anything else is a 404.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn message(
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Message, RpcError> {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let found = app.contexts.message(&viewer, conversation, message).await;
        found.map_err(RpcError::from).inspect_err(set_status)
    }

    /// Answers with the status that belongs to the error.
    pub fn refused(error: &RpcError) {
        set_status(error);
    }

    /// Puts what the form holds into a context. What it does not show stays.
    pub(super) fn tell(sheet: TellSheet, context: &mut ConversationContext) {
        context.content = typed_lines(&sheet.content);
        let shown = sheet.shown.split(',');
        for message in shown.filter_map(|id| id.parse::<MessageId>().ok()) {
            if sheet.counts.contains(&message) {
                context.excluded.remove(&message);
            } else {
                context.excluded.insert(message);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn messages_without_a_box_stay_as_they_are() {
            let id = |number: u8| -> MessageId {
                format!("01941f29-7c00-7000-8000-00000000000{number}")
                    .parse()
                    .expect("an id")
            };
            let mut context = ConversationContext {
                excluded: [id(1), id(2)].into(),
                ..ConversationContext::default()
            };
            let sheet = TellSheet {
                content: "a\r\nb".to_owned(),
                shown: format!("{},{},", id(2), id(3)),
                counts: vec![id(2)],
            };
            tell(sheet, &mut context);
            assert_eq!(context.content, "a\nb");
            assert_eq!(context.excluded, [id(1), id(3)].into());
        }
    }
}
