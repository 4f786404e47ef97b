//! What providers that are asked over HTTP have in common. Its path: `transport` (one exchange: status, time-outs) →
//! `feed` (reads on only when asked; with `frame`: bytes to payloads, bounded; what is malformed is dropped) → `chunk`
//! (what a payload may say; each provider reads its own with `loose`) → `reading` (with `notes`: chunks to pieces; says
//! how it ended). `fault` and `mask` say what a refusal means, and what of it may be logged.
//!
//! No task and no channel is in between: dropping the pieces drops the provider's socket, and pieces that are not taken
//! stay in it. What a provider sends is data: event names, unknown events and unknown members mean nothing.
//!
//! Nothing here knows a provider's format, retries, or decides what a person gets to see.

pub(crate) mod address;
pub(crate) mod chunk;
pub(crate) mod door;
pub(crate) mod fault;
pub(crate) mod feed;
pub(crate) mod frame;
pub(crate) mod loose;
pub(crate) mod mask;
pub(crate) mod model_name;
pub(crate) mod notes;
mod reading;
pub(crate) mod sampling;
pub(crate) mod transport;
pub(crate) mod turns;
pub(crate) mod way;
pub(crate) mod window;

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};
use secrecy::SecretString;

use self::address::Address;
pub use self::way::Guard;

/// Where a provider is and how to speak with it.
#[derive(Clone, Default)]
pub struct RemoteConfig {
    pub api_key: Option<SecretString>,
    /// The provider's own when absent, if it has one.
    pub base_url: Option<String>,
    /// The first that the provider lists when absent.
    pub model: Option<String>,
    /// Tokens that prompt and answer may have together; by the model's name when absent.
    pub context_tokens: Option<u32>,
    pub timeouts: Timeouts,
    /// The way to it, if somebody supplied its address whom nobody vouches for.
    pub guard: Option<Guard>,
}

impl fmt::Debug for RemoteConfig {
    /// An address may hold a password or a key; what is none is not shown at all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base_url = self.base_url.as_deref().map(Address::new);
        f.debug_struct("RemoteConfig")
            .field("api_key", &self.api_key)
            .field("base_url", &base_url)
            .field("model", &self.model)
            .field("context_tokens", &self.context_tokens)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// TCP and TLS.
    pub connect: Duration,
    /// From the request to the first byte of the answer's body, and any silence before the first text.
    pub first_byte: Duration,
    /// Silence after text has begun. A provider's keep-alive comments break the silence.
    pub gap: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(60),
            gap: Duration::from_secs(45),
        }
    }
}

/// A configuration that can never work.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(
        "the base URL must be an absolute http or https address, such as http://127.0.0.1:11434/v1"
    )]
    BaseUrl,
    #[error("the API key holds characters that no HTTP header may carry, such as a line end")]
    ApiKey,
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

/// An idle connection is kept for so long: many servers and balancers close theirs after a minute, and a request on one
/// that is just being closed fails.
const IDLE: Duration = Duration::from_secs(45);

/// A client that sends what it is told to, once, to nobody else.
///
/// # Errors
/// `Http`: TLS cannot be set up.
pub(crate) fn http_client(timeouts: Timeouts) -> Result<reqwest::Client, SetupError> {
    reqwest::Client::builder()
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(IDLE)
        // A redirect would carry the conversation to a host that nobody configured; a proxy taken
        // from the environment likewise. Retrying is the engine's decision alone.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never())
        // Compression gathers what should flow. Who compresses nevertheless is understood.
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        )]))
        .user_agent(concat!("parlance/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| SetupError::Http(fault::chain(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_secret() {
        for base_url in ["http://me:canary@10.0.0.9/ask?k=canary", "canary"] {
            let config = RemoteConfig {
                base_url: Some(base_url.to_owned()),
                ..RemoteConfig::default()
            };
            assert!(!format!("{config:?}").contains("canary"));
        }
    }
}
