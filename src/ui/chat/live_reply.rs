//! The reply that is being written.

use std::time::Duration;

use leptos::prelude::*;
use parlance_core::domain::{GenerationStatus, Part, event::Fare};

use super::body::LiveBody;
use crate::{
    i18n::t,
    state::{page::OpenReply, thread::Thread},
};

/// Shorter waits for the first word are not counted out, seconds.
const PATIENCE: u32 = 3;

/// The reply of the running generation.
#[component]
pub fn LiveReply(thread: Thread, seed: Option<OpenReply>) -> impl IntoView {
    let texts = &t().chat;
    let begun = Memo::new(move |_| thread.text.with(|text| !text.is_empty()));
    let thinking = Memo::new(move |_| thread.reasoning.with(|text| !text.is_empty()));
    let waited = wait_for(begun);
    let fare = move || {
        thread
            .reply
            .get()
            .and_then(|reply| match (reply.fare, reply.status) {
                (Some(Fare::Stalled), _) => Some(texts.stalled),
                (Some(Fare::Saving), _) => Some(texts.saving),
                (Some(Fare::Queued), _) | (None, GenerationStatus::Queued) => {
                    Some(texts.queued).filter(|_| waited.get() >= PATIENCE)
                }
                _ => None,
            })
    };
    let seconds = move || {
        let seconds = waited.get();
        (seconds >= PATIENCE && !begun.get()).then(|| (texts.waited)(seconds))
    };
    let seed = seed.and_then(|seed| Some((seed.html.clone()?, seed.part(Part::Text).to_owned())));
    view! {
        <article
            class="turn turn-reply turn-live"
            aria-labelledby="turn-live"
            aria-busy="true"
            data-role="assistant"
            data-status="streaming"
        >
            <h2 class="visually-hidden" id="turn-live">{texts.assistant}</h2>
            <Show when=move || thinking.get()>
                <details class="reasoning" prop:open=move || !begun.get()>
                    <summary>{move || if begun.get() { texts.reasoning } else { texts.reasoning_live }}</summary>
                    <div class="reasoning-text" dir="auto">{move || thread.reasoning.get()}</div>
                </details>
            </Show>
            <LiveBody text=thread.text seed=seed/>
            <p class="live-foot">
                <span class="caret" aria-hidden="true"></span>
                <span class="live-note">{move || fare().unwrap_or_default()}</span>
                <span class="live-note live-seconds">{move || seconds().unwrap_or_default()}</span>
            </p>
        </article>
    }
}

/// Whole seconds that passed before there was any text.
fn wait_for(begun: Memo<bool>) -> RwSignal<u32> {
    let waited = RwSignal::new(0);
    Effect::new(move || {
        if begun.get() {
            return;
        }
        let tick = move || {
            waited.try_update(|seconds| *seconds += 1);
        };
        if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    waited
}
