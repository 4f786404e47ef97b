//! The provider's address and the headers that every request carries. `async-openai` has a
//! configuration type too, but that one fills gaps from the environment and panics on a key that no
//! header may carry.

use std::fmt;

use async_openai::config::Config;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use secrecy::SecretString;

use crate::llm::wire::{
    SetupError,
    address::{Address, given},
    door::secret_header,
};

const OPENAI: &str = "https://api.openai.com/v1";

/// A provider's address, checked.
#[derive(Clone)]
pub(super) struct Target {
    /// As it was given, without a slash at the end.
    base: String,
    address: Address,
    headers: HeaderMap,
    key: SecretString,
}

impl Target {
    /// # Errors
    /// When the address is not an http one, or the key holds a line end or the like.
    pub(super) fn new(base: Option<&str>, key: Option<SecretString>) -> Result<Self, SetupError> {
        let base = given(base).unwrap_or(OPENAI).trim_end_matches('/');
        let header = secret_header(key.as_ref(), "Bearer ")?;
        Ok(Self {
            base: base.to_owned(),
            address: Address::new(base)?,
            headers: header
                .map(|value| (AUTHORIZATION, value))
                .into_iter()
                .collect(),
            key: key.unwrap_or_default(),
        })
    }

    /// Up to and including `/v1`.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.address).finish()
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
        let nowhere = Target::new(Some("localhost:11434"), None);
        assert!(matches!(nowhere, Err(SetupError::BaseUrl)));
        let key = Some(SecretString::from("sk-one\ntwo"));
        assert!(matches!(Target::new(None, key), Err(SetupError::ApiKey)));
    }

    #[test]
    fn shows_no_credentials() {
        let target = Target::new(Some("https://me:secret@llm.example/v1/?k=secret"), None);
        assert!(!format!("{target:?}").contains("secret"));
        let own = Target::new(Some(" "), None).expect("the default");
        assert_eq!(own.address().shown(), OPENAI);
    }

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
        let target = Target::new(Some("http://127.0.0.1:1/v1/"), None).expect("an address");
        assert_eq!(target.url("/models"), "http://127.0.0.1:1/v1/models");
        assert!(target.headers().is_empty());
    }
}
