//! One turn that is over: what a person wrote, or a reply as it was stored.

use leptos::prelude::*;
use parlance_core::domain::{MessageStatus, Role};

use super::{
    acts::{Acts, again, go_on, versions},
    body::FinishedBody,
    edit::{edit, edit_form},
};
use crate::{
    kit::{Glyph, Icon},
    state::page::{Delivery, Turn},
};

/// A turn.
#[component]
pub(super) fn TurnArticle(acts: Acts, turn: Turn) -> impl IntoView {
    if turn.role == Role::User {
        view! { <UserTurn acts=acts turn=turn/> }.into_any()
    } else {
        view! { <ReplyTurn acts=acts turn=turn/> }.into_any()
    }
}

#[component]
fn UserTurn(acts: Acts, turn: Turn) -> impl IntoView {
    let texts = &acts.texts.chat;
    let label = format!("turn-{}", turn.key);
    let label_id = label.clone();
    let id = turn.id;
    let sending = turn.delivery == Delivery::Sending;
    let editing = move || id.is_some() && acts.editing.get() == id;
    let bar = id.map(|id| {
        view! {
            <div class="acts">
                {versions(acts, &turn)}
                {edit(acts, id)}
            </div>
        }
    });
    let content = turn.content.clone();
    view! {
        <article
            class="turn turn-user"
            aria-labelledby=label
            data-role="user"
            data-status=if sending { "sending" } else { "sent" }
        >
            <h2 class="visually-hidden" id=label_id>{texts.you}</h2>
            <div class="said" hidden=editing>
                <div class="bubble" dir="auto">{content}</div>
                {sending.then(|| view! { <p class="turn-note">{texts.sending}</p> })}
                {bar}
            </div>
            {move || editing().then(|| edit_form(acts, turn.clone()))}
        </article>
    }
}

#[component]
fn ReplyTurn(acts: Acts, turn: Turn) -> impl IntoView {
    let texts = acts.texts;
    let label = format!("turn-{}", turn.key);
    let label_id = label.clone();
    let id = turn.id;
    let (status, line) = match turn.status {
        MessageStatus::Streaming => ("streaming", None),
        MessageStatus::Completed => ("completed", None),
        MessageStatus::Stopped => ("stopped", Some(texts.chat.stopped)),
        MessageStatus::Interrupted => ("interrupted", Some(texts.chat.interrupted)),
    };
    let reason = turn
        .error
        .filter(|_| line.is_some())
        .map(|code| texts.problem(code));
    let versions = versions(acts, &turn);
    view! {
        <article class="turn turn-reply" aria-labelledby=label data-role="assistant" data-status=status>
            <h2 class="visually-hidden" id=label_id>{texts.chat.assistant}</h2>
            {turn.reasoning.filter(|text| !text.is_empty()).map(|text| view! {
                <details class="reasoning">
                    <summary>{texts.chat.reasoning}</summary>
                    <div class="reasoning-text" dir="auto">{text}</div>
                </details>
            })}
            <FinishedBody content=turn.content html=turn.html/>
            {line.map(|line| view! {
                <div class="state-line">
                    <Icon glyph=if status == "stopped" { Glyph::Stop } else { Glyph::Alert }/>
                    <span>{line} {reason.map(|reason| format!(" {reason}"))}</span>
                    {go_on(acts, id)}
                </div>
            })}
            <div class="acts">
                {versions}
                {again(acts, id, texts.chat.regenerate)}
                {turn.model.map(|model| view! { <span class="turn-note">{model}</span> })}
            </div>
        </article>
    }
}
