//! Server functions, a file per feature: the doors through which pages reach the product.
//!
//! A body takes the services from context, calls one and says where the form goes next. Must not enter: rules, SQL.

pub mod accounts;
pub mod answer;
pub mod chat;
pub mod conversations;
pub mod drafts;
pub mod find;
pub mod form;
pub mod highlight;
pub mod preferences;
pub mod problem;
pub mod session;
pub mod shortcuts;
pub mod window;
