//! The particulars of a message: which model, how it ended, what it cost, how long it took, when it was written. Only
//! what is known, and only once it is asked for.

use leptos::prelude::*;
use parlance_core::domain::{MessageStatus, Role};

use super::{acts::Acts, reasoning::duration, speaker::persona};
use crate::{
    browser::moment,
    i18n::{
        numbers::{grouped, money},
        turns::Turns,
    },
    rpc::models::choose_path,
    state::page::{Facts, Turn},
};

/// The particulars of `turn`.
pub(super) fn details(acts: Acts, turn: &Turn) -> AnyView {
    let texts = acts.texts;
    let own = &texts.turns;
    let words = texts.locale.replied();
    let facts = &turn.facts;
    let took = |ms: Option<i64>| Some(duration(own, u64::try_from(ms?).ok()?));
    let rows = [
        (own.model, turn.model.clone()),
        (words.persona, facts.name.clone().or_else(persona)),
        (
            own.ended,
            (turn.role == Role::Assistant).then(|| end(own, turn).to_owned()),
        ),
        (
            own.tokens,
            facts.usage.map(|usage| {
                let (read, written) = (usage.prompt_tokens, usage.completion_tokens);
                (own.usage)(&grouped(read), &grouped(written))
            }),
        ),
        (words.cost, facts.cost_micros.map(money)),
        (own.first_word, took(facts.first_token_ms)),
        (own.duration, took(facts.response_ms)),
        (own.written, written(acts, facts)),
        (
            own.reference,
            turn.error.and(
                facts
                    .request_id
                    .clone()
                    .or_else(|| turn.id.map(|id| id.to_string())),
            ),
        ),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| {
        value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    });
    let again = turn.id.filter(|_| turn.role == Role::Assistant).map(|id| {
        let href = format!("{}?again={id}", choose_path(acts.thread.id));
        view! { <p class="facts-way"><a class="link" href=href rel="external">{words.again}</a></p> }
    });
    view! {
        <dl class="facts" aria-label=own.particulars>
            {rows.collect_view()}
        </dl>
        {again}
    }
    .into_any()
}

fn end(texts: &Turns, turn: &Turn) -> &'static str {
    match (turn.status, turn.facts.finish_reason.as_deref()) {
        (MessageStatus::Stopped, _) => texts.stopped,
        (MessageStatus::Interrupted, _) => texts.interrupted,
        (_, Some("length")) => texts.length,
        _ => texts.completed,
    }
}

/// In full, and how long ago that is.
fn written(acts: Acts, facts: &Facts) -> Option<String> {
    let at = facts.at?;
    let date = if facts.date.is_empty() {
        moment::full(at, acts.texts.locale.tag())
    } else {
        facts.date.clone()
    };
    let ago = (acts.texts.turns.ago)(moment::age(at, acts.made_at));
    Some(format!("{date} · {ago}"))
}
