//! Sending mail: the server that takes it, and whom it is from.

use std::{net::IpAddr, time::Duration};

use email_address::EmailAddress;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use super::Taker;

const URL: &str = "PARLANCE_SMTP_URL";
const FROM: &str = "PARLANCE_MAIL_FROM";

/// How a connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte on (RFC 8314).
    Whole,
    /// By STARTTLS, or no letter is sent.
    Required,
    /// By STARTTLS where the server offers it: whoever sits between can take the offer away.
    Opportunistic,
    /// Not at all.
    None,
}

/// Set when `PARLANCE_SMTP_URL` is.
#[derive(Clone, Debug)]
pub struct Mail {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// User and password.
    pub login: Option<(String, SecretString)>,
    pub from: Sender,
    /// Before a letter that was not taken is tried for the second time; each further time waits four times as long.
    pub retry: Duration,
}

/// Whom letters are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub name: Option<String>,
    pub address: String,
}

/// The pause before a letter is tried again.
const RETRY_MS: u64 = 5_000;

impl Mail {
    pub(super) fn take(take: &mut Taker) -> Option<Self> {
        let retry = take.time("PARLANCE_MAIL_RETRY_MS", RETRY_MS);
        let text = take.text(URL);
        let from = take.text(FROM);
        let Some(text) = text else {
            if from.is_some() {
                take.refuse(URL, "is needed where PARLANCE_MAIL_FROM is set");
            }
            return None;
        };
        let sender = from.as_deref().and_then(Sender::read);
        if sender.is_none() {
            take.refuse(
                FROM,
                "letters need a sender: parlance@example.com or Parlance <parlance@example.com>",
            );
        }
        match Self::read(&text) {
            Ok((host, port, tls, login)) => Some(Self {
                host,
                port,
                tls,
                login,
                from: sender?,
                retry,
            }),
            Err(reason) => {
                take.refuse(URL, format!("{reason} (its value is not repeated here)"));
                None
            }
        }
    }

    #[allow(
        clippy::type_complexity,
        reason = "taken apart at once by its only caller"
    )]
    fn read(
        text: &str,
    ) -> Result<(String, u16, Tls, Option<(String, SecretString)>), &'static str> {
        const FORM: &str =
            "is not of the form smtp://user:password@host:587 or smtps://user:password@host";
        let url = Url::parse(text).map_err(|_| FORM)?;
        let host = url.host_str().ok_or(FORM)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(FORM);
        }
        let mut wish = None;
        for (name, value) in url.query_pairs() {
            if name != "tls" {
                return Err("has a parameter that is not tls");
            }
            wish = Some(value.into_owned());
        }
        let tls = match (url.scheme(), wish.as_deref()) {
            ("smtps", None) => Tls::Whole,
            ("smtp", Some("required")) => Tls::Required,
            ("smtp", Some("opportunistic")) => Tls::Opportunistic,
            ("smtp", Some("none")) => Tls::None,
            // On the way to another machine passwords and links can be read.
            ("smtp", None) if is_here(host) => Tls::None,
            ("smtp", None) => Tls::Required,
            ("smtp" | "smtps", Some(_)) => {
                return Err("knows tls=required, opportunistic or none, and only with smtp://");
            }
            _ => return Err(FORM),
        };
        let default = if tls == Tls::Whole { 465 } else { 587 };
        let decoded = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .ok()
                .map(String::from)
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                let user = decoded(user).ok_or(FORM)?;
                Some((user, SecretString::from(decoded(password).ok_or(FORM)?)))
            }
            _ => return Err("needs user and password, or neither"),
        };
        Ok((host.to_owned(), url.port().unwrap_or(default), tls, login))
    }

    /// For `parlance check`.
    pub(super) fn summary(&self) -> String {
        let how = match self.tls {
            Tls::Whole => "TLS",
            Tls::Required => "STARTTLS",
            Tls::Opportunistic => "STARTTLS if offered",
            Tls::None => "no TLS",
        };
        format!(
            "{}:{} ({how}), from {}",
            self.host, self.port, self.from.address
        )
    }
}

impl Sender {
    fn read(text: &str) -> Option<Self> {
        if text.chars().any(char::is_control) {
            return None;
        }
        let (name, address) = match text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
            None => ("", text.trim()),
        };
        EmailAddress::is_valid(address).then(|| Self {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address: address.to_owned(),
        })
    }
}

/// Whether the name is this machine's own.
fn is_here(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError, Source};
    use secrecy::ExposeSecret;

    const SENDER: (&str, &str) = (FROM, "Parlance <parlance@example.com>");

    fn read(url: &str) -> Result<Option<Mail>, Vec<ConfigError>> {
        Config::read(&Source::from_pairs(&[(URL, url), SENDER])).map(|config| config.mail)
    }

    #[test]
    fn an_address_says_how_safely_to_send() {
        for (url, port, tls) in [
            ("smtps://mail.example", 465, Tls::Whole),
            ("smtps://mail.example:2465", 2465, Tls::Whole),
            ("smtp://mail.example", 587, Tls::Required),
            (
                "smtp://mail.example:25?tls=opportunistic",
                25,
                Tls::Opportunistic,
            ),
            ("smtp://mail.example?tls=none", 587, Tls::None),
            ("smtp://127.0.0.1:1025", 1025, Tls::None),
            ("smtp://[::1]:1025", 1025, Tls::None),
            ("smtp://localhost:1025", 1025, Tls::None),
            ("smtp://localhost:1025?tls=required", 1025, Tls::Required),
        ] {
            let mail = read(url).unwrap().unwrap();
            assert_eq!((mail.port, mail.tls), (port, tls), "{url}");
            assert!(mail.login.is_none());
        }
    }

    #[test]
    fn user_and_password_may_hold_anything() {
        let mail = read("smtps://me%40example.com:p%3Ass%2Fw%25rd+@mail.example")
            .unwrap()
            .unwrap();
        let (user, password) = mail.login.clone().unwrap();
        assert_eq!(user, "me@example.com");
        assert_eq!(password.expose_secret(), "p:ss/w%rd+");
        let shown = format!("{mail:?}{}", mail.summary());
        assert!(
            !shown.contains("w%rd") && shown.contains("mail.example:465"),
            "{shown}"
        );
    }

    #[test]
    fn what_cannot_work_is_refused_and_not_repeated() {
        for url in [
            "mail.hunter2.example",
            "http://hunter2@mail.example",
            "smtp://hunter2@mail.example",
            "smtp://:hunter2@mail.example",
            "smtps://mail.example?tls=hunter2",
            "smtp://mail.example?tls=hunter2",
            "smtp://mail.example?x=hunter2",
            "smtp://mail.example/hunter2",
            "smtp://",
        ] {
            let errors = read(url).unwrap_err();
            assert_eq!(errors.len(), 1, "{url}: {errors:?}");
            assert!(
                errors[0].key == URL && !errors[0].reason.contains("hunter2"),
                "{errors:?}"
            );
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let sender = |text| Sender::read(text).map(|sender| (sender.name, sender.address));
        let plain = "parlance@example.com".to_owned();
        assert_eq!(sender("parlance@example.com"), Some((None, plain.clone())));
        for text in [
            "会话 <parlance@example.com>",
            "\"会话\" <parlance@example.com>",
        ] {
            assert_eq!(
                sender(text),
                Some((Some("会话".to_owned()), plain.clone())),
                "{text}"
            );
        }
        for text in [
            "",
            "parlance",
            "Parlance <>",
            "a@b.example\nBcc: c@d.example",
            "<a@b.example> x",
        ] {
            assert_eq!(sender(text), None, "{text}");
        }
        let errors =
            Config::read(&Source::from_pairs(&[(URL, "smtps://mail.example")])).unwrap_err();
        assert_eq!(errors[0].key, FROM);
        let errors = Config::read(&Source::from_pairs(&[SENDER])).unwrap_err();
        assert_eq!(errors[0].key, URL);
    }
}
