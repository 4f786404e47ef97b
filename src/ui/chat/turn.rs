//! One turn that is over: what a person wrote, or a reply as it was stored.

use leptos::prelude::*;
use parlance_core::domain::{MessageStatus, Role};

use super::{
    acts::{Acts, copy, held, opener, regenerate, toolbar, versions},
    body::FinishedBody,
    ending::unfinished,
    queue::undelivered,
    reasoning,
    saying::said,
    speaker::{person, reply_head},
    window::{anchor, marked},
};
use crate::{
    kit::Glyph,
    state::page::{Delivery, Turn},
    tools,
};

/// A turn.
#[component]
pub(super) fn TurnArticle(acts: Acts, turn: Turn) -> impl IntoView {
    if turn.role == Role::User {
        user_turn(acts, turn).into_any()
    } else {
        reply_turn(acts, turn).into_any()
    }
}

fn user_turn(acts: Acts, turn: Turn) -> impl IntoView {
    let texts = acts.texts;
    let label = heading(&turn);
    let id = turn.id;
    let (status, note) = match turn.delivery {
        Delivery::Sent => ("sent", None),
        Delivery::Sending => ("sending", Some(texts.chat.sending)),
        Delivery::Failed => ("failed", None),
    };
    let editing = move || id.is_some() && acts.editing.get() == id;
    let bar = id.map(|id| {
        let edit = opener(acts, "edit", Glyph::Edit, texts.chat.edit, id);
        toolbar(
            acts,
            (copy(acts), held(acts, (edit, versions(acts, &turn)))),
        )
    });
    let head = person(acts, label.clone(), &turn);
    let content = said(texts, &turn.content);
    let unsent = undelivered(&turn);
    view! {
        <article
            class="turn turn-user"
            id=id.map(anchor)
            aria-labelledby=label
            data-role="user"
            data-status=status
            data-marked=marked(acts, id)
        >
            {head}
            <div class="said" hidden=editing>
                <div class="bubble" dir="auto">{content}</div>
                {note.map(|note| view! { <p class="turn-note">{note}</p> })}
                {unsent}
                {bar}
            </div>
            {move || editing().then(tools::there).flatten().map(|tools| (tools.chat.edit)(acts, turn.clone()))}
        </article>
    }
}

fn reply_turn(acts: Acts, turn: Turn) -> impl IntoView {
    let label = heading(&turn);
    let (id, status) = (turn.id, status(&turn));
    let head = reply_head(label.clone(), Some((acts, &turn)));
    let thoughts = thoughts(acts, &turn);
    let body = view! { <FinishedBody content=turn.content.clone() html=turn.html.clone()/> };
    view! {
        <article
            class="turn turn-reply"
            id=id.map(anchor)
            aria-labelledby=label
            data-role="assistant"
            data-status=status
            data-marked=marked(acts, id)
        >
            {head}
            {thoughts}
            {body}
            {reply_foot(acts, turn)}
        </article>
    }
}

/// The id of the name above a turn.
pub(super) fn heading(turn: &Turn) -> String {
    format!("turn-{}", turn.key)
}

/// How a reply ended, for styles and tests.
pub(super) fn status(turn: &Turn) -> &'static str {
    match turn.status {
        MessageStatus::Streaming => "streaming",
        MessageStatus::Completed => "completed",
        MessageStatus::Stopped => "stopped",
        MessageStatus::Interrupted => "interrupted",
    }
}

/// What the model thought, above the text of a reply.
pub(super) fn thoughts(acts: Acts, turn: &Turn) -> Option<impl IntoView + use<>> {
    let text = turn.reasoning.clone().filter(|text| !text.is_empty())?;
    let fresh = turn.facts.clock.is_empty();
    Some(reasoning::block(acts.texts, turn.id, fresh, text))
}

/// Below the text of a reply: how it ended where that is worth a word, what can be done with it, its particulars.
pub(super) fn reply_foot(acts: Acts, turn: Turn) -> impl IntoView {
    let id = turn.id;
    let more = id.map(|id| opener(acts, "details", Glyph::Info, acts.texts.turns.details, id));
    let bar = toolbar(
        acts,
        (
            copy(acts),
            held(acts, (regenerate(acts, id), versions(acts, &turn))),
            more,
        ),
    );
    let ending = unfinished(acts, &turn);
    let open = move || id.is_some() && acts.detailed.get() == id;
    let details = move || {
        open()
            .then(tools::there)
            .flatten()
            .map(|tools| (tools.chat.details)(acts, &turn))
    };
    (ending, bar, details)
}
