//! Session tokens: 256 random bits that mean nothing by themselves.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::service::Error;

const BYTES: usize = 32;

/// A token on its way to the client.
pub(super) struct Token(String);

impl Token {
    /// # Errors
    /// `Internal` when the operating system has no randomness.
    pub(super) fn mint() -> Result<Self, Error> {
        let mut bytes = [0u8; BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::Internal(format!("randomness: {error}")))?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What is stored: SHA-256 is enough for a secret that nobody can guess.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The hash of a text that has the form of a token; `None` for rubbish, which spares the database.
    pub(super) fn hash_of(text: &str) -> Option<[u8; 32]> {
        let well_formed = URL_SAFE_NO_PAD
            .decode(text)
            .is_ok_and(|bytes| bytes.len() == BYTES);
        well_formed.then(|| Self(text.to_owned()).hash())
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}
