//! What a screen reader hears of a reply: that it began, that it goes on, that it ended. Never the single words.

use std::time::Duration;

use leptos::prelude::*;
use parlance_core::{domain::MessageStatus, render::plain};

use crate::{i18n::t, state::thread::Thread};

/// Between two signs that writing goes on.
const STILL: Duration = Duration::from_secs(7);
/// So much of the finished reply is read out, characters.
const EXCERPT: usize = 120;

/// Two hidden regions: the polite one for boundaries, the assertive one for failures.
#[component]
pub fn Announcer(thread: Thread) -> impl IntoView {
    let texts = t();
    let polite = RwSignal::new(String::new());
    let urgent = RwSignal::new(String::new());
    let running = Memo::new(move |_| thread.reply.get().map(|reply| reply.message_id));
    Effect::new(move |before: Option<Option<_>>| {
        let now = running.get();
        match (before.flatten(), now) {
            (old, Some(new)) if old != Some(new) => {
                polite.set(texts.chat.writing.to_owned());
                still(polite, texts.chat.still_writing);
            }
            (Some(old), None) => {
                let ended = thread.turns.with_untracked(|turns| {
                    turns
                        .iter()
                        .find(|turn| turn.id == Some(old))
                        .map(|turn| (turn.status, turn.content.clone()))
                });
                match ended {
                    Some((MessageStatus::Stopped, _)) => polite.set(texts.chat.stopped.to_owned()),
                    Some((MessageStatus::Interrupted, _)) => {
                        urgent.set(texts.chat.interrupted.to_owned())
                    }
                    Some((_, text)) => {
                        polite.set(format!(
                            "{} {}",
                            texts.chat.complete,
                            plain::excerpt(&text, EXCERPT)
                        ));
                    }
                    None => urgent.set(texts.chat.failed.to_owned()),
                }
            }
            _ => {}
        }
        now
    });
    view! {
        <div class="visually-hidden" aria-live="polite">{move || polite.get()}</div>
        <div class="visually-hidden" aria-live="assertive">{move || urgent.get()}</div>
    }
}

/// Until the owner is cleaned up, which is when the reply ends.
fn still(polite: RwSignal<String>, words: &'static str) {
    let odd = StoredValue::new(false);
    let tick = move || {
        // The same words twice are no change: an invisible one makes them be read again.
        let again = odd
            .try_update_value(|odd| std::mem::replace(odd, !*odd))
            .unwrap_or_default();
        polite.try_set(if again {
            format!("{words}\u{a0}")
        } else {
            words.to_owned()
        });
    };
    if let Ok(timer) = set_interval_with_handle(tick, STILL) {
        on_cleanup(move || timer.clear());
    }
}
