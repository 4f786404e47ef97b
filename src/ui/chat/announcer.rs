//! What a screen reader hears of a reply: that it began, that it goes on, that it ended. Never the single words.

use std::time::Duration;

use leptos::prelude::*;
use parlance_core::{domain::MessageStatus, render::plain};

use crate::{browser::clock, i18n::t, state::thread::Thread, tools};

/// Between two signs that writing goes on.
const STILL: Duration = Duration::from_secs(7);
/// Between two announcements, milliseconds: what comes faster is not heard.
const GAP: f64 = 400.0;
/// A first sentence is read out up to this length, characters.
const EXCERPT: usize = 160;

/// Two hidden regions: the polite one for boundaries, the assertive one for failures.
#[component]
pub fn Announcer(thread: Thread) -> impl IntoView {
    let polite = RwSignal::new(String::new());
    let urgent = RwSignal::new(String::new());
    tools::wire(Box::new(move |tools| {
        (tools.chat.announce)(thread, polite, urgent);
    }));
    view! {
        <div class="visually-hidden" aria-live="polite">{move || polite.get()}</div>
        <div class="visually-hidden" aria-live="assertive">{move || urgent.get()}</div>
    }
}

/// Says in the two regions what happens in the thread.
pub(super) fn announce(thread: Thread, polite: RwSignal<String>, urgent: RwSignal<String>) {
    let (texts, gap) = (&t().chat, t().turns.gap);
    let free = StoredValue::new(0.0);
    let say = move |region: RwSignal<String>, words: String| {
        let now = clock::now();
        let wait = (free.get_value() - now).max(0.0);
        free.set_value(now + wait + GAP);
        let speak = move || {
            region.try_set(words);
        };
        set_timeout(speak, Duration::from_millis(wait as u64));
    };
    let running = Memo::new(move |_| thread.reply.get().map(|reply| reply.message_id));
    Effect::new(move |before: Option<Option<_>>| {
        let now = running.get();
        match (before.flatten(), now) {
            (old, Some(new)) if old != Some(new) => {
                say(polite, texts.writing.to_owned());
                // Until the reply ends, which cleans this up.
                let odd = StoredValue::new(false);
                let still = move || {
                    // The same words twice are no change: an invisible one makes them be read again.
                    let again = odd.try_update_value(|odd| std::mem::replace(odd, !*odd));
                    let mark = if again == Some(true) { "\u{a0}" } else { "" };
                    say(polite, [texts.still_writing, mark].concat());
                };
                if let Ok(timer) = set_interval_with_handle(still, STILL) {
                    on_cleanup(move || timer.clear());
                }
            }
            (Some(old), None) => {
                let ended = thread.message(old).map(|turn| (turn.status, turn.content));
                match ended {
                    Some((MessageStatus::Stopped, _)) => say(polite, texts.stopped.to_owned()),
                    Some((MessageStatus::Interrupted, _)) => {
                        say(urgent, texts.interrupted.to_owned());
                    }
                    Some((_, text)) => {
                        let begins = plain::excerpt(&text, EXCERPT);
                        say(
                            polite,
                            [texts.complete, gap, first_sentence(&begins)].concat(),
                        );
                    }
                    None => say(urgent, texts.failed.to_owned()),
                }
            }
            _ => {}
        }
        now
    });
}

/// The first sentence of `words`, or all of them. A full stop ends one only before a space: `3.5` has none.
fn first_sentence(words: &str) -> &str {
    let end = words.char_indices().find_map(|(at, c)| {
        let after = at + c.len_utf8();
        let ends = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => words[after..].starts_with(' '),
            _ => false,
        };
        ends.then_some(after)
    });
    &words[..end.unwrap_or(words.len())]
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn one_sentence_is_read_out_and_no_more() {
        assert_eq!(first_sentence("It is 3.5 cm. And more."), "It is 3.5 cm.");
        assert_eq!(first_sentence("水要凉一点。时间长一点。"), "水要凉一点。");
        assert_eq!(first_sentence("no end at all…"), "no end at all…");
        assert_eq!(first_sentence(""), "");
    }
}
