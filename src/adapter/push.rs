//! `port::push` over HTTP: the message encrypted for one browser (RFC 8291), the server's word for who it is (VAPID,
//! RFC 8292), and what the push service's answer means (RFC 8030).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use parlance_core::domain::Timestamp;
use parlance_server::port::push::{Push, PushError, Subscription};
use reqwest::{
    Method, Request, StatusCode,
    header::{HeaderMap, HeaderValue},
};
use url::Url;
use web_push_native::{Auth, encrypt, p256::PublicKey};

use crate::egress::{Egress, EgressError, Limits};

/// How long a push service keeps a message for a browser that is off, seconds.
const KEPT_SECONDS: u32 = 12 * 60 * 60;
/// How long the server's word is good; a day at the most (RFC 8292 §2). Seconds.
const WORD_SECONDS: i64 = 12 * 60 * 60;
/// What a service answers with is not read for what it says, only to its end: the connection is good for the next
/// message then.
const ANSWER: Limits = Limits {
    time: Duration::from_secs(10),
    bytes: 16 * 1024,
};

/// The key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("PARLANCE_VAPID_KEY is no private key on P-256")]
pub struct SetupError;

/// Sends messages to push services.
pub struct WebPush {
    egress: Arc<Egress>,
    key: SigningKey,
    public_key: String,
    subject: String,
}

impl WebPush {
    /// `key`: the private key, base64url; `subject`: whom a push service may write to.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(key: &str, subject: &str, egress: Arc<Egress>) -> Result<Self, SetupError> {
        let key = URL_SAFE_NO_PAD.decode(key).map_err(|_| SetupError)?;
        let key = SigningKey::from_slice(&key).map_err(|_| SetupError)?;
        let public_key = URL_SAFE_NO_PAD.encode(key.verifying_key().to_encoded_point(false));
        Ok(Self {
            egress,
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

    fn headers(
        &self,
        endpoint: &Url,
        topic: &str,
        now: Timestamp,
    ) -> Result<HeaderMap, reqwest::header::InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", self.word(endpoint, now).try_into()?);
        headers.insert("ttl", KEPT_SECONDS.into());
        headers.insert("topic", topic.try_into()?);
        headers.insert("content-encoding", HeaderValue::from_static("aes128gcm"));
        headers.insert(
            "content-type",
            HeaderValue::from_static("application/octet-stream"),
        );
        Ok(headers)
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
        let headers = self
            .headers(&endpoint, topic, now)
            .map_err(|error| PushError::Unsent(error.to_string()))?;
        let mut request = Request::new(Method::POST, endpoint);
        *request.headers_mut() = headers;
        *request.body_mut() = Some(body.into());
        // The address is a secret: whoever knows it can send. The error does not name it.
        let sent = self.egress.send(request, ANSWER).await;
        let answer = sent.map_err(|error| match error {
            EgressError::Blocked(why) => PushError::Blocked(why),
            error => PushError::Unsent(error.to_string()),
        })?;
        let status = answer.status();
        // Where it has no end, the connection is closed.
        let _ = answer.bytes().await;
        match status {
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

    fn web_push(key: &str) -> Result<WebPush, SetupError> {
        let egress = Egress::new(Vec::new(), Duration::from_secs(1)).unwrap();
        WebPush::new(key, "mailto:a@b.example", Arc::new(egress))
    }

    const KEY: &str = "RS0WdYWWo1HajXg3NZR1olzCf31i-ZBGDkFyCs7j1jw";

    #[test]
    fn the_word_names_the_service_and_can_be_verified() {
        let push = web_push(KEY).unwrap();
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
            assert!(web_push(key).is_err(), "{key}");
        }
    }
}
