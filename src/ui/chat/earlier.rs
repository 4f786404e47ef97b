//! The ways along a conversation that stands in the page only in part: links that lead there as they are, and where
//! scripts run put what is beyond in front of or behind what is there.

use leptos::{ev, prelude::*};
use parlance_core::domain::MessageId;

use super::window::{Pager, anchor};
use crate::state::window::Side;

/// The link above the first message, as long as there are earlier ones.
pub(super) fn earlier_link(pager: Pager) -> impl IntoView {
    let thread = pager.acts.thread;
    let first = Memo::new(move |_| {
        let first = thread
            .turns
            .with(|turns| turns.first().and_then(|turn| turn.id));
        first.filter(|_| thread.earlier.get())
    });
    let href = move |before: MessageId| format!("/chat/{}?before={before}", thread.id);
    way(
        pager,
        Side::Above,
        first,
        href,
        pager.acts.texts.chat.earlier,
    )
}

/// The link below the last message, as long as there are later ones.
pub(super) fn later_link(pager: Pager) -> impl IntoView {
    let thread = pager.acts.thread;
    let last = Memo::new(move |_| {
        let last = thread
            .turns
            .with(|turns| turns.last().and_then(|turn| turn.id));
        last.filter(|_| thread.later.get())
    });
    let href = move |last: MessageId| format!("/chat/{}?m={last}#{}", thread.id, anchor(last));
    way(pager, Side::Below, last, href, pager.acts.texts.find.later)
}

fn way(
    pager: Pager,
    side: Side,
    edge: Memo<Option<MessageId>>,
    href: impl Fn(MessageId) -> String + Send + Sync + 'static,
    label: &'static str,
) -> impl IntoView {
    let on_click = move |event: ev::MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        if pager.acts.is_live() && !elsewhere {
            event.prevent_default();
            pager.step(side);
        }
    };
    // Hidden, it leads to where it stands: a link without an address is none to those who read the page otherwise.
    let here = format!("/chat/{}", pager.acts.thread.id);
    let to = move || edge.get().map_or_else(|| here.clone(), &href);
    view! {
        <p class="way" hidden=move || edge.get().is_none()>
            <a href=to on:click=on_click>{label}</a>
        </p>
    }
}

/// What stands in place of the composer below an earlier stretch.
pub(super) fn latest_link(pager: Pager) -> impl IntoView {
    let acts = pager.acts;
    view! {
        <p class="way way-back">
            <a href=format!("/chat/{}", acts.thread.id)>{acts.texts.chat.latest}</a>
        </p>
    }
}
