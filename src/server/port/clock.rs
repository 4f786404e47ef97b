//! Time and identity: the only source of both.

use parlance_core::domain::Timestamp;
use uuid::Uuid;

/// Wall clock and minter of ids.
pub trait Clock: Send + Sync {
    /// The present moment, cut to the microsecond.
    fn now(&self) -> Timestamp;

    /// A new UUIDv7 (RFC 9562), later than those that this process minted before.
    fn new_id(&self) -> Uuid;
}
