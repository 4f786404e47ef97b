//! When the sheet is painted: with each change of the reply, which comes with a beat of the clock, and again when
//! something was left for later.

use std::time::Duration;

use leptos::{html, prelude::*};
use parlance_core::domain::GenerationId;

use super::{
    Boxes, Renderer,
    sheet::{self, Rest, Sheet},
};
use crate::{
    browser::clock,
    state::thread::{Reply, Thread},
    tools,
};

/// The sheet of a reply.
pub(super) struct Written {
    thread: Thread,
    generation: GenerationId,
    sheet: Sheet,
}

impl Written {
    /// Whether the reply has ended. Its sheet is at hand for the turn that it became.
    fn is_over(&self) -> bool {
        running(self.thread) != Some(self.generation)
    }
}

fn running(thread: Thread) -> Option<GenerationId> {
    let id = |reply: &Option<Reply>| reply.as_ref().map(|reply| reply.generation_id);
    thread.reply.try_with_untracked(id).flatten()
}

/// Writes a reply of the thread into `boxes` until it has ended or the component that called this is gone.
pub(super) fn write(
    renderer: Renderer,
    thread: Thread,
    generation: GenerationId,
    boxes: Boxes,
    seed: String,
) {
    // Whether a painting is due already.
    let waiting = StoredValue::new(false);
    Effect::new(move |begun: Option<bool>| {
        let begun = begun.unwrap_or_default();
        if running(thread) != Some(generation) {
            // It has ended, and nothing that comes is its own: looks no further.
            return begun;
        }
        thread.text.track();
        thread.replaced.track();
        renderer.ready.track();
        let begun = begun || {
            renderer.load();
            begin(renderer, thread, generation, boxes, &seed)
        };
        if begun {
            paint(renderer, thread, generation, waiting);
        }
        begun
    });
}

fn begin(
    renderer: Renderer,
    thread: Thread,
    generation: GenerationId,
    boxes: Boxes,
    seed: &str,
) -> bool {
    let (Some(list), Some(tail), Some(plain)) =
        (boxes.list.get(), boxes.tail.get(), boxes.plain.get())
    else {
        return false;
    };
    let boxes = sheet::Boxes {
        list: list.into(),
        tail: tail.into(),
        plain: plain.into(),
    };
    let version = thread.replaced.get_untracked();
    let sheet = thread
        .text
        .with_untracked(|text| Sheet::new(boxes, seed, text, version));
    let written = Written {
        thread,
        generation,
        sheet,
    };
    renderer.sheets.update_value(|sheets| {
        sheets.retain(|written| !written.is_over());
        sheets.push(written);
    });
    true
}

fn paint(renderer: Renderer, thread: Thread, generation: GenerationId, waiting: StoredValue<bool>) {
    if waiting.try_get_value() != Some(false) {
        return;
    }
    let version = thread.replaced.get_untracked();
    let rest = renderer.sheets.try_update_value(|sheets| {
        // It may have become a turn.
        let mut sheets = sheets.iter_mut();
        let written =
            sheets.find(|written| written.generation == generation && !written.is_over())?;
        let sheet = &mut written.sheet;
        thread.text.with_untracked(|text| sheet.take(text, version));
        Some(sheet.paint(renderer))
    });
    let again = move || {
        if waiting.try_set_value(false).is_none() {
            paint(renderer, thread, generation, waiting);
        }
    };
    match rest.flatten() {
        None | Some(Rest::Done) => return,
        Some(Rest::Frame) => clock::before_paint(again),
        Some(Rest::After(milliseconds)) => {
            set_timeout(again, Duration::from_millis(milliseconds as u64 + 1));
        }
    }
    waiting.set_value(true);
}

/// What an element is called that holds a text as it was written, and one that holds it as it is to be.
const PLAIN: &str = "prose plain written";
const RENDERED: &str = "prose written";

/// Shows a finished text in `home`, once it is known. What was written there block by block stays; any other text is put
/// in as a whole.
pub(super) fn show(renderer: Renderer, home: NodeRef<html::Div>, content: Signal<Option<String>>) {
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) {
            return true;
        }
        let (Some(home), Some(content)) = (home.get(), content.get()) else {
            return false;
        };
        renderer.load();
        renderer.ready.track();
        if !renderer.is_ready() {
            if home.class_name() != PLAIN {
                home.set_text_content(Some(&content));
                home.set_class_name(PLAIN);
            }
            return false;
        }
        let written = renderer
            .sheets
            .try_update_value(|sheets| {
                let ended = |written: &Written| written.is_over() && written.sheet.is_in(&home);
                let at = sheets.iter().position(ended)?;
                Some(sheets.swap_remove(at))
            })
            .flatten();
        let kept = written.is_some_and(|written| written.sheet.finish(renderer, &content));
        if !kept {
            let Some(html) = renderer.finished(&content) else {
                return false;
            };
            home.set_inner_html(&html);
            home.set_class_name(RENDERED);
        }
        tools::with(Box::new(move |tools| (tools.colour)(&home)));
        true
    });
}
