//! Secrets of our making: 256 random bits that mean nothing by themselves.
//!
//! Those that programs keep say by their first letters what they are, so that one cannot stand for another, and so that
//! scanners of source code find them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::service::Error;

const BYTES: usize = 32;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Cookies, tickets, links, challenges: they travel on a way of their own, and need no mark.
    Unmarked,
    Access,
    Refresh,
    ApiKey,
}

impl Purpose {
    fn mark(self) -> &'static str {
        match self {
            Self::Unmarked => "",
            Self::Access => "pla_",
            Self::Refresh => "plr_",
            Self::ApiKey => "plk_",
        }
    }
}

/// A token on its way to the client.
pub(super) struct Token(String);

impl Token {
    /// # Errors
    /// `Internal` when the operating system has no randomness.
    pub(super) fn mint(purpose: Purpose) -> Result<Self, Error> {
        let mut bytes = [0u8; BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::Internal(format!("randomness: {error}")))?;
        Ok(Self(format!(
            "{}{}",
            purpose.mark(),
            URL_SAFE_NO_PAD.encode(bytes)
        )))
    }

    /// What is stored: SHA-256 is enough for a secret that nobody can guess.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The hash of a text that has the form of such a token; `None` for rubbish, which spares the database.
    pub(super) fn hash_of(purpose: Purpose, text: &str) -> Option<[u8; 32]> {
        let well_formed = URL_SAFE_NO_PAD
            .decode(text.strip_prefix(purpose.mark())?)
            .is_ok_and(|bytes| bytes.len() == BYTES);
        well_formed.then(|| Self(text.to_owned()).hash())
    }

    /// The last four characters.
    pub(super) fn last4(&self) -> String {
        self.0[self.0.len() - 4..].to_owned()
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_what_it_was_made_for() {
        let all = [
            Purpose::Unmarked,
            Purpose::Access,
            Purpose::Refresh,
            Purpose::ApiKey,
        ];
        for made in all {
            let token = Token::mint(made).unwrap();
            assert_eq!(token.last4().len(), 4);
            let hash = token.hash();
            let text = token.into_text();
            for read in all {
                let expected = (read == made).then_some(hash);
                assert_eq!(
                    Token::hash_of(read, &text),
                    expected,
                    "{made:?} as {read:?}"
                );
            }
        }
        for rubbish in ["", "pla_", "plk_abc", "é"] {
            assert!(
                all.iter()
                    .all(|purpose| Token::hash_of(*purpose, rubbish).is_none())
            );
        }
    }
}
