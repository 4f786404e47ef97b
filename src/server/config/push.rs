//! Telling people by push of replies that ended: the server's key, its contact, and where messages may be sent.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use url::Url;

use super::Taker;

/// Bytes of a private key on P-256.
const KEY_BYTES: usize = 32;
/// The push services of the browsers. An endpoint comes from a browser, so it could name any address; messages go to
/// these alone. A name that begins with a dot stands for everything that ends in it.
const SERVICES: [&str; 4] = [
    "fcm.googleapis.com",
    ".push.services.mozilla.com",
    ".notify.windows.com",
    ".push.apple.com",
];

/// Set when `PARLANCE_VAPID_KEY` is.
#[derive(Clone, Debug)]
pub struct Push {
    /// The private key, base64url without padding: 32 bytes (RFC 8292).
    pub key: SecretString,
    /// Whom a push service may write to: a `mailto:` or `https:` address.
    pub subject: String,
    /// Further hosts that messages may be sent to: a push service of one's own, and tests. One that is not public, or
    /// not https, has to be on the list in [`super::Egress`] as well.
    pub hosts: Vec<String>,
}

impl Push {
    pub(super) fn take(take: &mut Taker) -> Option<Self> {
        const KEY: &str = "PARLANCE_VAPID_KEY";
        const SUBJECT: &str = "PARLANCE_VAPID_SUBJECT";
        let key = take.text(KEY)?.trim_end_matches('=').to_owned();
        let decoded = URL_SAFE_NO_PAD.decode(&key);
        if !decoded.is_ok_and(|bytes| bytes.len() == KEY_BYTES) {
            take.refuse(
                KEY,
                "is not a private key of 32 bytes in base64url (its value is not repeated here)",
            );
        }
        let named = take.text(SUBJECT);
        let subject = named
            .or_else(|| take.text("PARLANCE_PUBLIC_URL"))
            .unwrap_or_default();
        let is_contact =
            Url::parse(&subject).is_ok_and(|url| matches!(url.scheme(), "mailto" | "https"));
        if !is_contact {
            take.refuse(
                SUBJECT,
                "push services want a contact: mailto:you@example.com or an https address",
            );
        }
        let hosts = take.text("PARLANCE_PUSH_HOSTS").unwrap_or_default();
        let hosts = hosts.split(',').map(|host| host.trim().to_lowercase());
        Some(Self {
            key: SecretString::from(key),
            subject,
            hosts: hosts.filter(|host| !host.is_empty()).collect(),
        })
    }

    /// Whether messages may be sent to this address.
    #[must_use]
    pub fn allows(&self, endpoint: &str) -> bool {
        let Ok(url) = Url::parse(endpoint) else {
            return false;
        };
        let host = url.host_str().unwrap_or_default();
        let is_plain_name = url.username().is_empty() && url.password().is_none();
        let is_service = url.scheme() == "https"
            && url.port().is_none()
            && SERVICES.iter().any(|service| is_of(service, host));
        let is_set = matches!(url.scheme(), "http" | "https")
            && self.hosts.iter().any(|known| is_of(known, host));
        is_plain_name && (is_service || is_set)
    }
}

fn is_of(known: &str, host: &str) -> bool {
    if known.starts_with('.') {
        host.len() > known.len() && host.ends_with(known)
    } else {
        host == known
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError, Source};

    use super::*;

    const KEY: (&str, &str) = (
        "PARLANCE_VAPID_KEY",
        "RS0WdYWWo1HajXg3NZR1olzCf31i-ZBGDkFyCs7j1jw",
    );
    const CONTACT: (&str, &str) = ("PARLANCE_VAPID_SUBJECT", "mailto:a@b.example");

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Push>, Vec<ConfigError>> {
        Config::read(&Source::from_pairs(pairs)).map(|config| config.push)
    }

    #[test]
    fn without_a_key_there_is_no_push() {
        assert!(read(&[CONTACT]).unwrap().is_none());
        let push = read(&[KEY, CONTACT]).unwrap().unwrap();
        assert!(!format!("{push:?}").contains(KEY.1));
    }

    #[test]
    fn a_key_needs_its_length_and_a_contact() {
        let bad = |pairs: &[(&str, &str)]| {
            let errors = read(pairs).unwrap_err();
            assert!(errors.iter().all(|error| !error.reason.contains("c2hvcnQ")));
            errors[0].key.clone()
        };
        for key in ["c2hvcnQ", "no base64: c2hvcnQ"] {
            assert_eq!(bad(&[(KEY.0, key), CONTACT]), KEY.0);
        }
        assert_eq!(bad(&[KEY]), CONTACT.0);
        assert_eq!(bad(&[KEY, (CONTACT.0, "me")]), CONTACT.0);
    }

    #[test]
    fn messages_go_to_push_services_alone() {
        let hosts = ("PARLANCE_PUSH_HOSTS", "127.0.0.1");
        let public = ("PARLANCE_PUBLIC_URL", "https://chat.example");
        let push = read(&[KEY, public, hosts]).unwrap().unwrap();
        for endpoint in [
            "https://fcm.googleapis.com/fcm/send/x",
            "https://updates.push.services.mozilla.com/wpush/v2/x",
            "https://wns2-par02p.notify.windows.com/w/?token=x",
            "https://web.push.apple.com/x",
            "http://127.0.0.1:4000/push",
        ] {
            assert!(push.allows(endpoint), "{endpoint}");
        }
        for endpoint in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x",
            "https://me@fcm.googleapis.com/x",
            "https://fcm.googleapis.com.evil.example/x",
            "https://evilpush.apple.com/x",
            "https://.push.apple.com/x",
            "https://localhost/x",
            "https://10.0.0.1/x",
            "https://[::1]/x",
            "file:///etc/passwd",
            "x",
        ] {
            assert!(!push.allows(endpoint), "{endpoint}");
        }
    }
}
