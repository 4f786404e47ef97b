//! The half of the browser that is fetched when it is first needed: Markdown and maths to HTML.
//!
//! A WASM chunk of its own, so that the first bundle stays small. Two functions and no state; everything they do
//! lives in `parlance_core::render`. Must not enter: anything else.

use parlance_core::render::{
    markdown::{self, Dress},
    words::Words,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// A finished message, or a finished block of one, as safe HTML. `words` are [`Words`], packed.
#[wasm_bindgen]
pub fn render(text: &str, words: &str) -> String {
    markdown::to_html(text, dress(words))
}

/// A block that is still being written, mended for display, as safe HTML. `words` are [`Words`], packed.
#[wasm_bindgen]
pub fn render_tail(text: &str, words: &str) -> String {
    markdown::tail_to_html(text, dress(words))
}

/// Colours come from the server.
fn dress(words: &str) -> Dress<'_> {
    Dress {
        words: Words::unpack(words),
        colours: None,
    }
}
