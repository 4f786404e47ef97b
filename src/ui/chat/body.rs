//! The text of a reply as HTML. `inner_html` gets the renderer's output and nothing else.

use leptos::{either::Either, html, prelude::*};

use crate::{
    browser::{
        preferences::streaming,
        render::{Boxes, use_renderer},
    },
    state::thread::Thread,
};

/// A stored reply. The server brought its HTML along; one that ended on this page keeps what was shown of it, or stands
/// as it was written until the renderer is there.
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
            renderer.show(home, content.clone());
            Either::Right(
                view! { <div class="prose plain written" dir="auto" node_ref=home>{content}</div> },
            )
        }
    }
}

/// A reply that is being written: blocks that are settled, the last one, and what could not be rendered yet.
pub(super) fn live_body(
    thread: Thread,
    // HTML of the text that the page was loaded with, and that text.
    seed: Option<(String, String)>,
) -> impl IntoView {
    let (html, text) = seed.unwrap_or_default();
    let boxes = Boxes::default();
    // Without a renderer the whole text is there all the same, as on a page without scripts.
    let plain = thread
        .text
        .with_untracked(|all| all.strip_prefix(&text).unwrap_or(all).to_owned());
    let nothing = plain.is_empty();
    // What is to appear when it is whole stays as it was found.
    if !(cfg!(feature = "hydrate") && streaming() == "at-once") {
        use_renderer().write(thread, boxes, text);
    }
    view! {
        <div class="prose live-body" dir="auto">
            <div class="blocks" node_ref=boxes.list></div>
            <div class="block block-tail" node_ref=boxes.tail inner_html=html></div>
            <div class="plain" hidden=nothing node_ref=boxes.plain>{plain}</div>
        </div>
    }
}
