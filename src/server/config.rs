//! Typed configuration: the environment, over an optional TOML file, over defaults.
//!
//! Every key has one name: the environment variable, which in the file is written in lower case
//! (`parlance_addr = "0.0.0.0:3000"`). Debug output redacts secrets.

mod accounts;
mod egress;
mod keys;
mod mail;
mod passwords;
mod provider;
mod push;
mod rates;
mod source;
mod taker;
mod times;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use parlance_core::domain::limits;
use secrecy::SecretString;
use url::Url;

pub use accounts::{Accounts, EmailVerification};
pub use egress::Egress;
pub use keys::{KeySource, MasterKeys};
pub use mail::{Mail, Sender, Tls};
pub use passwords::Passwords;
pub use provider::{Model, Prefix, Remote};
pub use push::Push;
pub use rates::{PerMinute, Rates, Tries};
pub use source::Source;
use taker::Taker;
pub use times::Times;

/// A value that cannot be used, with the sentence that tells how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct ConfigError {
    pub key: String,
    pub reason: String,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Text,
}

/// How much a frame must survive before it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The death of this process.
    Process,
    /// The death of the machine: one fsync a commit.
    Power,
    /// Nothing: no journal is kept. For demonstrations.
    Off,
}

impl Durability {
    /// The word that settings and `/readyz` use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Power => "power",
            Self::Off => "off",
        }
    }
}

/// Whether something happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    On,
    Off,
}

/// Whether strangers may make accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    Open,
    Closed,
}

/// Whether a failed sign-in says which half was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginErrors {
    /// One answer for both, so that nobody can find out who has an account.
    Uniform,
    Explicit,
}

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    pub addr: SocketAddr,
    pub public_url: Option<Url>,
    pub data_dir: PathBuf,
    pub database_url: Option<SecretString>,
    pub model: Model,
    pub log: String,
    pub log_format: LogFormat,
    pub trusted_proxies: Vec<IpNet>,
    pub durability: Durability,
    pub registration: Registration,
    pub login_errors: LoginErrors,
    /// Replies that may be asked of all providers at once.
    pub upstream_permits: usize,
    /// The same of one provider.
    pub provider_permits: usize,
    /// The same for one person.
    pub user_permits: usize,
    /// Replies that may wait for a permit.
    pub queue: usize,
    /// The same for one person.
    pub queue_per_user: usize,
    /// Live streams that this process may hold open.
    pub streams: usize,
    /// The same for one person.
    pub streams_per_user: usize,
    /// Whether a reply that a crash or a shutdown cut off is taken up again by itself.
    pub auto_continue: Automatic,
    /// Whether the model gives conversations their titles.
    pub titles: Automatic,
    /// Whether the model sums up what no longer fits its window.
    pub summaries: Automatic,
    /// `None`: nobody is told of replies by push.
    pub push: Option<Push>,
    pub egress: Egress,
    /// The site is read from here instead of the binary; for development builds.
    pub site_dir: Option<PathBuf>,
    /// Where the keys come from that seal secrets.
    pub master_keys: MasterKeys,
    /// `None`: no letter leaves.
    pub mail: Option<Mail>,
    pub accounts: Accounts,
    pub passwords: Passwords,
    pub rates: Rates,
    pub times: Times,
}

impl Config {
    /// Reads all keys and reports every bad one, not only the first.
    ///
    /// # Errors
    /// One entry for each value that cannot be used.
    pub fn read(source: &Source) -> Result<Self, Vec<ConfigError>> {
        let mut errors = source.unknown_keys();
        let mut take = Taker {
            source,
            errors: &mut errors,
        };
        let upstream_permits = take.count("PARLANCE_UPSTREAM_PERMITS", 256);
        let data_dir = PathBuf::from(
            take.text("PARLANCE_DATA_DIR")
                .unwrap_or_else(|| "./data".to_owned()),
        );
        let config = Self {
            addr: take.parsed(
                "PARLANCE_ADDR",
                "127.0.0.1:3000",
                "an address and port such as 127.0.0.1:3000",
            ),
            public_url: take.http_url("PARLANCE_PUBLIC_URL"),
            data_dir: data_dir.clone(),
            database_url: take.database_url(),
            model: Model::take(&mut take),
            log: take
                .text("PARLANCE_LOG")
                .unwrap_or_else(|| "info".to_owned()),
            log_format: take.one_of(
                "PARLANCE_LOG_FORMAT",
                &[("json", LogFormat::Json), ("text", LogFormat::Text)],
            ),
            trusted_proxies: take.networks("PARLANCE_TRUSTED_PROXIES"),
            durability: take.one_of(
                "PARLANCE_JOURNAL_DURABILITY",
                &[
                    ("process", Durability::Process),
                    ("power", Durability::Power),
                    ("off", Durability::Off),
                ],
            ),
            registration: take.one_of(
                "PARLANCE_REGISTRATION",
                &[
                    ("open", Registration::Open),
                    ("closed", Registration::Closed),
                ],
            ),
            login_errors: take.one_of(
                "PARLANCE_LOGIN_ERRORS",
                &[
                    ("uniform", LoginErrors::Uniform),
                    ("explicit", LoginErrors::Explicit),
                ],
            ),
            upstream_permits,
            provider_permits: take.count("PARLANCE_PROVIDER_PERMITS", upstream_permits),
            user_permits: take.count("PARLANCE_USER_PERMITS", 4),
            queue: take.count("PARLANCE_QUEUE", 1_000),
            queue_per_user: take.count("PARLANCE_QUEUE_PER_USER", 20),
            streams: take.count("PARLANCE_STREAMS", 10_000),
            streams_per_user: take.count("PARLANCE_STREAMS_PER_USER", limits::STREAMS_PER_USER),
            auto_continue: take.one_of(
                "PARLANCE_AUTO_CONTINUE",
                &[("off", Automatic::Off), ("on", Automatic::On)],
            ),
            titles: take.one_of(
                "PARLANCE_TITLES",
                &[("auto", Automatic::On), ("off", Automatic::Off)],
            ),
            summaries: take.one_of(
                "PARLANCE_SUMMARIES",
                &[("auto", Automatic::On), ("off", Automatic::Off)],
            ),
            push: Push::take(&mut take),
            egress: Egress::take(&mut take),
            site_dir: take.text("PARLANCE_SITE_DIR").map(PathBuf::from),
            master_keys: MasterKeys::take(&mut take, &data_dir),
            mail: Mail::take(&mut take),
            accounts: Accounts::take(&mut take),
            passwords: Passwords::take(&mut take),
            rates: Rates::take(&mut take),
            times: Times::take(&mut take),
        };
        errors.extend(config.letters_lead_nowhere());
        if errors.is_empty() {
            Ok(config)
        } else {
            Err(errors)
        }
    }

    /// Whether browsers reach this server by https: then cookies are `Secure` and carry `__Host-`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https")
    }

    /// How long a letter that was not taken waits for its second chance.
    #[must_use]
    pub fn mail_retry(&self) -> std::time::Duration {
        self.mail
            .as_ref()
            .map_or_else(std::time::Duration::default, |mail| mail.retry)
    }

    /// The settings that decide where things are, without secrets: for `parlance check`.
    #[must_use]
    pub fn summary(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("address", self.addr.to_string()),
            (
                "public URL",
                self.public_url
                    .as_ref()
                    .map_or_else(|| "not set".to_owned(), without_secrets),
            ),
            ("data directory", self.data_dir.display().to_string()),
            (
                "database",
                if self.database_url.is_some() {
                    "DATABASE_URL"
                } else {
                    "SQLite in the data directory"
                }
                .to_owned(),
            ),
            ("model", self.model.summary()),
            ("master key", self.master_keys.summary()),
            ("password hashing", self.passwords.summary()),
            (
                "e-mail",
                self.mail
                    .as_ref()
                    .map_or_else(|| "not sent".to_owned(), Mail::summary),
            ),
            ("journal durability", self.durability.as_str().to_owned()),
            (
                "registration",
                format!("{:?}", self.registration).to_lowercase(),
            ),
        ])
    }
}

/// An address without user name, password and query.
fn without_secrets(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
        Config::read(&Source::from_pairs(pairs))
    }

    #[test]
    fn starts_with_nothing_set() {
        let config = read(&[]).unwrap();
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert!(matches!(config.model, Model::Demo));
        assert!(!config.is_https());
    }

    #[test]
    fn a_base_url_alone_chooses_the_openai_adapter() {
        let config = read(&[("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1")]).unwrap();
        assert!(matches!(config.model, Model::OpenAi { remote, .. } if remote.api_key.is_none()));
    }

    #[test]
    fn reports_every_bad_value_at_once() {
        let errors = read(&[
            ("PARLANCE_ADDR", "nowhere"),
            ("PARLANCE_PUBLIC_URL", "ftp://x"),
            ("DATABASE_URL", "mysql://root:hunter2@x/y"),
            ("PARLANCE_REGISTRATION", "maybe"),
        ])
        .unwrap_err();
        let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "PARLANCE_ADDR",
                "PARLANCE_PUBLIC_URL",
                "DATABASE_URL",
                "PARLANCE_REGISTRATION"
            ]
        );
        assert!(errors.iter().all(|error| !error.reason.contains("hunter2")));
    }

    #[test]
    fn a_count_beyond_reason_is_refused() {
        for text in ["0", "-1", "x", "18446744073709551615"] {
            assert!(read(&[("PARLANCE_UPSTREAM_PERMITS", text)]).is_err());
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = read(&[("OPENAI_API_KEY", "sk-canary")]).unwrap();
        assert!(!format!("{config:?}").contains("canary"));
        let config = read(&[("OPENAI_BASE_URL", "https://me:canary@x/v1?k=canary")]).unwrap();
        assert!(config.summary()["model"].ends_with("at https://x/v1"));
    }
}
