//! Sending a browser a message that reaches it when no page is open (Web Push, RFC 8030).

use async_trait::async_trait;
use parlance_core::domain::Timestamp;

use super::egress::Blocked;

/// Where a browser is reached, and the keys that only it can read with (RFC 8291).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// An address of a push service; whoever knows it can send.
    pub endpoint: String,
    /// The browser's public key, an uncompressed point on P-256.
    pub p256dh: [u8; 65],
    pub auth: [u8; 16],
}

/// Why a message did not get to the push service.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The browser does not want any more: forget the subscription.
    #[error("the subscription is gone")]
    Gone,
    /// This message will not get there; the next may.
    #[error("not sent: {0}")]
    Unsent(String),
    /// The endpoint leads to where nothing is sent.
    #[error("blocked: {0}")]
    Blocked(Blocked),
}

/// A way to push services.
#[async_trait]
pub trait Push: Send + Sync {
    /// The public half of the server's key, base64url: browsers bind their subscriptions to it.
    fn public_key(&self) -> &str;

    /// Sends `payload`, encrypted. A message that was not delivered yet gives way to a later one of the same `topic`
    /// (at most 32 characters of base64url).
    ///
    /// # Errors
    /// See [`PushError`]. That the host is a push service's was checked by the caller.
    async fn send(
        &self,
        to: &Subscription,
        topic: &str,
        payload: &[u8],
        now: Timestamp,
    ) -> Result<(), PushError>;
}
