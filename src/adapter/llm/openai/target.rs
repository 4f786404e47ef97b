//! The provider's address and the headers that every request carries. `async-openai` has a
//! configuration type too, but that one fills gaps from the environment and panics on a key that no
//! header may carry.

use std::fmt;

use async_openai::config::Config;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

use super::SetupError;

const OPENAI: &str = "https://api.openai.com/v1";

/// A provider's address, checked.
#[derive(Clone)]
pub(super) struct Target {
    base: String,
    url: Url,
    headers: HeaderMap,
    key: SecretString,
}

impl Target {
    /// # Errors
    /// When the address is not an http one, or the key holds a line end or the like.
    pub(super) fn new(base: Option<&str>, key: Option<SecretString>) -> Result<Self, SetupError> {
        let base = base
            .map(str::trim)
            .filter(|base| !base.is_empty())
            .unwrap_or(OPENAI);
        let base = base.trim_end_matches('/').to_owned();
        let url = Url::parse(&base).map_err(|_| SetupError::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(SetupError::BaseUrl);
        }
        let key = key.unwrap_or_default();
        let mut headers = HeaderMap::new();
        if !key.expose_secret().is_empty() {
            let bearer = format!("Bearer {}", key.expose_secret());
            let mut value = HeaderValue::try_from(bearer).map_err(|_| SetupError::ApiKey)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Self {
            base,
            url,
            headers,
            key,
        })
    }

    /// The name of the machine, in lower case.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The path, up to and including `/v1`.
    pub(super) fn path(&self) -> &str {
        self.url.path()
    }

    /// The machine, and its port where that is not the usual one.
    pub(super) fn provider(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// The address without a user name, password or query, which may be secrets.
    pub(super) fn shown(&self) -> String {
        format!(
            "{}{}",
            self.url.origin().ascii_serialization(),
            self.url.path()
        )
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.shown()).finish()
    }
}

impl Config for Target {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_can_never_work() {
        for base in [
            "localhost:11434",
            "ftp://host/v1",
            "not an address",
            "/v1",
            "file:///v1",
        ] {
            assert!(
                matches!(Target::new(Some(base), None), Err(SetupError::BaseUrl)),
                "{base}"
            );
        }
        let key = Some(SecretString::from("sk-one\ntwo"));
        assert!(matches!(Target::new(None, key), Err(SetupError::ApiKey)));
    }

    #[test]
    fn shows_no_credentials() {
        let target = Target::new(
            Some("https://me:secret@llm.example:8443/v1/?k=secret"),
            None,
        );
        assert_eq!(
            target.expect("an address").shown(),
            "https://llm.example:8443/v1/"
        );
        assert_eq!(
            Target::new(Some(" "), None).expect("the default").shown(),
            OPENAI
        );
    }

    #[test]
    fn the_provider_is_the_machine_alone() {
        for (base, provider) in [
            ("https://me:secret@LLM.example/v1?k=secret", "llm.example"),
            ("https://llm.example:443/v1", "llm.example"),
            ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
        ] {
            let target = Target::new(Some(base), None).expect("an address");
            assert_eq!(target.provider(), provider);
        }
    }

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
        let target = Target::new(Some("http://127.0.0.1:1/v1/"), None).expect("an address");
        assert_eq!(target.url("/models"), "http://127.0.0.1:1/v1/models");
        assert!(target.headers().is_empty());
    }
}
