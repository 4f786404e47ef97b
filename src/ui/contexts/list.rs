//! All named contexts of the viewer. Links leave the page by the browser itself: the server has the next one whole.

use leptos::prelude::*;
use parlance_core::domain::NamedContext;

use crate::{
    i18n::contexts::Contexts,
    kit::Look,
    rpc::contexts::{CONTEXTS, NEW_CONTEXT},
};

/// Characters of a text that its row shows.
const EXCERPT: usize = 160;

/// Each with the way to its form.
pub(super) fn view(words: &'static Contexts, contexts: Vec<NamedContext>) -> AnyView {
    let rows = match contexts.is_empty() {
        true => view! { <p class="profile-note">{words.none}</p> }.into_any(),
        false => {
            let rows = contexts.into_iter().map(|one| row(words, one));
            view! {
                <ul class="profile-rows" role="list" aria-label=words.title>{rows.collect_view()}</ul>
            }
            .into_any()
        }
    };
    view! {
        <p class="profile-lead">{words.lead}</p>
        <p><a class=Look::Primary.class() href=NEW_CONTEXT rel="external">{words.new}</a></p>
        {rows}
    }
    .into_any()
}

fn row(words: &'static Contexts, context: NamedContext) -> AnyView {
    let draft = context.draft;
    let mark = draft
        .is_default
        .then(|| view! { <span class="profile-mark">{words.default_mark}</span> });
    let label = format!("{}: {}", words.edit, draft.name);
    let excerpt: String = draft.content.chars().take(EXCERPT).collect();
    view! {
        <li class="profile-row">
            <div class="profile-row-text">
                <p class="profile-row-name"><bdi>{draft.name}</bdi>{mark}</p>
                <p class="profile-note" dir="auto">{excerpt}</p>
            </div>
            <a class="button" href=format!("{CONTEXTS}/{}", context.id) rel="external" aria-label=label>
                {words.edit}
            </a>
        </li>
    }
    .into_any()
}
