//! What the product needs from the world outside, as object-safe traits. Adapters implement them.

pub mod bus;
pub mod clock;
pub mod egress;
pub mod highlight;
pub mod journal;
pub mod keys;
pub mod llm;
pub mod mailer;
pub mod push;
pub mod store;
