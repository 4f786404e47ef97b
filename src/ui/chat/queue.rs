//! Messages that are not with the server: those that wait above the composer, and what may be done with one that failed.

use leptos::{ev, prelude::*, web_sys::Element};

use super::outbox::{Deed, Outbox};
use crate::{
    browser::composer::focus_composer,
    i18n::t,
    state::{
        page::{Delivery, Turn},
        queue::Parcel,
    },
    tools,
};

/// The list above the composer.
pub(super) fn waiting(outbox: Outbox) -> impl IntoView {
    let texts = &t().composer;
    let why = move || {
        if outbox.offline.get() {
            texts.queue_offline
        } else if outbox.busy.get().is_some() {
            texts.queue_busy
        } else {
            texts.queue_held
        }
    };
    let empty = move || outbox.queue.with(|queue| queue.queued().next().is_none());
    // Nothing waits before the tools have put it there.
    let rows = move || {
        let tools = (!empty()).then(tools::there).flatten()?;
        Some((tools.chat.waiting)(outbox))
    };
    view! {
        <section
            class="queue"
            aria-label=texts.queue
            hidden=empty
            on:click=move |event| outbox.tell(Deed::Press(event))
        >
            <p class="queue-why" role="status">{move || (!empty()).then(why)}</p>
            <ul class="queue-rows" role="list">{rows}</ul>
        </section>
    }
}

/// The rows of the list. Tracked.
pub(super) fn rows(outbox: Outbox) -> AnyView {
    let offline = outbox.offline.get();
    let rows = outbox.queue.with(|queue| {
        queue
            .queued()
            .map(|parcel| row(parcel, offline))
            .collect_view()
    });
    rows.into_any()
}

fn row(parcel: &Parcel, offline: bool) -> impl IntoView + use<> {
    let texts = &t().composer;
    view! {
        <li class="queue-row">
            <span class="queue-text" dir="auto">{parcel.text.clone()}</span>
            <span class="queue-acts">
                {(!offline).then(|| button("now", texts.send_now, &parcel.key))}
                {button("edit", texts.edit, &parcel.key)}
                {button("drop", texts.discard, &parcel.key)}
            </span>
        </li>
    }
}

/// Why a message was not taken, and what to do about it.
pub(super) fn undelivered(turn: &Turn) -> Option<AnyView> {
    let outbox = use_context::<Outbox>().filter(|_| turn.delivery == Delivery::Failed)?;
    Some((tools::there()?.chat.undelivered)(outbox, turn))
}

/// As [`undelivered`], of a message that was not taken.
pub(super) fn refused(outbox: Outbox, turn: &Turn) -> AnyView {
    let texts = t();
    let reason = turn
        .error
        .map_or(texts.errors.unreachable, |code| texts.problem(code));
    let own = &texts.composer;
    view! {
        <div class="turn-failed" on:click=move |event| press(outbox, &event)>
            <p role="alert">{(own.failed)(reason)}</p>
            <span class="queue-acts">
                {button("again", own.retry, &turn.key)}
                {button("edit", own.edit, &turn.key)}
                {button("drop", own.discard, &turn.key)}
            </span>
        </div>
    }
    .into_any()
}

fn button(deed: &'static str, words: &'static str, key: &str) -> impl IntoView + use<> {
    view! {
        <button class="act-button" type="button" name=deed value=key.to_owned()>
            {words}
        </button>
    }
}

/// One listener for all buttons: the name says what, the value says with which message.
pub(super) fn press(outbox: Outbox, event: &ev::MouseEvent) {
    let button = event_target::<Element>(event)
        .closest("button")
        .ok()
        .flatten();
    let Some(button) = button else { return };
    let word = |name| button.get_attribute(name).unwrap_or_default();
    let key = word("value");
    match word("name").as_str() {
        "now" => outbox.hurry(&key),
        "again" => outbox.again(&key),
        deed => outbox.drop(&key, deed == "edit"),
    }
    // The button is gone.
    focus_composer();
}
