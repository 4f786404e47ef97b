//! The text of a reply as HTML. `inner_html` gets the renderer's output and nothing else.

use leptos::{either::Either, html, prelude::*};
use parlance_core::domain::GenerationId;

use crate::{
    browser::{
        preferences::streaming,
        render::{Boxes, use_renderer},
    },
    state::{page::Turn, thread::Thread},
};

/// A stored reply. The server brought its HTML along; one that came by the stream stands as it was written until the
/// renderer is there.
#[component]
pub fn FinishedBody(content: String, html: Option<String>) -> impl IntoView {
    let renderer = use_renderer();
    let home = NodeRef::<html::Div>::new();
    match html {
        Some(html) => {
            renderer.colour(home);
            Either::Left(
                view! { <div class="prose" dir="auto" node_ref=home inner_html=html></div> },
            )
        }
        None => {
            renderer.show(home, Signal::stored(Some(content.clone())));
            Either::Right(
                view! { <div class="prose plain written" dir="auto" node_ref=home>{content}</div> },
            )
        }
    }
}

/// A reply that is being written: blocks that are settled, the last one, and what could not be rendered yet. Once it has
/// `ended`, all of it in the same blocks.
pub(super) fn live_body(
    thread: Thread,
    generation: GenerationId,
    // HTML of the text that the page was loaded with, and that text.
    seed: Option<(String, String)>,
    ended: RwSignal<Option<Turn>>,
) -> impl IntoView {
    let (html, text) = seed.unwrap_or_default();
    let (home, boxes) = (NodeRef::<html::Div>::new(), Boxes::default());
    // Without a renderer the whole text is there all the same, as on a page without scripts.
    let plain = thread
        .text
        .with_untracked(|all| all.strip_prefix(&text).unwrap_or(all).to_owned());
    let nothing = plain.is_empty();
    let renderer = use_renderer();
    // What is to appear when it is whole stays as it was found.
    if !(cfg!(feature = "hydrate") && streaming() == "at-once") {
        renderer.write(thread, generation, boxes, text);
    }
    let content = move || ended.with(|turn| turn.as_ref().map(|turn| turn.content.clone()));
    renderer.show(home, Signal::derive(content));
    view! {
        <div class="prose live-body" dir="auto" node_ref=home>
            <div class="blocks" node_ref=boxes.list></div>
            <div class="block block-tail" node_ref=boxes.tail inner_html=html></div>
            <div class="plain" hidden=nothing node_ref=boxes.plain>{plain}</div>
        </div>
    }
}
