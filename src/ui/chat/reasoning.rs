//! What a model thought before it answered: folded away, open while there is nothing else to read.
//!
//! Who closes it, or opens it again, is taken at their word for the rest of the session.

use std::cell::Cell;

use leptos::{ev, html, prelude::*, web_sys::Element};
use parlance_core::domain::MessageId;

use crate::{
    browser::clock,
    i18n::{Texts, turns::Turns},
    state::thread::Thread,
};

/// Name in the tab's storage.
#[cfg(feature = "hydrate")]
const CHOICE: &str = "reasoning";
/// A block of growing text takes no further line after so many bytes.
const BLOCK: usize = 1_024;
const OPEN: &str = "open";
const CLOSED: &str = "closed";

thread_local! {
    /// The reply whose thinking was watched from its beginning to its end on this page, and how long that took.
    static WATCHED: Cell<Option<(MessageId, u64)>> = const { Cell::new(None) };
}

/// The thoughts of a stored reply.
pub(super) fn block(
    texts: &Texts,
    id: Option<MessageId>,
    fresh: bool,
    text: String,
) -> impl IntoView + use<> {
    let watched = WATCHED.get().filter(|(reply, _)| Some(*reply) == id);
    let summary = match watched {
        Some((_, seconds)) => (texts.turns.thought_for)(&duration(&texts.turns, seconds * 1_000)),
        None => texts.turns.thoughts.to_owned(),
    };
    // A reply that has just been watched keeps its thoughts open if they were opened; history comes folded.
    let open = fresh && chosen().as_deref() == Some(OPEN);
    view! {
        <details class="reasoning" open=open>
            <summary>{summary}</summary>
            <div class="reasoning-text" dir="auto">{text}</div>
        </details>
    }
}

/// The thoughts of the reply that is being written; `begun`: whether it has got to its text.
pub(super) fn live(texts: &'static Texts, thread: Thread, begun: Memo<bool>) -> impl IntoView {
    let thinking = Memo::new(move |_| thread.reasoning.with(|text| !text.is_empty()));
    // Who comes in the middle does not know when it began.
    let joined = thinking.get_untracked();
    // Read when the page has come to life: the server does not know it.
    let choice = RwSignal::new(None);
    Effect::new(move || choice.set(chosen()));
    Effect::new(move |from: Option<Option<f64>>| {
        let (thinking, begun) = (thinking.get(), begun.get());
        let from = from
            .flatten()
            .or_else(|| (thinking && !joined).then(clock::now));
        if let (Some(from), true) = (from, begun) {
            let seconds = (clock::now() - from) / 1_000.0;
            let reply = thread
                .reply
                .with_untracked(|reply| reply.as_ref().map(|reply| reply.message_id));
            if let Some(reply) = reply {
                WATCHED.set(Some((reply, seconds.round() as u64)));
            }
        }
        from
    });
    let open = move || match choice.get().as_deref() {
        Some(OPEN) => true,
        Some(CLOSED) => false,
        _ => !begun.get(),
    };
    let pressed = move |event: ev::MouseEvent| {
        event.prevent_default();
        let word = if untrack(open) { CLOSED } else { OPEN };
        remember(word);
        choice.set(Some(word.to_owned()));
    };
    let summary = move || {
        if begun.get() {
            texts.turns.thoughts
        } else {
            texts.turns.thinking
        }
    };
    move || {
        thinking.get().then(|| {
            view! {
                <details class="reasoning" open=open>
                    <summary on:click=pressed>{summary}</summary>
                    {growing(thread)}
                </details>
            }
        })
    }
}

/// Text that grows. What is new is appended, to a block of its own once the last is long enough: the browser lays out
/// that one alone, however long the thoughts are.
fn growing(thread: Thread) -> impl IntoView {
    let home = NodeRef::<html::Div>::new();
    let first = thread.reasoning.get_untracked();
    let shown = StoredValue::new(first.clone());
    Effect::new(move || {
        let Some(home) = home.get() else { return };
        thread.reasoning.with(|text| {
            shown.update_value(|shown| {
                let rest = match text.strip_prefix(shown.as_str()) {
                    Some(rest) => rest,
                    None => {
                        home.set_text_content(None);
                        shown.clear();
                        text
                    }
                };
                for line in rest.split_inclusive('\n') {
                    append(&home, line);
                }
                shown.push_str(rest);
            });
        });
    });
    view! {
        <div class="reasoning-text" dir="auto" node_ref=home>
            <div>{first}</div>
        </div>
    }
}

/// Appends a line, or a part of one, to the last block or to a new one.
fn append(home: &Element, line: &str) {
    let last = home.last_element_child().filter(|last| {
        let text = last.text_content().unwrap_or_default();
        text.len() < BLOCK || !text.ends_with('\n')
    });
    // All of this fails only for what cannot hold text.
    if let Some(last) = last {
        let _ = last.append_with_str_1(line);
    } else if let Ok(next) = document().create_element("div") {
        next.set_text_content(Some(line));
        let _ = home.append_child(&next);
    }
}

/// Milliseconds as people say them: tenths of a second for short times, minutes for long ones.
pub(super) fn duration(texts: &Turns, milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match milliseconds {
        0..10_000 => {
            let tenths = milliseconds / 100;
            match tenths % 10 {
                0 => (texts.seconds)(&(tenths / 10).to_string()),
                rest => (texts.seconds)(&format!("{}.{rest}", tenths / 10)),
            }
        }
        10_000..60_000 => (texts.seconds)(&seconds.to_string()),
        _ => (texts.minutes)(seconds / 60, seconds % 60),
    }
}

/// What was chosen in this session. Storage may be forbidden: then nothing is remembered.
fn chosen() -> Option<String> {
    #[cfg(feature = "hydrate")]
    return window().session_storage().ok()??.get_item(CHOICE).ok()?;
    #[cfg(not(feature = "hydrate"))]
    None
}

fn remember(word: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(Some(storage)) = window().session_storage() {
        // Full or forbidden storage remembers nothing.
        let _ = storage.set_item(CHOICE, word);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = word;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::turns::{EN, ZH_CN};

    #[test]
    fn a_duration_is_as_exact_as_it_needs_to_be() {
        for (milliseconds, english, chinese) in [
            (0, "0 s", "0 秒"),
            (449, "0.4 s", "0.4 秒"),
            (2_000, "2 s", "2 秒"),
            (12_900, "12 s", "12 秒"),
            (125_000, "2 min 5 s", "2 分 5 秒"),
        ] {
            assert_eq!(duration(&EN, milliseconds), english);
            assert_eq!(duration(&ZH_CN, milliseconds), chinese);
        }
    }
}
