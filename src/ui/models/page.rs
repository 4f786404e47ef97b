//! What the server reads for one of the pages, and the page around it.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use parlance_core::domain::{Catalogue, ConversationId, MessageId, ModelConfigId};

use super::{
    choose::{self, Asked},
    form::{self, Writing},
    list,
};
use crate::{
    app::query,
    forms_page::{self, FormsPage},
    i18n::{models::Models, t},
    rpc::{
        models::{MODELS, conversation, editable, kept, nowhere, offer},
        problem::RpcError,
        session,
    },
};

/// One of the pages.
#[derive(Clone, Copy)]
pub(super) enum Part {
    List,
    New,
    Change(ModelConfigId),
    /// Of a conversation, or for another reply beside this one.
    Choose(ConversationId, Option<MessageId>),
    Nowhere,
}

impl Part {
    /// The page of this request.
    pub(super) fn of_request() -> Self {
        let word = use_params_map().with_untracked(|params| params.get("id"));
        let path = use_location().pathname.get_untracked();
        match word.as_deref() {
            Some(id) if path.starts_with("/chat/") => {
                let again = query("again").and_then(|id| id.parse().ok());
                id.parse()
                    .map_or(Self::Nowhere, |chat| Self::Choose(chat, again))
            }
            None => Self::List,
            Some("new") => Self::New,
            Some(id) => id.parse().map_or(Self::Nowhere, Self::Change),
        }
    }

    /// The configuration that its form is about.
    fn of(self) -> Option<ModelConfigId> {
        match self {
            Self::Change(id) => Some(id),
            _ => None,
        }
    }
}

/// What a page shows.
#[derive(Clone)]
pub(super) enum Found {
    List(Catalogue),
    Form(Box<Writing>),
    Choose(Box<Asked>),
}

/// Reads what the page shows.
pub(super) async fn read(part: Part) -> Result<Found, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    Ok(match part {
        Part::List => Found::List(app.models.list(&viewer).await?),
        Part::New | Part::Change(_) => {
            let config = match part.of() {
                Some(id) => Some(editable(id).await?),
                None => None,
            };
            let writing = Writing {
                kept: kept::read(part.of()).await,
                config,
                quota: app.models.quota(&viewer).await?,
                is_admin: viewer.admin().is_ok(),
            };
            Found::Form(Box::new(writing))
        }
        Part::Choose(id, again) => {
            let conversation = conversation(id).await?;
            let asked = Asked {
                offer: offer::of(Some(&conversation)).await?,
                parameters: conversation.parameters,
                id,
                again,
                personas: app.personas.choices(&viewer).await?,
            };
            Found::Choose(Box::new(asked))
        }
        Part::Nowhere => return nowhere(),
    })
}

/// The page, or why there is none.
pub(super) fn view(part: Part, found: Option<Result<Found, RpcError>>) -> AnyView {
    let texts = t();
    let words = texts.locale.models();
    let page = FormsPage {
        subject: words.title,
        title: heading(part),
        up: match part {
            Part::List => None,
            Part::Choose(id, _) => Some((format!("/chat/{id}"), words.choice.back)),
            _ => Some((MODELS.to_owned(), words.all)),
        },
        tabs: None,
    };
    let body = forms_page::body(found, |found| match found {
        Found::List(catalogue) => list::view(texts, words, catalogue),
        Found::Form(writing) => form::view(texts, words, *writing),
        Found::Choose(asked) => choose::view(texts, words, *asked),
    });
    page.view(|word| done_text(words, word), body)
}

/// What the page is called.
pub(super) fn heading(part: Part) -> &'static str {
    let texts = t();
    let words = texts.locale.models();
    match part {
        Part::List => words.title,
        Part::New => words.new,
        Part::Change(_) => words.change,
        Part::Choose(_, None) => words.choice.title,
        Part::Choose(_, Some(_)) => words.choice.again,
        Part::Nowhere => texts.errors.not_found_title,
    }
}

/// What has just been done, by the word that a form leads back with.
fn done_text(words: &Models, word: &str) -> Option<&'static str> {
    match word {
        "saved" => Some(words.form.saved),
        "deleted" => Some(words.deleted),
        "none" => Some(words.none_selected),
        _ => None,
    }
}
