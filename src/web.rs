//! The axum edge: addresses, cookies, headers, wire formats.
//!
//! Must not enter: rules. What may happen and to whom is decided by the services.

mod api;
mod assets;
mod completion;
mod csrf;
mod error;
mod extract;
mod headers;
mod limits;
mod pages;
mod pwa;
mod rate;
mod request;
mod router;
mod serve;
mod session;
mod sse;
mod state;
mod turn;
mod ws;

pub use api::openapi;
pub use serve::serve;
