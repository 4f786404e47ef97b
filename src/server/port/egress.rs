//! Addresses that people want the server to call: whether it may. The way there is the adapters' matter.

use url::Url;

/// Why an address is not called. None of it tells what lives there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    #[error("no absolute address with one plain spelling")]
    Malformed,
    #[error("a user name or password in the address")]
    Credentials,
    #[error("not https")]
    Scheme,
    #[error("a port that is not on the list")]
    Port,
    /// Also of a name that resolved to such an address, wholly or in part.
    #[error("an address that is not a public one")]
    Internal,
}

impl Blocked {
    /// The word in the audit log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Credentials => "credentials",
            Self::Scheme => "scheme",
            Self::Port => "port",
            Self::Internal => "internal",
        }
    }
}

/// What guards the way out.
pub trait Egress: Send + Sync {
    /// Whether the address may be called, as far as it tells without being asked for; the URL is what shall be kept and
    /// called. Passing is no promise: what a name stands for is looked at when it is called, each time.
    ///
    /// # Errors
    /// See [`Blocked`].
    fn check(&self, address: &str) -> Result<Url, Blocked>;
}
