//! The product's verbs. Every rule lives here, once; pages, REST and sockets only call.
//!
//! Must not enter: HTTP, SQL.

pub mod accounts;
pub mod audit;
pub mod contexts;
pub mod conversations;
pub mod drafts;
mod error;
pub mod factors;
mod fields;
pub mod generations;
pub(crate) mod groups;
pub mod handover;
pub mod highlight;
pub mod letters;
pub mod messages;
pub mod models;
mod owned;
pub mod passwords;
pub mod people;
pub mod personas;
pub mod preferences;
pub mod push;
pub mod throttle;
pub mod vault;
mod viewer;

pub use crate::port::store::SessionKind;
pub use error::Error;
pub use owned::Owned;
pub use viewer::{Admin, Client, Viewer};
