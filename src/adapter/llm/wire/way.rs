//! How a request goes out: straight, to what those who run the installation have set up themselves, or through the guarded
//! client, to what people supply.

use std::{sync::Arc, time::Duration};

use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::LlmError;
use reqwest::{Client, Request, Response};

use super::{SetupError, Timeouts, fault, http_client, mask::Mask};
use crate::egress::{Egress, EgressError, Limits};

/// Bytes of an answer, framing and all, by somebody whom nobody vouches for. The text in it ends long before.
const MOST: usize = 64 * 1024 * 1024;

/// The guarded way, made once for all who go it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Guard {
    egress: Arc<Egress>,
    limits: Limits,
    /// Builds requests, and sends none.
    builder: Client,
}

impl Guard {
    /// `longest`: how long an answer may take from the request to its end.
    ///
    /// # Errors
    /// `Http`: TLS cannot be set up.
    pub fn new(
        egress: Arc<Egress>,
        timeouts: Timeouts,
        longest: Duration,
    ) -> Result<Self, SetupError> {
        Ok(Self {
            egress,
            limits: Limits {
                time: longest,
                bytes: MOST,
            },
            builder: http_client(timeouts)?,
        })
    }
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    Straight(Client),
    Guarded(Guard),
}

impl Way {
    /// # Errors
    /// `Http`: TLS cannot be set up.
    pub(crate) fn new(guard: Option<Guard>, timeouts: Timeouts) -> Result<Self, SetupError> {
        Ok(match guard {
            Some(guard) => Self::Guarded(guard),
            None => Self::Straight(http_client(timeouts)?),
        })
    }

    /// To build requests with; [`Self::send`] sends them.
    pub(crate) fn builder(&self) -> &Client {
        match self {
            Self::Straight(client) => client,
            Self::Guarded(guard) => &guard.builder,
        }
    }

    /// Sends once, and hands back the head of whatever came.
    pub(crate) async fn send(&self, request: Request, mask: &Mask) -> Result<Response, LlmError> {
        match self {
            Self::Straight(client) => client
                .execute(request)
                .await
                .map_err(|error| fault::unsent(&error, mask)),
            Self::Guarded(guard) => guard
                .egress
                .send(request, guard.limits)
                .await
                .map_err(|error| refusal(&error, mask)),
        }
    }
}

fn refusal(error: &EgressError, mask: &Mask) -> LlmError {
    match error {
        EgressError::Blocked(why) => LlmError::new(ProblemCode::EndpointBlocked, why.to_string()),
        EgressError::Headers => LlmError::new(ProblemCode::UpstreamInvalid, error.to_string()),
        EgressError::Http(error) => fault::unsent(error, mask),
    }
}

#[cfg(test)]
mod tests {
    use parlance_upstream::Upstream;
    use reqwest::Method;

    use super::*;

    async fn sent(allow: Vec<(url::Host, u16)>, upstream: &Upstream) -> Result<u16, ProblemCode> {
        let egress = Egress::new(allow, Duration::from_secs(5)).expect("a client");
        let timeouts = Timeouts::default();
        let guard = Guard::new(Arc::new(egress), timeouts, Duration::from_secs(5));
        let way = Way::new(Some(guard.expect("a guard")), timeouts).expect("a way");
        let url = reqwest::Url::parse(&format!("{}/models", upstream.base_url())).expect("a URL");
        let answer = way
            .send(Request::new(Method::GET, url), &Mask::new(None))
            .await;
        answer
            .map(|answer| answer.status().as_u16())
            .map_err(|error| error.code)
    }

    #[tokio::test]
    async fn what_people_name_is_looked_at_on_its_way_out() {
        let upstream = Upstream::start().await;
        let blocked = sent(Vec::new(), &upstream).await;
        assert_eq!(blocked, Err(ProblemCode::EndpointBlocked));
        assert!(upstream.visits().is_empty());
        let url = reqwest::Url::parse(&upstream.root_url()).expect("a URL");
        let host = url.host().expect("a host").to_owned();
        let listed = vec![(host, url.port().expect("a port"))];
        assert_eq!(sent(listed, &upstream).await, Ok(200));
    }
}
