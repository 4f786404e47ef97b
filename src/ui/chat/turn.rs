//! One turn that is over: what a person wrote, or a reply as it was stored.

use leptos::prelude::*;
use parlance_core::domain::{MessageStatus, Role};

use super::body::FinishedBody;
use crate::{
    i18n::t,
    kit::{Glyph, Icon},
    state::page::{Delivery, Turn},
};

/// A turn.
#[component]
pub fn TurnArticle(turn: Turn) -> impl IntoView {
    if turn.role == Role::User {
        view! { <UserTurn turn=turn/> }.into_any()
    } else {
        view! { <ReplyTurn turn=turn/> }.into_any()
    }
}

#[component]
fn UserTurn(turn: Turn) -> impl IntoView {
    let texts = &t().chat;
    let label = format!("turn-{}", turn.key);
    let label_id = label.clone();
    let sending = turn.delivery == Delivery::Sending;
    view! {
        <article
            class="turn turn-user"
            aria-labelledby=label
            data-role="user"
            data-status=if sending { "sending" } else { "sent" }
        >
            <h2 class="visually-hidden" id=label_id>{texts.you}</h2>
            <div class="bubble" dir="auto">{turn.content}</div>
            {sending.then(|| view! { <p class="turn-note">{texts.sending}</p> })}
        </article>
    }
}

#[component]
fn ReplyTurn(turn: Turn) -> impl IntoView {
    let texts = t();
    let label = format!("turn-{}", turn.key);
    let label_id = label.clone();
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
                <p class="state-line">
                    <Icon glyph=if status == "stopped" { Glyph::Stop } else { Glyph::Alert }/>
                    <span>{line} {reason.map(|reason| format!(" {reason}"))}</span>
                </p>
            })}
            {turn.model.map(|model| view! { <p class="turn-note turn-model">{model}</p> })}
        </article>
    }
}
