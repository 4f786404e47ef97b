//! The renderer that the browser loads as a chunk of its own, when it is about to be needed.
//!
//! The page's script offers `parlanceRender()`; what it gives is the same `core::render` that made the history's HTML.
//! Until it is there, text is shown as it was written.

use leptos::prelude::*;

/// A reactive handle: components that ask it are told when the renderer has arrived.
#[derive(Clone, Copy)]
pub struct Renderer {
    ready: RwSignal<bool>,
}

/// Makes the renderer known to all components below. It is loaded by [`Renderer::load`] only.
pub fn provide_renderer() {
    provide_context(Renderer {
        ready: RwSignal::new(false),
    });
}

/// The renderer of this page.
#[must_use]
pub fn use_renderer() -> Renderer {
    use_context().unwrap_or_else(|| Renderer {
        ready: RwSignal::new(false),
    })
}

impl Renderer {
    /// Begins to load; again is free.
    pub fn load(self) {
        #[cfg(feature = "hydrate")]
        chunk::load(self.ready);
    }

    /// A finished text as safe HTML; `None` until the renderer has arrived. Tracked.
    #[must_use]
    pub fn finished(self, text: &str) -> Option<String> {
        self.run(text, false)
    }

    /// A text that is still being written as safe HTML; `None` until the renderer has arrived. Tracked.
    #[must_use]
    pub fn unfinished(self, text: &str) -> Option<String> {
        self.run(text, true)
    }

    fn run(self, text: &str, open: bool) -> Option<String> {
        if !self.ready.get() {
            return None;
        }
        #[cfg(feature = "hydrate")]
        let html = chunk::run(text, open);
        #[cfg(not(feature = "hydrate"))]
        let html = Some(text.to_owned()).filter(|_| open && text.is_empty());
        html
    }
}

#[cfg(feature = "hydrate")]
mod chunk {
    //! The chunk itself, once per page.

    use std::cell::{Cell, RefCell};

    use leptos::prelude::*;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::{JsFuture, spawn_local};

    #[wasm_bindgen]
    extern "C" {
        type Chunk;

        #[wasm_bindgen(catch, js_name = parlanceRender)]
        fn parlance_render() -> Result<js_sys::Promise, JsValue>;

        #[wasm_bindgen(method, catch)]
        fn render(this: &Chunk, text: &str) -> Result<String, JsValue>;

        #[wasm_bindgen(method, catch)]
        fn render_tail(this: &Chunk, text: &str) -> Result<String, JsValue>;
    }

    thread_local! {
        static CHUNK: RefCell<Option<Chunk>> = const { RefCell::new(None) };
        static ASKED: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn load(ready: RwSignal<bool>) {
        if CHUNK.with_borrow(Option::is_some) {
            if !ready.get_untracked() {
                ready.set(true);
            }
            return;
        }
        if ASKED.replace(true) {
            return;
        }
        spawn_local(async move {
            let loaded = match parlance_render() {
                Ok(promise) => JsFuture::from(promise).await,
                Err(error) => Err(error),
            };
            match loaded {
                Ok(chunk) => {
                    CHUNK.set(Some(chunk.unchecked_into()));
                    ready.try_set(true);
                }
                // The next reply or the next focus tries again; the text itself is on the page.
                Err(_) => ASKED.set(false),
            }
        });
    }

    pub(super) fn run(text: &str, open: bool) -> Option<String> {
        CHUNK.with_borrow(|chunk| {
            let chunk = chunk.as_ref()?;
            if open {
                chunk.render_tail(text)
            } else {
                chunk.render(text)
            }
            .ok()
        })
    }
}
