//! The product's words and its renderer, the same on the server and in the browser.
//!
//! Must not enter: IO, a clock, randomness, async, Leptos. What needs one of those is a port.

pub mod domain;
pub mod render;
