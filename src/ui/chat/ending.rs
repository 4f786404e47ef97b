//! How a reply ended, where it did not end by itself: one line with what to do about it. It never pretends that the
//! reply is whole.

use std::time::Duration;

use leptos::prelude::*;
use parlance_core::domain::{GenerationFailure, GenerationStatus, MessageStatus};

use super::acts::{Acts, again, go_on};
use crate::{
    kit::{Glyph, Icon},
    state::page::Turn,
};

/// Below a reply that was stopped or broke off; nothing below a whole one.
pub(super) fn unfinished(acts: Acts, turn: &Turn) -> Option<impl IntoView + use<>> {
    let texts = acts.texts;
    let (glyph, line) = match turn.status {
        MessageStatus::Stopped => (Glyph::Stop, texts.chat.stopped),
        MessageStatus::Interrupted => (Glyph::Alert, texts.chat.interrupted),
        MessageStatus::Completed | MessageStatus::Streaming => return None,
    };
    let reason = turn.error.map(|code| texts.problem(code));
    Some(view! {
        <div class="state-line">
            <Icon glyph=glyph/>
            <span>{line} {reason.map(|reason| [texts.turns.gap, reason].concat())}</span>
            {go_on(acts, turn.id)}
        </div>
    })
}

/// In place of a reply that never was.
pub(super) fn failed(acts: Acts, failure: GenerationFailure) -> impl IntoView {
    let texts = acts.texts;
    let cancelled = failure.status == GenerationStatus::Cancelled;
    let (status, line) = if cancelled {
        ("cancelled", texts.chat.cancelled)
    } else {
        ("failed", texts.chat.failed)
    };
    let gap = texts.turns.gap;
    let problem = failure.error.filter(|_| !cancelled);
    let reason = problem.as_ref().map(|problem| texts.problem(problem.code));
    let wait = problem
        .as_ref()
        .and_then(|problem| problem.retry_after_ms)
        .map(|wait| countdown(acts, wait.div_ceil(1_000)));
    let reference = problem.map(|problem| {
        let id = problem
            .request_id
            .unwrap_or_else(|| failure.generation_id.to_string());
        view! {
            <details class="state-more">
                <summary>{texts.turns.details}</summary>
                <p>{texts.turns.reference} " " <code>{id}</code></p>
            </details>
        }
    });
    view! {
        <div class="state-line" data-status=status>
            <Icon glyph=Glyph::Alert/>
            <div class="state-words">
                <p>{line} {reason.map(|reason| [gap, reason].concat())} {gap} {wait}</p>
                {reference}
            </div>
            {again(acts, Some(failure.user_message_id))}
        </div>
    }
}

/// The wait that the provider asks for, second by second; then that it is over.
fn countdown(acts: Acts, seconds: u64) -> impl IntoView {
    let left = RwSignal::new(seconds);
    Effect::new(move || {
        let tick = move || {
            left.try_update(|left| *left = left.saturating_sub(1));
        };
        if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    let texts = acts.texts;
    move || match left.get() {
        0 => texts.turns.retry_now.to_owned(),
        left => (texts.turns.retry_in)(left),
    }
}
