//! The one way to addresses that people supply: model endpoints, push services. What adapters share, and no adapter of
//! its own: they send through it, and it knows nothing of what they send.
//!
//! `rules`: what an address may say · `resolve` and `public`: what its name may stand for. No redirects, since they lead
//! to where nobody looked; no proxy of the environment, since that would look names up for itself; nothing is sent twice.
//! Answers have an end: in headers, in bytes, in time.
//!
//! Must not enter: addresses that those who run the installation set themselves, which go where they say.

mod public;
mod resolve;
mod rules;
#[cfg(test)]
pub(crate) mod tests;

use std::{error::Error, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};
use http_body_util::Limited;
use parlance_server::port::egress::{self as port, Blocked};
use reqwest::{Body, Client, ClientBuilder, Request, Response, dns::Resolve};
use url::{Host, Url};

use resolve::{PublicOnly, System};
use rules::{Rules, Way};

/// Bytes of an answer's headers, names and values.
const HEADERS: usize = 64 * 1024;
/// As long as connections are kept that nobody uses; many servers close theirs after a minute.
const IDLE: Duration = Duration::from_secs(45);

/// There is no client.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client: {0}")]
pub struct SetupError(#[from] reqwest::Error);

/// Why there is no answer. Names no address.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    #[error("blocked: {0}")]
    Blocked(#[from] Blocked),
    #[error("the answer's headers are larger than {HEADERS} bytes")]
    Headers,
    #[error("{0}")]
    Http(reqwest::Error),
}

impl From<reqwest::Error> for EgressError {
    fn from(error: reqwest::Error) -> Self {
        // What the resolver refused comes back wrapped by each layer of the client.
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(blocked) = inner.downcast_ref::<Blocked>() {
                return Self::Blocked(*blocked);
            }
            cause = inner.source();
        }
        Self::Http(error.without_url())
    }
}

/// How much of an answer is wanted. Beyond either, reading it is an error.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the request to the end of the body.
    pub time: Duration,
    /// Of the body, unpacked.
    pub bytes: usize,
}

/// The client.
#[derive(Clone, Debug)]
pub struct Egress {
    rules: Rules,
    /// For what is on the list.
    listed: Client,
    /// For all others: its names lead to public addresses or nowhere. Two clients, because a resolver is told the name
    /// without the port, and the list means both.
    public: Client,
}

impl Egress {
    /// `allow`: hosts and ports that are called wherever they lead, by plain http too; `connect`: how long TCP and TLS
    /// may take.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(allow: Vec<(Host, u16)>, connect: Duration) -> Result<Self, SetupError> {
        Self::resolving(allow, connect, Arc::new(System))
    }

    pub(crate) fn resolving(
        allow: Vec<(Host, u16)>,
        connect: Duration,
        names: Arc<dyn Resolve>,
    ) -> Result<Self, SetupError> {
        let public = client(connect).dns_resolver(PublicOnly(names));
        Ok(Self {
            rules: Rules { allow },
            listed: client(connect).build()?,
            public: public.build()?,
        })
    }

    /// Sends, and hands back the answer's head; redirects are answers like others.
    ///
    /// # Errors
    /// See [`EgressError`]. Reading the body ends with an error of its own where it exceeds the limits.
    pub async fn send(
        &self,
        mut request: Request,
        limits: Limits,
    ) -> Result<Response, EgressError> {
        let client = match self.rules.way(request.url())? {
            Way::Listed => &self.listed,
            Way::Public => &self.public,
        };
        *request.timeout_mut() = Some(limits.time);
        let answer = client.execute(request).await?;
        let lengths = answer.headers().iter();
        let length: usize = lengths
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if length > HEADERS {
            return Err(EgressError::Headers);
        }
        let (head, body) = http::Response::<Body>::from(answer).into_parts();
        let body = Body::wrap(Limited::new(body, limits.bytes));
        Ok(http::Response::from_parts(head, body).into())
    }
}

impl port::Egress for Egress {
    fn check(&self, address: &str) -> Result<Url, Blocked> {
        self.rules.read(address)
    }
}

fn client(connect: Duration) -> ClientBuilder {
    Client::builder()
        .connect_timeout(connect)
        .pool_idle_timeout(IDLE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never())
        // Compression gathers what should flow.
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        )]))
        .user_agent(concat!("parlance/", env!("CARGO_PKG_VERSION")))
}
