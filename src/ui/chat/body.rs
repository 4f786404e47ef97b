//! The text of a reply as HTML. `inner_html` gets the renderer's output and nothing else.

use leptos::{either::Either, prelude::*};
use parlance_core::render::blocks::Blocks;

use crate::browser::render::use_renderer;

/// A stored reply. The server brought its HTML along; one that ended on this page is rendered here, and stands as it
/// was written until the renderer is there.
#[component]
pub fn FinishedBody(content: String, html: Option<String>) -> impl IntoView {
    if let Some(html) = html {
        return Either::Left(view! { <div class="prose" dir="auto" inner_html=html></div> });
    }
    let renderer = use_renderer();
    let content = StoredValue::new(content);
    let rendered = move || content.with_value(|text| renderer.finished(text));
    Either::Right(move || match rendered() {
        Some(html) => Either::Left(view! { <div class="prose" dir="auto" inner_html=html></div> }),
        None => {
            Either::Right(view! { <div class="prose plain" dir="auto">{content.get_value()}</div> })
        }
    })
}

/// A block that no later text changes.
#[derive(Clone, PartialEq, Eq)]
struct Frozen {
    place: usize,
    html: String,
}

/// A reply that is being written: blocks that are settled are rendered once, the last one anew with each frame.
#[component]
pub fn LiveBody(
    /// The whole text so far.
    text: RwSignal<String>,
    /// HTML of the text that the page was loaded with, and that text.
    seed: Option<(String, String)>,
) -> impl IntoView {
    let renderer = use_renderer();
    let (seed_html, seed_text) = seed.unwrap_or_default();
    let frozen = RwSignal::new(Vec::<Frozen>::new());
    let tail = RwSignal::new(seed_html);
    let plain = RwSignal::new(
        text.with_untracked(|text| text.strip_prefix(&seed_text).unwrap_or(text).to_owned()),
    );
    let blocks = StoredValue::new(Blocks::new());
    Effect::new(move || {
        renderer.load();
        text.with(|text| {
            if renderer.unfinished("").is_none() {
                // The seed stays rendered; what came since follows as it was written.
                match text.strip_prefix(&seed_text) {
                    Some(rest) => plain.set(rest.to_owned()),
                    None => {
                        tail.set(String::new());
                        plain.set(text.clone());
                    }
                }
                return;
            }
            blocks.update_value(|blocks| {
                match text.strip_prefix(blocks.text()) {
                    Some(rest) => blocks.push(rest),
                    None => {
                        *blocks = Blocks::from(text.as_str());
                        frozen.set(Vec::new());
                    }
                }
                let done = frozen.with_untracked(Vec::len);
                let fresh: Vec<Frozen> = blocks
                    .frozen()
                    .enumerate()
                    .skip(done)
                    .map(|(place, block)| Frozen {
                        place,
                        html: renderer.finished(block).unwrap_or_default(),
                    })
                    .collect();
                if !fresh.is_empty() {
                    frozen.update(|all| all.extend(fresh));
                }
                tail.set(renderer.unfinished(blocks.tail()).unwrap_or_default());
            });
            plain.update(String::clear);
        });
    });
    view! {
        <div class="prose live-body" dir="auto">
            <For
                each=move || frozen.get()
                key=|block| block.place
                children=|block| view! { <div class="block" inner_html=block.html></div> }
            />
            <div class="block block-tail" inner_html=move || tail.get()></div>
            <div class="plain" hidden=move || plain.with(String::is_empty)>{move || plain.get()}</div>
        </div>
    }
}
