//! The product's verbs. Every rule lives here, once; pages, REST and sockets only call.
//!
//! Must not enter: HTTP, SQL.

pub mod accounts;
pub mod conversations;
pub mod drafts;
mod error;
pub mod generations;
pub mod highlight;
pub mod messages;
pub mod passwords;
pub mod personas;
pub mod preferences;
pub mod push;
mod viewer;

pub use error::Error;
pub use viewer::{Client, Viewer};
