//! The half of the browser that is fetched when it is first needed: Markdown and maths to HTML.
//!
//! A WASM chunk of its own, so that the first bundle stays small. Two functions, called once ahead, and no state;
//! everything they do lives in `parlance_core::render`. Must not enter: anything else.

use std::hint::black_box;

use parlance_core::render::{
    markdown::{self, Dress},
    words::Words,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// What replies are made of, in little.
const SAMPLE: &str = "# a\n\nb *c* **d** `e` [f](https://g.h)\n\n- i\n\n1. j\n\n> k\n\n```c\nl\n```\n\n|m|\n|-|\n|n|";

/// Browsers compile a function when it is first called. For these that is when the chunk arrives, mostly while somebody
/// types, and not in the first frame of a reply.
#[wasm_bindgen(start)]
pub fn warm_up() {
    black_box((render(SAMPLE, ""), render_tail(SAMPLE, "")));
}

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
