//! What stands behind the ports: one folder a port, and nothing of one adapter is used by another. `egress` alone is
//! shared: the way to addresses that people supply.
//!
//! SQL, providers' wire formats and the machine's clock live here. The product's rules do not.

pub mod clock;
pub mod egress;
pub mod highlight;
pub mod keys;
pub mod llm;
pub mod mailer;
pub mod push;
pub mod store;
