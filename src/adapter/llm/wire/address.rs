//! A provider's address, checked, and what of it may be shown.

use std::fmt;

use reqwest::Url;

use super::SetupError;

#[derive(Clone)]
pub(crate) struct Address(Url);

impl Address {
    /// # Errors
    /// When it is not an http or https one.
    pub(crate) fn new(base: &str) -> Result<Self, SetupError> {
        let url = Url::parse(base).map_err(|_| SetupError::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(SetupError::BaseUrl);
        }
        Ok(Self(url))
    }

    /// The configured one, or else the provider's own.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn or(base: Option<&str>, own: &str) -> Result<Self, SetupError> {
        Self::new(given(base).unwrap_or(own))
    }

    /// Exactly this address.
    pub(crate) fn itself(&self) -> Url {
        self.0.clone()
    }

    /// What lies below the address. What no path may hold is escaped, so that a model's name cannot lead elsewhere.
    pub(crate) fn below(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// The name of the machine, in lower case.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path()
    }

    /// Whether its path ends in this.
    pub(crate) fn ends_in(&self, segment: &str) -> bool {
        self.path().trim_end_matches('/').rsplit('/').next() == Some(segment)
    }

    /// The machine, and its port where that is not the usual one.
    pub(crate) fn provider(&self) -> String {
        match self.0.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// The address without a user name, password or query, which may be secrets.
    pub(crate) fn shown(&self) -> String {
        format!("{}{}", self.0.origin().ascii_serialization(), self.path())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.shown()).finish()
    }
}

/// What was configured, if it is more than blanks.
pub(crate) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
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
            let refused = Address::new(base);
            assert!(matches!(refused, Err(SetupError::BaseUrl)), "{base}");
        }
    }

    #[test]
    fn shows_no_credentials() {
        let address = Address::new("https://me:secret@llm.example:8443/v1/?k=secret");
        let address = address.expect("an address");
        assert_eq!(address.shown(), "https://llm.example:8443/v1/");
        assert!(!format!("{address:?}").contains("secret"));
        let own = Address::or(Some(" "), "https://own.example").expect("an address");
        assert_eq!(own.host(), "own.example");
    }

    #[test]
    fn the_provider_is_the_machine_alone() {
        for (base, provider) in [
            ("https://me:secret@LLM.example/v1?k=secret", "llm.example"),
            ("https://llm.example:443/v1", "llm.example"),
            ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
        ] {
            let address = Address::new(base).expect("an address");
            assert_eq!(address.provider(), provider);
        }
    }

    #[test]
    fn what_lies_below_stays_below() {
        let address = Address::new("https://llm.example/api/?k=v").expect("an address");
        assert!(address.ends_in("api"));
        for (name, path) in [
            ("m:stream", "/api/models/m:stream"),
            ("../../admin?x#y", "/api/models/..%2F..%2Fadmin%3Fx%23y"),
            ("..", "/api/models"),
        ] {
            let url = address.below(&["models", name]);
            assert_eq!((url.path(), url.query()), (path, Some("k=v")));
        }
    }
}
