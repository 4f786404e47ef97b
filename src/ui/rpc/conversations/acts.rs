//! What a person does with conversations in a list: forms first, which lead to `/history`; scripts send the same.

use leptos::prelude::*;
use parlance_core::domain::ConversationId;

use crate::rpc::{answer::Answer, problem::RpcError};

/// Name under which a failed act travels back to its page.
pub const LIST_FORM: &str = "list";

/// Where conversations are managed.
pub const HISTORY: &str = "/history";

/// The cookie that says that the sidebar is closed on wide screens.
pub const SIDEBAR_COOKIE: &str = "sidebar";

/// Gives the conversation a title. Answers the path to go to: `back`, when it is a page of the history.
///
/// # Errors
/// `not_found`, `validation` (`title`).
#[server(output = Answer)]
pub async fn rename_conversation(
    conversation_id: ConversationId,
    #[server(default)] title: String,
    #[server(default)] back: String,
) -> Result<String, RpcError> {
    use crate::rpc::session;
    use parlance_server::service::conversations::Update;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let update = Update {
            title: Some(title),
            ..Update::default()
        };
        app.conversations
            .update(&viewer, conversation_id, update)
            .await?;
        Ok(())
    };
    let back = ssr::page_of_history(&back);
    ssr::settle(&back, outcome.await.map(|()| back.clone()))
}

/// Deletes the conversation. Answers the path of a page that offers to undo it.
///
/// # Errors
/// `not_found`.
#[server(output = Answer)]
pub async fn delete_conversation(conversation_id: ConversationId) -> Result<String, RpcError> {
    use crate::rpc::session;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        Ok(app.conversations.delete(&viewer, conversation_id).await?)
    };
    let ahead = outcome.await.map(|()| ssr::with_undo(&[conversation_id]));
    ssr::settle(HISTORY, ahead)
}

/// Deletes those that were chosen. Answers as [`delete_conversation`].
///
/// # Errors
/// Storage only.
#[server(output = Answer)]
pub async fn delete_conversations(
    #[server(default)] ids: Vec<ConversationId>,
) -> Result<String, RpcError> {
    use crate::rpc::session;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        Ok(app.conversations.delete_these(&viewer, &ids).await?)
    };
    let ahead = outcome.await.map(|gone| ssr::with_undo(&gone));
    ssr::settle(HISTORY, ahead)
}

/// Deletes everything, when the person has typed the word that the page asked for. Answers the path to go to.
///
/// # Errors
/// `validation` (`word`).
#[server(output = Answer)]
pub async fn delete_all_conversations(#[server(default)] word: String) -> Result<String, RpcError> {
    use crate::{i18n::history, rpc::session};
    use parlance_core::domain::{FieldCode, Problem, ProblemCode};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        if !history::is_the_word(&word) {
            let problem = Problem::new(ProblemCode::Validation).field("word", FieldCode::Malformed);
            return Err(RpcError::from(problem));
        }
        app.conversations.delete_all(&viewer).await?;
        Ok(format!("{HISTORY}?emptied=1"))
    };
    ssr::settle(HISTORY, outcome.await)
}

/// Has deleted conversations back; `ids` are separated by commas. Those that are nobody's any more are passed over,
/// unless there is no other. Answers the path to go to: the conversation, if it is one.
///
/// # Errors
/// `not_found`.
#[server(output = Answer)]
pub async fn restore_conversations(#[server(default)] ids: String) -> Result<String, RpcError> {
    use crate::rpc::session;
    use parlance_core::domain::ProblemCode;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let mut back = Vec::new();
        for id in ssr::ids(&ids) {
            match app.conversations.restore(&viewer, id).await {
                Ok(_) => back.push(id),
                Err(parlance_server::service::Error::NotFound) => {}
                Err(error) => return Err(RpcError::from(error)),
            }
        }
        match back.as_slice() {
            [] => Err(ProblemCode::NotFound.into()),
            [one] => Ok(format!("/chat/{one}")),
            _ => Ok(HISTORY.to_owned()),
        }
    };
    ssr::settle(HISTORY, outcome.await)
}

/// The person is reading the conversation: the mark on its row goes, in every tab.
///
/// # Errors
/// `not_found`.
#[server(output = Answer)]
pub async fn mark_seen(conversation_id: ConversationId) -> Result<String, RpcError> {
    use crate::rpc::session;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        app.conversations
            .mark_seen(&viewer, conversation_id)
            .await?;
        Ok(format!("/chat/{conversation_id}"))
    };
    ssr::settle("/chat", outcome.await)
}

/// Opens or closes the sidebar of wide screens, for a year. Answers the path that the request came from.
///
/// # Errors
/// None of its own.
#[server(output = Answer)]
pub async fn set_sidebar(#[server(default)] open: bool) -> Result<String, RpcError> {
    ssr::keep_sidebar(open);
    ssr::settle("/chat", Ok(ssr::page_before()))
}

#[cfg(feature = "ssr")]
pub(crate) use ssr::ids;

#[cfg(feature = "ssr")]
mod ssr {
    //! Where forms lead to.

    use axum::http::{header, request::Parts};
    use leptos::prelude::use_context;
    use parlance_core::domain::ConversationId;

    use super::{HISTORY, LIST_FORM, RpcError, SIDEBAR_COOKIE};
    use crate::rpc::form;

    /// Most conversations that one act is about: a page of them.
    const MOST: usize = 100;

    pub(super) fn settle(
        back: &str,
        outcome: Result<String, RpcError>,
    ) -> Result<String, RpcError> {
        form::settle(LIST_FORM, back, &[], outcome)
    }

    /// The ids in a list with commas; what is no id is passed over.
    pub(crate) fn ids(list: &str) -> Vec<ConversationId> {
        list.split(',')
            .filter_map(|id| id.parse().ok())
            .take(MOST)
            .collect()
    }

    /// The history, with the way to have these back.
    pub(super) fn with_undo(gone: &[ConversationId]) -> String {
        if gone.is_empty() {
            return HISTORY.to_owned();
        }
        let list: Vec<_> = gone.iter().map(ToString::to_string).collect();
        format!("{HISTORY}?deleted={}", list.join(","))
    }

    /// `back`, when it is a page of the history.
    pub(super) fn page_of_history(back: &str) -> String {
        form::own_path(back)
            .filter(|path| path.split('?').next() == Some(HISTORY))
            .unwrap_or_else(|| HISTORY.to_owned())
    }

    /// The page that sent this request, when it is one of this site.
    pub(super) fn page_before() -> String {
        let path = || {
            let parts = use_context::<Parts>()?;
            let referer = parts.headers.get(header::REFERER)?.to_str().ok()?;
            let (_, rest) = referer.split_once("://")?;
            form::own_path(&rest[rest.find('/')?..])
        };
        path().unwrap_or_else(|| "/chat".to_owned())
    }

    /// Scripts write it too, so they may read it.
    pub(super) fn keep_sidebar(open: bool) {
        let (word, seconds) = if open {
            ("", 0)
        } else {
            ("closed", 31_536_000)
        };
        let cookie = format!("{SIDEBAR_COOKIE}={word}; Path=/; Max-Age={seconds}; SameSite=Lax");
        form::append_header(header::SET_COOKIE, &cookie);
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn leads_back_to_pages_of_the_history_alone() {
            assert_eq!(page_of_history("/history?cursor=a"), "/history?cursor=a");
            for other in [
                "",
                "/chat",
                "//evil.test/history",
                "/historyx",
                "/history/../x",
            ] {
                assert_eq!(page_of_history(other), HISTORY, "{other}");
            }
        }

        #[test]
        fn ids_are_read_one_by_one() {
            let id = "01890a5d-ac96-774b-bcce-b302099a8057";
            assert_eq!(ids(&format!("{id},nonsense,,{id}")).len(), 2);
            assert!(ids("").is_empty());
        }
    }
}
