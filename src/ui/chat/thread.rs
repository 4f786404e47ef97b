//! The turns, oldest first, then the reply that is being written or why there is none.

use leptos::prelude::*;
use parlance_core::domain::{GenerationFailure, GenerationStatus, Part};

use super::{
    acts::{Acts, again},
    earlier::{earlier_link, latest_link},
    live_reply::LiveReply,
    turn::TurnArticle,
};
use crate::{
    kit::{Glyph, Icon},
    state::{live::Lapse, page::OpenReply},
};

/// The thread in its scrolled frame.
#[component]
pub(super) fn ThreadView(
    acts: Acts,
    /// The reply that the page was loaded with, already rendered.
    seed: Option<OpenReply>,
) -> impl IntoView {
    let texts = &acts.texts.chat;
    let (thread, follower) = (acts.thread, acts.follower);
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
                    {earlier_link(acts)}
                    <For
                        each=move || thread.turns.get()
                        key=|turn| (turn.key.clone(), turn.delivery, turn.siblings.len())
                        children=move |turn| view! { <TurnArticle acts=acts turn=turn/> }
                    />
                    {move || running.get().map(|generation| {
                        let seed = seed
                            .get_value()
                            .filter(|seed| seed.generation_id == generation)
                            .and_then(|seed| Some((seed.html.clone()?, seed.part(Part::Text).to_owned())))
                            .or_else(|| thread.seed());
                        view! { <LiveReply thread=thread seed=seed/> }
                    })}
                    {move || thread.failure.get().map(|failure| failed(acts, failure))}
                    <p class="lapse" role="status" hidden=move || thread.lapse.with(Option::is_none)>
                        {move || thread.lapse.get().map(|lapse| lapsed(acts, lapse))}
                    </p>
                    {(!acts.is_live()).then(|| latest_link(acts))}
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
fn failed(acts: Acts, failure: GenerationFailure) -> impl IntoView {
    let texts = acts.texts;
    let cancelled = failure.status == GenerationStatus::Cancelled;
    let (status, line) = if cancelled {
        ("cancelled", texts.chat.cancelled)
    } else {
        ("failed", texts.chat.failed)
    };
    let problem = failure.error.filter(|_| !cancelled);
    let wait = problem
        .as_ref()
        .and_then(|problem| problem.retry_after_ms)
        .map(|wait| (texts.chat.retry_after)(wait.div_ceil(1_000)));
    let words = problem
        .map(|problem| texts.problem(problem.code).to_owned())
        .into_iter()
        .chain(wait)
        .fold(line.to_owned(), |all, more| format!("{all} {more}"));
    view! {
        <div class="state-line" data-status=status>
            <Icon glyph=Glyph::Alert/>
            <span>{words}</span>
            {again(acts, Some(failure.user_message_id), texts.chat.retry)}
        </div>
    }
}

fn lapsed(acts: Acts, lapse: Lapse) -> String {
    let texts = &acts.texts.chat;
    match lapse {
        Lapse::Reset => texts.reset.to_owned(),
        Lapse::Cancelled => texts.no_other_cancelled.to_owned(),
        Lapse::NoOther(code) => format!("{} {}", texts.no_other, acts.texts.problem(code)),
    }
}
