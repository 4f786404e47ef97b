//! The renderer that the browser loads as a chunk of its own, when it is about to be needed, and the sheet that a reply
//! is written on with it.
//!
//! The page's script offers `parlanceRender()`; what it gives is the same `core::render` that made the history's HTML.
//! Until it is there, text is shown as it was written. Must not enter: markup around a message (`chat::body`).

use leptos::{html, prelude::*};
use parlance_core::domain::GenerationId;

use crate::{state::thread::Thread, tools};

#[cfg(feature = "hydrate")]
mod chunk;
#[cfg(feature = "hydrate")]
mod grown;
#[cfg(feature = "hydrate")]
mod live;
#[cfg(feature = "hydrate")]
mod sheet;

/// A reactive handle: components that ask it are told when the renderer has arrived.
#[derive(Clone, Copy)]
pub struct Renderer {
    #[cfg(feature = "hydrate")]
    ready: RwSignal<bool>,
    /// The few words that it puts on the page.
    #[cfg(feature = "hydrate")]
    words: StoredValue<String>,
    /// The replies that are being written, and those that were the last to be.
    #[cfg(feature = "hydrate")]
    sheets: StoredValue<Vec<live::Written>, LocalStorage>,
}

/// The boxes that a reply is written into; see `Sheet`.
#[derive(Clone, Copy, Default)]
pub struct Boxes {
    pub list: NodeRef<html::Div>,
    pub tail: NodeRef<html::Div>,
    pub plain: NodeRef<html::Div>,
}

/// Makes the renderer known to all components below. It is loaded by [`Renderer::load`] only.
pub fn provide_renderer() {
    provide_context(Renderer::new());
}

/// The renderer of this page.
#[must_use]
pub fn use_renderer() -> Renderer {
    use_context().unwrap_or_else(Renderer::new)
}

impl Renderer {
    fn new() -> Self {
        Self {
            #[cfg(feature = "hydrate")]
            ready: RwSignal::new(false),
            #[cfg(feature = "hydrate")]
            words: StoredValue::new(crate::i18n::t().code.pack()),
            #[cfg(feature = "hydrate")]
            sheets: StoredValue::new_local(Vec::new()),
        }
    }

    /// Begins to load; again is free.
    pub fn load(self) {
        #[cfg(feature = "hydrate")]
        chunk::load(self.ready);
    }

    /// Writes a reply of the thread into `boxes` as it grows. HTML of the text `seed` stands in the tail already.
    pub fn write(self, thread: Thread, generation: GenerationId, boxes: Boxes, seed: String) {
        #[cfg(feature = "hydrate")]
        live::write(self, thread, generation, boxes, seed);
        #[cfg(not(feature = "hydrate"))]
        let _ = (thread, generation, boxes, seed);
    }

    /// Shows a finished text in `home`, once it is known: in the boxes that it was written into, where they are there;
    /// as it was written, until the renderer has arrived.
    pub fn show(self, home: NodeRef<html::Div>, content: Signal<Option<String>>) {
        #[cfg(feature = "hydrate")]
        live::show(self, home, content);
        #[cfg(not(feature = "hydrate"))]
        let _ = (home, content);
    }

    /// Looks for colours for the code in `home`, where it has none.
    pub fn colour(self, home: NodeRef<html::Div>) {
        Effect::new(move || {
            if let Some(home) = home.get() {
                tools::with(Box::new(move |tools| (tools.colour)(&home)));
            }
        });
    }

    #[cfg(feature = "hydrate")]
    fn is_ready(self) -> bool {
        self.ready.try_get_untracked().unwrap_or_default()
    }

    /// A finished text as safe HTML; `None` until the renderer has arrived.
    #[cfg(feature = "hydrate")]
    fn finished(self, text: &str) -> Option<String> {
        self.words
            .with_value(|words| chunk::run(text, words, false))
    }

    /// A text that is still being written as safe HTML; `None` until the renderer has arrived.
    #[cfg(feature = "hydrate")]
    fn unfinished(self, text: &str) -> Option<String> {
        self.words.with_value(|words| chunk::run(text, words, true))
    }
}
