//! Server functions, a file per feature: the doors through which pages reach the product.
//!
//! A body takes the services from context, calls one and says where the form goes next. Must not enter: rules, SQL.

pub mod accounts;
pub mod answer;
pub mod chat;
pub mod contexts;
pub mod conversations;
pub mod devices;
pub mod drafts;
pub mod factors;
pub mod find;
pub mod form;
pub mod highlight;
pub mod keys;
pub mod links;
pub mod models;
#[cfg(feature = "ssr")]
pub mod once;
pub mod preferences;
pub mod problem;
pub mod profile;
pub mod roles;
pub mod session;
pub mod setup;
pub mod shortcuts;
pub mod window;
