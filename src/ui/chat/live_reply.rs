//! The reply that is being written.

use std::time::Duration;

use leptos::{either::Either, prelude::*};
use parlance_core::domain::{GenerationId, GenerationStatus, MessageId, event::Fare};

use super::{
    acts::Acts,
    body::live_body,
    reasoning,
    speaker::reply_head,
    turn::{heading, reply_foot, status, thoughts},
    window::anchor,
};
use crate::{
    i18n::chat::Chat,
    state::{
        page::Turn,
        thread::{Reply, Thread},
    },
};

/// Shorter waits for the first word are not counted out, seconds.
const PATIENCE: u32 = 3;

/// The reply of the running generation, and, once that is over, the turn that it became: the same element, in which
/// what was written stays and only what stands around it is made anew.
#[component]
pub(super) fn LiveReply(
    acts: Acts,
    generation: GenerationId,
    message: MessageId,
    /// HTML that is at hand for the beginning of the text, and that text.
    seed: Option<(String, String)>,
) -> impl IntoView {
    let thread = acts.thread;
    let ended = RwSignal::new(None::<Turn>);
    Effect::new(move |known: Option<bool>| {
        // What becomes of the turn later is shown by another element (`place`).
        if known == Some(true) {
            return true;
        }
        let turn = thread.turns.with(|turns| find(turns, message));
        let known = turn.is_some();
        if known {
            ended.set(turn);
        }
        known
    });
    // Once and for all: what later replies say is nothing to this one.
    let begun = Memo::new(move |before: Option<&bool>| {
        before == Some(&true) || thread.text.with(|text| !text.is_empty())
    });
    let label = move || ended.with(|turn| turn.as_ref().map_or("turn-live".to_owned(), heading));
    let head = move || {
        let label = label();
        ended.with(|turn| reply_head(label, turn.as_ref().map(|turn| (acts, turn))))
    };
    let above = move || match ended.get() {
        None => Either::Left(reasoning::live(acts.texts, thread, begun)),
        Some(turn) => Either::Right(thoughts(acts, &turn)),
    };
    let foot = move || match ended.get() {
        None => Either::Left(live_foot(&acts.texts.chat, thread, begun)),
        Some(turn) => Either::Right(reply_foot(acts, turn)),
    };
    let is_live = move || ended.with(Option::is_none);
    let goes_on = thread.goes_on();
    view! {
        <article
            class="turn turn-reply"
            class:turn-live=is_live
            id=move || ended.with(|turn| turn.as_ref().and_then(|turn| turn.id).map(anchor))
            aria-labelledby=label
            aria-busy=move || is_live().then_some("true")
            data-role="assistant"
            data-status=move || ended.with(|turn| turn.as_ref().map_or("streaming", status))
            data-goes-on=move || (goes_on && is_live()).then_some("")
        >
            {head}
            // What is replaced has parents of its own: of these, not of the text, is everything styled anew then.
            <div class="around">{above}</div>
            {live_body(thread, generation, seed, ended)}
            <div class="around">{foot}</div>
        </article>
    }
}

pub(super) fn find(turns: &[Turn], id: MessageId) -> Option<Turn> {
    turns.iter().rev().find(|turn| turn.id == Some(id)).cloned()
}

/// Below a reply that is being written: where the next word comes, or why it does not.
pub(super) fn live_foot(texts: &'static Chat, thread: Thread, begun: Memo<bool>) -> impl IntoView {
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
        <p class="live-foot">
            <span class="caret" aria-hidden="true"></span>
            // Where the reply is to appear when it is whole (`thread.css`).
            <span class="live-note live-whole" hidden=move || !begun.get()>{texts.writing}</span>
            <span class="live-note">{move || fare().unwrap_or_default()}</span>
            <span class="live-note live-seconds">{move || seconds().unwrap_or_default()}</span>
        </p>
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
