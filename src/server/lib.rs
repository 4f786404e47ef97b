//! Ports, the streaming engine and the product's verbs.
//!
//! Must not enter: Leptos, axum, sqlx. Who may use whom: service → engine, port; engine → port.

pub mod app;
pub mod config;
pub mod engine;
pub mod port;
pub mod service;

pub use app::App;
