//! What a page holds, as plain data with rules: reducers, machines and the signals that mirror them.
//!
//! Must not enter: Web APIs (they live in `browser`) and markup (`chat`, `sidebar`).

pub mod connection;
pub mod drafts;
pub mod find;
pub mod live;
pub mod page;
pub mod queue;
pub mod relay;
pub mod roster;
pub mod scroll;
pub mod shortcuts;
pub mod thread;
pub mod window;
