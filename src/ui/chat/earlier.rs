//! The way to earlier messages: a link to the stretch before, or the same stretch put in front of what is there.

use leptos::{ev, prelude::*, task::spawn_local};
use parlance_core::domain::MessageId;

use super::{acts::Acts, send::sentence};
use crate::{rpc::conversations::open_conversation, state::scroll::Gesture};

/// The link above the first message, as long as there are earlier ones.
pub(super) fn earlier_link(acts: Acts) -> impl IntoView {
    let (thread, frame) = (acts.thread, acts.follower.frame);
    let first = Memo::new(move |_| {
        let first = thread
            .turns
            .with(|turns| turns.first().and_then(|turn| turn.id));
        first.filter(|_| thread.earlier.get())
    });
    let pending = StoredValue::new(false);
    let show = move |before: MessageId| {
        if pending.get_value() {
            return;
        }
        pending.set_value(true);
        spawn_local(async move {
            let read = open_conversation(thread.id, Some(before)).await;
            pending.try_set_value(false);
            match (read, frame.try_get_untracked().flatten()) {
                (Ok(page), Some(frame)) => {
                    // What is read stays in its place: as far from the end as before.
                    let left = frame.scroll_height() - frame.scroll_top();
                    acts.follower.feel(Gesture::Back);
                    thread.prepend(page);
                    request_animation_frame(move || {
                        frame.set_scroll_top(frame.scroll_height() - left);
                    });
                }
                (Err(error), _) => {
                    acts.problem.try_set(Some(sentence(acts.texts, &error)));
                }
                (Ok(_), None) => {}
            }
        });
    };
    let on_click = move |event: ev::MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        if let (true, false, Some(before)) = (acts.is_live(), elsewhere, first.get_untracked()) {
            event.prevent_default();
            show(before);
        }
    };
    let href = move || {
        first
            .get()
            .map(|before| format!("/chat/{}?before={before}", thread.id))
    };
    view! {
        <p class="way" hidden=move || first.get().is_none()>
            <a href=href on:click=on_click>{acts.texts.chat.earlier}</a>
        </p>
    }
}

/// What stands in place of the composer below an earlier stretch.
pub(super) fn latest_link(acts: Acts) -> impl IntoView {
    view! {
        <p class="way way-back">
            <a href=format!("/chat/{}", acts.thread.id)>{acts.texts.chat.latest}</a>
        </p>
    }
}
