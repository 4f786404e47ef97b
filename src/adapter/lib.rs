//! What stands behind the ports: one folder a port, and nothing of one adapter is used by another.
//!
//! SQL, providers' wire formats and the machine's clock live here. The product's rules do not.

pub mod clock;
pub mod highlight;
pub mod keys;
pub mod llm;
pub mod mailer;
pub mod push;
pub mod store;
