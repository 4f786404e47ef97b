//! The turns, oldest first, then the reply that is being written or why there is none.

use leptos::prelude::*;
use parlance_core::domain::{GenerationFailure, GenerationStatus};

use super::{live_reply::LiveReply, turn::TurnArticle};
use crate::{
    browser::scroll::Follower,
    i18n::t,
    kit::{Glyph, Icon},
    state::{page::OpenReply, thread::Thread},
};

/// The thread in its scrolled frame.
#[component]
pub fn ThreadView(
    thread: Thread,
    follower: Follower,
    /// The reply that the page was loaded with, already rendered.
    seed: Option<OpenReply>,
) -> impl IntoView {
    let texts = &t().chat;
    let scroll = follower.scroll;
    // The text of a reply that begins later starts from nothing.
    let seed = StoredValue::new(seed);
    let running = Memo::new(move |_| thread.reply.get().map(|reply| reply.generation_id));
    view! {
        <main id="content" class="thread">
            <div
                class="thread-frame"
                node_ref=follower.frame
                data-pinned=move || scroll.get().pinned.to_string()
                on:scroll=move |_| follower.moved()
                on:wheel=move |event| follower.wheel(&event)
                on:touchstart=move |event| follower.touch(&event, false)
                on:touchmove=move |event| follower.touch(&event, true)
            >
                <div class="turns" node_ref=follower.content role="log" aria-live="off" aria-label=texts.thread>
                    <For
                        each=move || thread.turns.get()
                        key=|turn| (turn.key.clone(), turn.delivery)
                        children=|turn| view! { <TurnArticle turn=turn/> }
                    />
                    {move || running.get().map(|generation| {
                        let seed = seed.get_value().filter(|seed| seed.generation_id == generation);
                        view! { <LiveReply thread=thread seed=seed/> }
                    })}
                    {move || thread.failure.get().map(|failure| view! { <Failure failure=failure/> })}
                    <p
                        class="thread-empty"
                        hidden=move || thread.turns.with(|turns| !turns.is_empty()) || running.get().is_some()
                    >
                        {texts.nothing_yet}
                    </p>
                </div>
            </div>
            <button
                class="to-end"
                type="button"
                hidden=move || !scroll.get().offered
                on:click=move |_| follower.to_end()
            >
                {texts.to_end}
            </button>
        </main>
    }
}

/// A turn that no reply followed.
#[component]
fn Failure(failure: GenerationFailure) -> impl IntoView {
    let texts = t();
    let cancelled = failure.status == GenerationStatus::Cancelled;
    let (status, line) = if cancelled {
        ("cancelled", texts.chat.cancelled)
    } else {
        ("failed", texts.chat.failed)
    };
    let reason = failure
        .error
        .filter(|_| !cancelled)
        .map(|problem| texts.problem(problem.code));
    view! {
        <p class="state-line" data-status=status>
            <Icon glyph=Glyph::Alert/>
            <span>{line} {reason.map(|reason| format!(" {reason}"))}</span>
        </p>
    }
}
