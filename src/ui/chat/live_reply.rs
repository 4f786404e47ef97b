//! The reply that is being written.

use std::time::Duration;

use leptos::prelude::*;
use parlance_core::domain::{GenerationStatus, event::Fare};

use super::{body::live_body, reasoning, speaker::reply_head};
use crate::{
    i18n::{chat::Chat, t},
    state::thread::{Reply, Thread},
};

/// Shorter waits for the first word are not counted out, seconds.
const PATIENCE: u32 = 3;

/// The reply of the running generation.
#[component]
pub fn LiveReply(
    thread: Thread,
    /// HTML that is at hand for the beginning of the text, and that text.
    seed: Option<(String, String)>,
) -> impl IntoView {
    let texts = &t().chat;
    let begun = Memo::new(move |_| thread.text.with(|text| !text.is_empty()));
    let waited = wait_for(begun);
    let fare = move || {
        let long = waited.get() >= PATIENCE;
        thread
            .reply
            .with(|reply| reply.as_ref().and_then(|reply| fares(texts, reply, long)))
    };
    let seconds = move || {
        let seconds = waited.get();
        (seconds >= PATIENCE && !begun.get()).then(|| (texts.waited)(seconds))
    };
    view! {
        <article
            class="turn turn-reply turn-live"
            aria-labelledby="turn-live"
            aria-busy="true"
            data-role="assistant"
            data-status="streaming"
            data-goes-on=thread.goes_on().then_some("")
        >
            {reply_head("turn-live".to_owned(), None)}
            {reasoning::live(t(), thread, begun)}
            {live_body(thread, seed)}
            <p class="live-foot">
                <span class="caret" aria-hidden="true"></span>
                // Where the reply is to appear when it is whole (`thread.css`).
                <span class="live-note live-whole" hidden=move || !begun.get()>{texts.writing}</span>
                <span class="live-note">{move || fare().unwrap_or_default()}</span>
                <span class="live-note live-seconds">{move || seconds().unwrap_or_default()}</span>
            </p>
        </article>
    }
}

/// How the reply fares, in words. What passes in a moment is worth a word only when it was `long`.
fn fares(texts: &Chat, reply: &Reply, long: bool) -> Option<String> {
    let told = reply.fare.as_ref();
    let fare = told.map(|told| told.status).or(match reply.status {
        GenerationStatus::Queued => Some(Fare::Queued),
        GenerationStatus::Starting => Some(Fare::Starting),
        _ => None,
    })?;
    Some(match fare {
        Fare::Queued => match told.and_then(|told| told.position) {
            Some(place) => (texts.queued_at)(place),
            None if long => texts.queued.to_owned(),
            None => return None,
        },
        Fare::Starting if long => texts.starting.to_owned(),
        Fare::Starting | Fare::Streaming => return None,
        Fare::Retrying => {
            let wait = told.and_then(|told| told.next_in_ms).unwrap_or_default();
            let attempt = told.and_then(|told| told.attempt).unwrap_or(2);
            (texts.retrying)(wait.div_ceil(1_000), attempt)
        }
        Fare::Stalled => texts.stalled.to_owned(),
        Fare::Saving => texts.saving.to_owned(),
    })
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
