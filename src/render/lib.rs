//! The half of the browser that is fetched when it is first needed: Markdown and maths to HTML.
//!
//! A WASM chunk of its own, so that the first bundle stays small. Two functions and no state; everything they do
//! lives in `parlance_core::render`. Must not enter: anything else.

use parlance_core::render::markdown;
use wasm_bindgen::prelude::wasm_bindgen;

/// A finished message, or a finished block of one, as safe HTML.
#[wasm_bindgen]
pub fn render(text: &str) -> String {
    markdown::to_html(text)
}

/// A block that is still being written, mended for display, as safe HTML.
#[wasm_bindgen]
pub fn render_tail(text: &str) -> String {
    markdown::tail_to_html(text)
}
