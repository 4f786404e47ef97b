//! How long sign-ins last, and what an account has to show before it may be used in full.

use std::time::Duration;

use super::{Config, ConfigError, Taker};

const VERIFICATION: &str = "PARLANCE_EMAIL_VERIFICATION";
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// An access token cannot be called back from whoever copied it, only its session; so it is short.
const ACCESS_LONGEST: Duration = Duration::from_secs(15 * MINUTE);
/// Far beyond any use, and below where a moment overflows.
const LONGEST: Duration = Duration::from_secs(3_650 * DAY);

/// Whether an account may be used before mail is known to reach its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailVerification {
    /// Required where mail can be sent, with links that lead here.
    Auto,
    Required,
    Off,
}

/// Durations are written as `90s`, `15m`, `12h`, `30d`.
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    /// A session ends when it was not used for this long.
    pub session_idle: Duration,
    /// A session ends after this long, used or not, and its refresh tokens with it.
    pub session_lifetime: Duration,
    pub access_lifetime: Duration,
    /// For so long a refresh token that was just used is taken for the request of a hurried client, not of a thief.
    pub refresh_grace: Duration,
    pub email_verification: EmailVerification,
}

impl Accounts {
    pub(super) fn take(take: &mut Taker) -> Self {
        let days = |days| Duration::from_secs(days * DAY);
        Self {
            session_idle: span(take, "PARLANCE_SESSION_IDLE", days(30), LONGEST),
            session_lifetime: span(take, "PARLANCE_SESSION_LIFETIME", days(90), LONGEST),
            access_lifetime: span(
                take,
                "PARLANCE_ACCESS_LIFETIME",
                ACCESS_LONGEST,
                ACCESS_LONGEST,
            ),
            refresh_grace: span(
                take,
                "PARLANCE_REFRESH_GRACE",
                Duration::from_secs(10),
                Duration::from_secs(MINUTE),
            ),
            email_verification: take.one_of(
                VERIFICATION,
                &[
                    ("auto", EmailVerification::Auto),
                    ("required", EmailVerification::Required),
                    ("off", EmailVerification::Off),
                ],
            ),
        }
    }
}

impl Config {
    /// What keeps every account from being made: letters that nobody could write, since nobody here knows by what address
    /// this server is reached from elsewhere, and what a request says of it is anybody's word.
    pub(super) fn letters_lead_nowhere(&self) -> Option<ConfigError> {
        let is_impossible = self.accounts.email_verification == EmailVerification::Required
            && self.public_url.is_none()
            && !self.addr.ip().is_loopback();
        is_impossible.then(|| ConfigError {
            key: VERIFICATION.to_owned(),
            reason: format!(
                "“required” needs PARLANCE_PUBLIC_URL where PARLANCE_ADDR ({}) is open to other machines: without it the \
                 links of letters would lead nowhere, and nobody could register",
                self.addr
            ),
        })
    }
}

fn span(take: &mut Taker, key: &str, default: Duration, longest: Duration) -> Duration {
    let Some(text) = take.text(key) else {
        return default;
    };
    match read(&text) {
        Some(span) if !span.is_zero() && span <= longest => span,
        _ => {
            let most = longest.as_secs();
            take.refuse(
                key,
                format!("“{text}” is not a time such as 90s, 15m, 12h or 30d, of at most {most}s"),
            );
            default
        }
    }
}

fn read(text: &str) -> Option<Duration> {
    let (number, seconds) = [("s", 1), ("m", MINUTE), ("h", HOUR), ("d", DAY)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    let number: u64 = number.trim().parse().ok()?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Source};

    #[test]
    fn times_are_written_as_people_say_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("12h", 43_200),
            ("30 d", 2_592_000),
        ] {
            assert_eq!(read(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "d",
            "15",
            "-1s",
            "1.5h",
            "99999999999999999999d",
            "18446744073709551615d",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn access_is_short_whatever_is_asked_for() {
        let read =
            |text: &str| Config::read(&Source::from_pairs(&[("PARLANCE_ACCESS_LIFETIME", text)]));
        assert_eq!(
            read("5m").unwrap().accounts.access_lifetime,
            Duration::from_secs(300)
        );
        for text in ["16m", "0s", "1d"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
