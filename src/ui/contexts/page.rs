//! What the server reads for one of the pages, and the page around it.

use leptos::prelude::*;
use parlance_core::domain::{ConversationId, NamedContext, ProblemCode};

use super::{list, part::Part, sheet, talk, wording};
use crate::{
    app::query,
    forms_page::{self, FormsPage},
    i18n::{contexts::Contexts, t},
    rpc::{
        contexts::{CONTEXTS, context_of, kept, refused},
        problem::RpcError,
        session,
    },
};

/// What a page shows.
#[derive(Clone)]
pub(super) enum Found {
    List(Vec<NamedContext>),
    Sheet(Option<Box<NamedContext>>),
    Talk(Box<talk::Talk>),
    Wording(Box<wording::Worded>),
}

/// Reads what the page shows.
pub(super) async fn read(part: Part) -> Result<Found, RpcError> {
    match part {
        Part::List => {
            let (app, viewer) = (session::app()?, session::viewer()?);
            Ok(Found::List(app.contexts.list(&viewer).await?))
        }
        Part::New => Ok(Found::Sheet(None)),
        Part::Change(id) => Ok(Found::Sheet(Some(Box::new(kept(id).await?)))),
        Part::Of(id) => of(id).await.inspect_err(refused),
    }
}

/// A conversation's context, or the words of one of its messages (`?edit=`).
async fn of(id: ConversationId) -> Result<Found, RpcError> {
    match query("edit").and_then(|message| message.parse().ok()) {
        Some(message) => Ok(Found::Wording(Box::new(wording::read(id, message).await?))),
        None => Ok(Found::Talk(Box::new(talk::read(id).await?))),
    }
}

/// There is no such page.
pub(super) fn nothing() -> Result<Found, RpcError> {
    Err(RpcError::from(ProblemCode::NotFound)).inspect_err(refused)
}

/// What the page of nothing shows.
pub(super) fn failed(found: Option<Result<Found, RpcError>>) -> AnyView {
    view(Part::List, found)
}

/// The page, or why there is none.
pub(super) fn view(part: Part, found: Option<Result<Found, RpcError>>) -> AnyView {
    let words = t().locale.contexts();
    let is_wording = matches!(&found, Some(Ok(Found::Wording(_))));
    let page = FormsPage {
        subject: words.title,
        title: match is_wording {
            true => words.wording,
            false => heading(part),
        },
        up: match part {
            Part::Of(id) if is_wording => Some((context_of(id), words.back_to_context)),
            Part::Of(id) => Some((format!("/chat/{id}"), words.back_to_talk)),
            Part::List => None,
            Part::New | Part::Change(_) => Some((CONTEXTS.to_owned(), words.all)),
        },
        tabs: None,
    };
    let body = forms_page::body(found, |found| body(words, found));
    page.view(|word| done_text(words, word), body)
}

/// What the page is called.
pub(super) fn heading(part: Part) -> &'static str {
    let words = t().locale.contexts();
    match part {
        Part::List => words.title,
        Part::New => words.new,
        Part::Change(_) => words.change,
        Part::Of(_) => words.of_talk,
    }
}

fn body(words: &'static Contexts, found: Found) -> AnyView {
    match found {
        Found::List(contexts) => list::view(words, contexts),
        Found::Sheet(context) => sheet::view(words, context.as_deref()),
        Found::Talk(talk) => talk::view(words, *talk),
        Found::Wording(worded) => wording::view(words, *worded),
    }
}

/// What has just been done, by the word that a form leads back with.
fn done_text(words: &Contexts, word: &str) -> Option<&'static str> {
    match word {
        "saved" => Some(words.saved),
        "deleted" => Some(words.deleted),
        "reworded" => Some(words.reworded),
        _ => None,
    }
}
