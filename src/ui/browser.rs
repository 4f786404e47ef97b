//! Web APIs behind small functions and types. They run only in effects and event handlers, never while markup is made.
//!
//! `sse` and `render` need the browser's own types and exist there alone; on the server the same names do nothing, so
//! that components need no conditional code. Must not enter: markup, texts, rules (they are in `state`).

pub mod clipboard;
pub mod clock;
pub mod code;
pub mod composer;
pub mod drafts;
pub mod files;
pub mod find;
pub mod form;
pub mod keyboard;
pub mod menu;
pub mod moment;
pub mod preferences;
pub mod render;
pub mod scroll;
pub mod sidebar;
pub mod sse;
