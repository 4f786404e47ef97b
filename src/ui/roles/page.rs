//! What the server reads for one of the pages, and the page around it.

use leptos::prelude::*;
use parlance_core::domain::Persona;

use super::{Part, list, sheet};
use crate::{
    forms_page::{self, FormsPage},
    i18n::{Texts, roles::Roles, t},
    rpc::{
        problem::RpcError,
        roles::{ROLES, kept},
        session,
    },
};

/// What a page shows, and to whom.
#[derive(Clone)]
pub(super) struct Found {
    rows: Rows,
    /// Whether the viewer may make personas for everybody.
    is_admin: bool,
}

#[derive(Clone)]
enum Rows {
    /// Those that may be chosen, and those that the viewer looks after.
    List(Vec<Persona>, Vec<Persona>),
    Sheet(Option<Box<Persona>>),
}

/// Reads what the page shows.
pub(super) async fn read(part: Part) -> Result<Found, RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let personas = &app.personas;
    let rows = match part {
        Part::List => Rows::List(personas.list(&viewer).await?, personas.kept(&viewer).await?),
        Part::New => Rows::Sheet(None),
        Part::Change(id) => Rows::Sheet(Some(Box::new(kept(id).await?))),
    };
    Ok(Found {
        rows,
        is_admin: viewer.admin().is_ok(),
    })
}

/// The page, or why there is none.
pub(super) fn view(part: Part, found: Option<Result<Found, RpcError>>) -> AnyView {
    let texts = t();
    let words = texts.locale.roles();
    let page = FormsPage {
        subject: words.title,
        title: heading(part, words),
        up: (part != Part::List).then(|| (ROLES.to_owned(), words.all)),
        tabs: None,
    };
    let body = forms_page::body(found, |found| body(texts, words, found));
    page.view(|word| done_text(words, word), body)
}

/// What the page is called.
pub(super) fn heading(part: Part, words: &Roles) -> &'static str {
    match part {
        Part::List => words.title,
        Part::New => words.new,
        Part::Change(_) => words.change,
    }
}

fn body(texts: &'static Texts, words: &'static Roles, found: Found) -> AnyView {
    match found.rows {
        Rows::List(choices, kept) => list::view(words, choices, &kept),
        Rows::Sheet(persona) => sheet::view(texts, words, persona.as_deref(), found.is_admin),
    }
}

/// What has just been done, by the word that a form leads back with.
fn done_text(words: &Roles, word: &str) -> Option<&'static str> {
    match word {
        "saved" => Some(words.saved),
        "deleted" => Some(words.deleted),
        _ => None,
    }
}
