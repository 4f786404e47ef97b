//! Short news at the edge of the screen, which go away by themselves. Never the only place of a failure that needs a
//! hand: that stands beside what failed.
//!
//! `use_toasts().say(text)` in anything below [`provide_toasts`]; `offer` adds one button, such as *Undo*.

use std::time::Duration;

use leptos::{ev, html, prelude::*};

use super::{Glyph, Icon};
use crate::i18n::t;

mod deck;

use deck::{Deck, SHORTEST, Toast};

/// How often the time that is left is looked at, milliseconds.
const TICK: u32 = 250;

/// The toasts of the page. Cheap to copy into handlers.
#[derive(Clone, Copy)]
pub struct Toasts {
    deck: RwSignal<Deck>,
    /// Whether the clock runs.
    ticking: StoredValue<bool>,
    region: NodeRef<html::Div>,
}

/// Makes toasts possible in all components below.
pub fn provide_toasts() {
    provide_context(Toasts {
        deck: RwSignal::new(Deck::default()),
        ticking: StoredValue::new(false),
        region: NodeRef::new(),
    });
}

/// The toasts of the page. Call it while a component is being built.
#[must_use]
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Says `text` for six seconds.
    pub fn say(self, text: String) {
        self.put(text, None, SHORTEST);
    }

    /// Says `text` for `millis` (six seconds at least) beside a button named `action`, which runs `run` and closes the
    /// toast. Answers the id for [`Self::close`].
    pub fn offer(self, text: String, action: &'static str, run: Callback<()>, millis: u32) -> u32 {
        self.put(text, Some((action, run)), millis)
    }

    /// Takes a toast away before its time.
    pub fn close(self, id: u32) {
        self.deck.try_update(|deck| deck.close(id));
    }

    fn put(self, text: String, action: Option<(&'static str, Callback<()>)>, millis: u32) -> u32 {
        let id = self
            .deck
            .try_update(|deck| deck.put(text, action, millis))
            .unwrap_or_default();
        if self.ticking.try_get_value() == Some(false) {
            self.ticking.set_value(true);
            self.tick();
        }
        id
    }

    /// One clock for all of them; it stands still while somebody looks, and stops when nothing is shown.
    fn tick(self) {
        let next = move || {
            let gone = !self.is_looked_at()
                && self.deck.try_update_untracked(|deck| deck.pass(TICK)) == Some(true);
            if gone {
                self.deck.notify();
            }
            match self.deck.try_with_untracked(|deck| deck.toasts.is_empty()) {
                Some(false) => self.tick(),
                _ => {
                    self.ticking.try_set_value(false);
                }
            }
        };
        set_timeout(next, Duration::from_millis(TICK.into()));
    }

    fn is_looked_at(self) -> bool {
        let region = self.region.try_get_untracked().flatten();
        region.is_some_and(|region| region.matches(":hover, :focus-within").unwrap_or(false))
    }
}

/// Where toasts appear: once, at the end of the page, or inside a drawer while one lies on top of the page. Esc closes
/// the newest, unless something else is open there.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    Effect::new(move || {
        let keys = window_event_listener(ev::keydown, move |event| {
            let shown = toasts.deck.with_untracked(|deck| !deck.toasts.is_empty());
            // Safari ends a composition before its last key, which has this old code.
            let composing = event.is_composing() || event.key_code() == 229;
            if shown && event.key() == "Escape" && !composing && !is_layered() {
                // One Esc does one thing: nobody wants to stop a reply by closing a toast.
                event.prevent_default();
                event.stop_immediate_propagation();
                toasts.deck.update(Deck::close_newest);
            }
        });
        on_cleanup(move || keys.remove());
    });
    view! {
        <div
            class="toasts"
            role="group"
            aria-label=t().kit.news
            aria-live="polite"
            aria-relevant="additions"
            node_ref=toasts.region
        >
            <For each=move || toasts.deck.with(|deck| deck.toasts.clone()) key=|toast| toast.id let:toast>
                {shown(toasts, toast)}
            </For>
        </div>
    }
}

/// Whether something is open on top of the page, to which Esc belongs.
fn is_layered() -> bool {
    document()
        .query_selector(":popover-open, dialog[open]")
        .is_ok_and(|open| open.is_some())
}

fn shown(toasts: Toasts, toast: Toast) -> AnyView {
    let Toast {
        id, text, action, ..
    } = toast;
    let action = action.map(|(words, run)| {
        let act = move |_| {
            toasts.close(id);
            run.run(());
        };
        view! { <button class="button button-quiet toast-action" type="button" on:click=act>{words}</button> }
    });
    let label = t().kit.close;
    view! {
        <div class="toast">
            <span class="toast-text">{text}</span>
            {action}
            <button
                class="button button-quiet button-icon"
                type="button"
                aria-label=label
                on:click=move |_| toasts.close(id)
            >
                <Icon glyph=Glyph::Close/>
            </button>
        </div>
    }
    .into_any()
}
