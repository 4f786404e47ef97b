//! `port::push` over HTTP: the message encrypted for one browser (RFC 8291), the server's word for who it is (VAPID,
//! RFC 8292), and what the push service's answer means (RFC 8030).

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use parlance_core::domain::Timestamp;
use parlance_server::port::push::{Push, PushError, Subscription};
use reqwest::StatusCode;
use url::Url;
use web_push_native::{Auth, encrypt, p256::PublicKey};

/// How long a push service keeps a message for a browser that is off, seconds.
const KEPT_SECONDS: u32 = 12 * 60 * 60;
/// How long the server's word is good; a day at the most (RFC 8292 §2). Seconds.
const WORD_SECONDS: i64 = 12 * 60 * 60;
const TIMEOUT: Duration = Duration::from_secs(10);

/// The key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("PARLANCE_VAPID_KEY is no private key on P-256")]
    Key,
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Sends messages to push services.
pub struct WebPush {
    http: reqwest::Client,
    key: SigningKey,
    public_key: String,
    subject: String,
}

impl WebPush {
    /// `key`: the private key, base64url; `subject`: whom a push service may write to.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(key: &str, subject: &str) -> Result<Self, SetupError> {
        let key = URL_SAFE_NO_PAD.decode(key).map_err(|_| SetupError::Key)?;
        let key = SigningKey::from_slice(&key).map_err(|_| SetupError::Key)?;
        let public_key = URL_SAFE_NO_PAD.encode(key.verifying_key().to_encoded_point(false));
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // The host was checked; wherever else it leads was not.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            key,
            public_key,
            subject: subject.to_owned(),
        })
    }

    /// `Authorization` for the push service at `endpoint`.
    fn word(&self, endpoint: &Url, now: Timestamp) -> String {
        let claims = serde_json::json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": now.millis().div_euclid(1_000).saturating_add(WORD_SECONDS),
            "sub": self.subject,
        });
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let said = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature: Signature = self.key.sign(said.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        format!("vapid t={said}.{signature}, k={}", self.public_key)
    }
}

#[async_trait]
impl Push for WebPush {
    fn public_key(&self) -> &str {
        &self.public_key
    }

    async fn send(
        &self,
        to: &Subscription,
        topic: &str,
        payload: &[u8],
        now: Timestamp,
    ) -> Result<(), PushError> {
        let endpoint = Url::parse(&to.endpoint).map_err(|_| PushError::Gone)?;
        // A key that is no point on the curve was never a browser's.
        let reader = PublicKey::from_sec1_bytes(&to.p256dh).map_err(|_| PushError::Gone)?;
        let body = encrypt(payload.to_vec(), &reader, &Auth::from(to.auth))
            .map_err(|error| PushError::Unsent(error.to_string()))?;
        let answer = self
            .http
            .post(endpoint.clone())
            .header("Authorization", self.word(&endpoint, now))
            .header("TTL", KEPT_SECONDS)
            .header("Topic", topic)
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream")
            .body(body)
            .send()
            .await
            // The address is a secret: whoever knows it can send.
            .map_err(|error| PushError::Unsent(error.without_url().to_string()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(PushError::Gone),
            status => Err(PushError::Unsent(format!("status {status}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::{VerifyingKey, signature::Verifier};

    const KEY: &str = "RS0WdYWWo1HajXg3NZR1olzCf31i-ZBGDkFyCs7j1jw";

    #[test]
    fn the_word_names_the_service_and_can_be_verified() {
        let push = WebPush::new(KEY, "mailto:a@b.example").unwrap();
        let endpoint = Url::parse("http://127.0.0.1:4000/push/x").unwrap();
        let word = push.word(&endpoint, Timestamp(1_763_664_000_000_000));
        let (said, key) = word
            .strip_prefix("vapid t=")
            .and_then(|rest| rest.split_once(", k="))
            .unwrap();
        assert_eq!(key, push.public_key());
        let (said, signature) = said.rsplit_once('.').unwrap();
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        VerifyingKey::from_sec1_bytes(&decoded(key))
            .unwrap()
            .verify(
                said.as_bytes(),
                &Signature::from_slice(&decoded(signature)).unwrap(),
            )
            .unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&decoded(said.split_once('.').unwrap().1)).unwrap();
        assert_eq!(claims["aud"], "http://127.0.0.1:4000");
        assert_eq!(claims["exp"], 1_763_664_000 + WORD_SECONDS);
        assert_eq!(claims["sub"], "mailto:a@b.example");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for key in ["", "c2hvcnQ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(WebPush::new(key, "mailto:a@b.example").is_err(), "{key}");
        }
    }
}
