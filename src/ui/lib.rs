//! Pages and components: rendered to HTML by the server, brought to life by WASM in the browser.
//!
//! Who may use whom: components → `state`, `kit`, `i18n`, `rpc`; `rpc` bodies → the product's services, on the server alone.
//! Must not enter: SQL, HTTP routes, rules of the product. A component never names the server crate.

pub mod app;
pub mod auth;
pub mod browser;
pub mod chat;
pub mod contexts;
pub mod error_page;
#[cfg(feature = "ssr")]
mod forms_page;
pub mod history;
pub mod home;
pub mod i18n;
pub mod kit;
pub mod models;
pub mod profile;
#[cfg(feature = "ssr")]
pub mod pwa;
pub mod roles;
pub mod rpc;
pub mod settings;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod shortcuts;
pub mod sidebar;
pub mod state;
pub mod tools;
