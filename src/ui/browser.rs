//! Web APIs behind small functions and types. They run only in effects and event handlers, never while markup is made.
//!
//! `sse` and `render` need the browser's own types and exist there alone; on the server the same names do nothing, so
//! that components need no conditional code. Must not enter: markup, texts, rules (they are in `state`).

pub mod clock;
pub mod composer;
pub mod form;
pub mod render;
pub mod scroll;
pub mod sse;
