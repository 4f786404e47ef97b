//! Text to safe HTML, the same on server and browser.
//!
//! The Markdown and TeX engines sit behind the feature `render`, because the browser loads them as a chunk of
//! their own. What the first bundle needs (cutting a growing text into blocks, mending its tail, plain excerpts)
//! is always compiled and depends on no engine. No IO, no clock, no state between calls.
//!
//! **Invariant:** every tag in the output is written by `markdown::write` or `code`, or checked by `math`; text that a
//! person or a model wrote reaches the page escaped only.

pub mod blocks;
pub mod heal;
pub mod open_code;
pub mod plain;
mod scan;
pub mod words;

#[cfg(feature = "render")]
pub mod code;
#[cfg(feature = "render")]
pub mod markdown;
#[cfg(feature = "render")]
pub mod math;
#[cfg(feature = "render")]
mod prepare;

#[cfg(test)]
mod corpus;
