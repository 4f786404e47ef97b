//! What a screen reader hears of a reply: that it began, that it goes on, that it ended. Never the single words.

use std::time::Duration;

use leptos::prelude::*;
use parlance_core::{
    domain::{MessageId, MessageStatus, Role},
    render::plain,
};

use crate::{
    browser::clock,
    i18n::t,
    state::thread::{Column, Thread},
    tools,
};

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
    let words = t().locale.compared();
    // One after the other, or several at once: as long as any of them is being written.
    let running = Memo::new(move |_| {
        let compared = thread.compared.get();
        let own = thread.reply.get().map(|reply| reply.message_id);
        thread.running().and(compared.or(own))
    });
    Effect::new(move |before: Option<Option<_>>| {
        let now = running.get();
        if let Some(new) = now
            && before.flatten() != Some(new)
        {
            let compared = thread.compared.with_untracked(Option::is_some);
            let begun = if compared {
                words.writing
            } else {
                texts.writing
            };
            say(polite, begun.to_owned());
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
        now
    });
    // Each end, with the name of the model where there are several.
    let ends = move |lane: Thread, model: String| {
        let running = Memo::new(move |_| lane.reply.get().map(|reply| reply.message_id));
        Effect::new(move |before: Option<Option<_>>| {
            let now = running.get();
            let Some(old) = before.flatten().filter(|_| now.is_none()) else {
                return now;
            };
            let ended = lane.message(old).map(|turn| (turn.status, turn.content));
            let (region, told) = match ended {
                Some((MessageStatus::Stopped, _)) => (polite, texts.stopped.to_owned()),
                Some((MessageStatus::Interrupted, _)) => (urgent, texts.interrupted.to_owned()),
                Some((_, text)) => {
                    let begins = plain::excerpt(&text, EXCERPT);
                    let told = [texts.complete, gap, first_sentence(&begins)];
                    (polite, told.concat())
                }
                // Another one was kept.
                None if untrack(|| is_silent(lane)) => return now,
                None => (urgent, texts.failed.to_owned()),
            };
            let told = match model.as_str() {
                "" => told,
                model => (words.about)(model, &told),
            };
            say(region, told);
            now
        });
    };
    Effect::new(move || {
        let columns = thread.columns();
        if columns.is_empty() {
            ends(thread, String::new());
        }
        for column in columns {
            ends(column.thread, column.model);
        }
    });
    // What was compared before, and is not any more because one was kept.
    Effect::new(move |before: Option<Vec<(MessageId, String)>>| {
        let now = names(thread);
        let over = now.is_empty() && untrack(|| thread.running().is_none());
        let kept = thread.newest(|turn| turn.role == Role::Assistant);
        let kept = kept.and_then(|turn| turn.id).filter(|_| over);
        let mut before = before.unwrap_or_default().into_iter();
        if let Some((_, model)) = before.find(|(id, _)| kept == Some(*id)) {
            say(polite, (words.kept)(&model));
        }
        now
    });
}

/// Whether there is nothing to say of a reply that did not come.
fn is_silent(lane: Thread) -> bool {
    lane.failure.with(Option::is_none) && lane.lapse.with(Option::is_none)
}

/// The stored replies that are compared, and whose they are. Tracked.
fn names(thread: Thread) -> Vec<(MessageId, String)> {
    let compared = thread.compared.get();
    let named = |column: Column| {
        let id = column.thread.turns.with(|turns| {
            let mut turns = turns.iter();
            let reply = turns.find(|turn| turn.parent == compared);
            reply.and_then(|turn| turn.id)
        });
        Some((id?, column.model))
    };
    let columns = thread.columns();
    columns.into_iter().filter_map(named).collect()
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
