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
    fn render(this: &Chunk, text: &str, words: &str) -> Result<String, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn render_tail(this: &Chunk, text: &str, words: &str) -> Result<String, JsValue>;
}

thread_local! {
    static CHUNK: RefCell<Option<Chunk>> = const { RefCell::new(None) };
    static ASKED: Cell<bool> = const { Cell::new(false) };
    /// Whoever asked while it was on its way: pages change meanwhile, and each has a signal of its own.
    static WAITING: RefCell<Vec<RwSignal<bool>>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn load(ready: RwSignal<bool>) {
    if CHUNK.with_borrow(Option::is_some) {
        if !ready.get_untracked() {
            ready.set(true);
        }
        return;
    }
    WAITING.with_borrow_mut(|waiting| {
        if !waiting.contains(&ready) {
            waiting.push(ready);
        }
    });
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
                for ready in WAITING.take() {
                    ready.try_set(true);
                }
            }
            // The next reply or the next focus tries again; the text itself is on the page.
            Err(_) => ASKED.set(false),
        }
    });
}

pub(super) fn run(text: &str, words: &str, open: bool) -> Option<String> {
    CHUNK.with_borrow(|chunk| {
        let chunk = chunk.as_ref()?;
        if open {
            chunk.render_tail(text, words)
        } else {
            chunk.render(text, words)
        }
        .ok()
    })
}
