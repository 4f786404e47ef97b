//! How a reply ended, where it did not end by itself: one line with what to do about it. It never pretends that the
//! reply is whole.

use std::time::Duration;

use leptos::prelude::*;
use parlance_core::domain::{GenerationFailure, GenerationStatus, MessageStatus, ProblemCode};

use super::acts::{Acts, again, go_on};
use crate::{
    i18n::Texts,
    kit::{Glyph, Icon},
    state::page::Turn,
};

/// Below a reply that was stopped or broke off; nothing below a whole one.
pub(super) fn unfinished(acts: Acts, turn: &Turn) -> Option<impl IntoView + use<>> {
    let (glyph, line) = how(acts.texts, turn)?;
    Some(view! {
        <div class="state-line">
            <Icon glyph=glyph/>
            <span>{line}</span>
            {go_on(acts, turn.id)}
        </div>
    })
}

/// How a reply ended that was stopped or broke off, and why.
pub(super) fn how(texts: &Texts, turn: &Turn) -> Option<(Glyph, String)> {
    let (glyph, line) = match turn.status {
        MessageStatus::Stopped => (Glyph::Stop, texts.chat.stopped),
        MessageStatus::Interrupted => (Glyph::Alert, texts.chat.interrupted),
        MessageStatus::Completed | MessageStatus::Streaming => return None,
    };
    Some((glyph, reasoned(texts, line, turn.error)))
}

/// Why there is no reply.
pub(super) fn why(texts: &Texts, failure: &GenerationFailure) -> String {
    if failure.status == GenerationStatus::Cancelled {
        return texts.chat.cancelled.to_owned();
    }
    let code = failure.error.as_ref().map(|problem| problem.code);
    reasoned(texts, texts.chat.failed, code)
}

fn reasoned(texts: &Texts, line: &str, code: Option<ProblemCode>) -> String {
    let (gap, reason) = code.map_or_else(Default::default, |code| {
        (texts.turns.gap, texts.problem(code))
    });
    [line, gap, reason].concat()
}

/// In place of a reply that never was.
pub(super) fn failed(acts: Acts, failure: GenerationFailure) -> impl IntoView {
    let texts = acts.texts;
    let cancelled = failure.status == GenerationStatus::Cancelled;
    let status = if cancelled { "cancelled" } else { "failed" };
    let line = why(texts, &failure);
    let gap = texts.turns.gap;
    let problem = failure.error.filter(|_| !cancelled);
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
                <p>{line} {gap} {wait}</p>
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
