//! A provider's address with its key in its header: what an adapter asks through.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE},
};
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::{LlmError, Pieces};
use reqwest::{Request, RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{
    RemoteConfig, SetupError, Timeouts, address::Address, chunk::Chunk, fault, mask::Mask,
    transport, way::Way,
};

/// Cheap to clone. Its `Debug` shows no key.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    way: Way,
    address: Address,
    headers: HeaderMap,
    mask: Mask,
    timeouts: Timeouts,
}

impl Door {
    /// `header` carries the key, behind `scheme`. Of the configuration, the address is given apart.
    ///
    /// # Errors
    /// When no header may carry the key.
    pub(crate) fn new(
        address: Address,
        config: RemoteConfig,
        header: HeaderName,
        scheme: &str,
    ) -> Result<Self, SetupError> {
        let RemoteConfig {
            api_key: key,
            timeouts,
            guard,
            ..
        } = config;
        let mut headers = HeaderMap::new();
        if let Some(value) = secret_header(key.as_ref(), scheme)? {
            headers.insert(header, value);
        }
        Ok(Self {
            way: Way::new(guard, timeouts)?,
            address,
            headers,
            mask: Mask::new(key),
            timeouts,
        })
    }

    /// The same, saying this with every request.
    pub(crate) fn saying(mut self, header: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(header, value);
        self
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Asks for a streamed answer whose payloads read as `C`.
    pub(crate) async fn ask<C: Chunk>(&self, url: Url, body: &Value) -> Result<Pieces, LlmError> {
        let request = self
            .way
            .builder()
            .post(url)
            .header(ACCEPT, "text/event-stream")
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let request = self.signed(request)?;
        transport::converse::<C>(&self.way, request, self.timeouts, &self.mask).await
    }

    /// Asks for something short, all of it at once.
    pub(crate) async fn fetch(&self, url: Url) -> Result<Value, LlmError> {
        let request = self.signed(self.way.builder().get(url))?;
        let body = transport::fetch(&self.way, request, self.timeouts, &self.mask).await?;
        serde_json::from_slice(&body).map_err(|_| {
            let detail = "what was taken for JSON is none";
            LlmError::new(ProblemCode::UpstreamInvalid, detail)
        })
    }

    /// With the key, which takes the place of a name and password in the address.
    fn signed(&self, request: RequestBuilder) -> Result<Request, LlmError> {
        request
            .headers(self.headers.clone())
            .build()
            .map_err(|error| fault::unsent(&error, &self.mask))
    }
}

/// A header's value with a key in it, marked so that it is never shown; none without a key.
///
/// # Errors
/// When no header may carry the key.
pub(crate) fn secret_header(
    key: Option<&SecretString>,
    scheme: &str,
) -> Result<Option<HeaderValue>, SetupError> {
    let Some(key) = key.filter(|key| !key.expose_secret().is_empty()) else {
        return Ok(None);
    };
    let mut value = HeaderValue::try_from(format!("{scheme}{}", key.expose_secret()))
        .map_err(|_| SetupError::ApiKey)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_and_never_cut_into_headers() {
        let door = |key: &str| {
            let address = Address::new("http://127.0.0.1:1").expect("an address");
            let header = HeaderName::from_static("x-api-key");
            let config = RemoteConfig {
                api_key: Some(key.into()),
                ..RemoteConfig::default()
            };
            Door::new(address, config, header, "")
        };
        let shown = format!("{:?}", door("canary").expect("a door"));
        assert!(!shown.contains("canary"), "{shown}");
        assert!(matches!(door("one\ntwo"), Err(SetupError::ApiKey)));
        assert!(door("").expect("a door").headers.is_empty());
    }
}
