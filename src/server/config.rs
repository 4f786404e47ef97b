//! Typed configuration: the environment, over an optional TOML file, over defaults.
//!
//! Every key has one name: the environment variable, which in the file is written in lower case
//! (`parlance_addr = "0.0.0.0:3000"`). Debug output redacts secrets.

mod source;

use std::{collections::BTreeMap, net::IpAddr, net::SocketAddr, path::PathBuf};

use secrecy::SecretString;
use url::Url;

pub use source::Source;

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

/// Where replies come from.
#[derive(Clone, Debug)]
pub enum Model {
    /// Built in; needs nothing.
    Demo,
    OpenAi {
        api_key: Option<SecretString>,
        base_url: Option<Url>,
        /// `None`: the first that the provider lists.
        model: Option<String>,
    },
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
    pub trusted_proxies: Vec<IpAddr>,
    pub durability: Durability,
    pub registration: Registration,
    pub login_errors: LoginErrors,
    /// Replies that may be asked of the provider at once.
    pub upstream_permits: usize,
}

/// Far beyond what one process can do, and below where a semaphore panics.
const LARGEST_COUNT: usize = 1_000_000;
const DASHSCOPE: &str = "https://dashscope.aliyuncs.com/compatible-mode/v1";
const DASHSCOPE_MODEL: &str = "qwen-plus";

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
        let config = Self {
            addr: take.parsed(
                "PARLANCE_ADDR",
                "127.0.0.1:3000",
                "an address and port such as 127.0.0.1:3000",
            ),
            public_url: take.http_url("PARLANCE_PUBLIC_URL"),
            data_dir: PathBuf::from(
                take.text("PARLANCE_DATA_DIR")
                    .unwrap_or_else(|| "./data".to_owned()),
            ),
            database_url: take.database_url(),
            model: take.model(),
            log: take
                .text("PARLANCE_LOG")
                .unwrap_or_else(|| "info".to_owned()),
            log_format: take.one_of(
                "PARLANCE_LOG_FORMAT",
                &[("json", LogFormat::Json), ("text", LogFormat::Text)],
            ),
            trusted_proxies: take.addresses("PARLANCE_TRUSTED_PROXIES"),
            durability: take.one_of(
                "PARLANCE_JOURNAL_DURABILITY",
                &[
                    ("process", Durability::Process),
                    ("power", Durability::Power),
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
            upstream_permits: take.count("PARLANCE_UPSTREAM_PERMITS", 256),
        };
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

    /// The settings that decide where things are, without secrets: for `parlance check`.
    #[must_use]
    pub fn summary(&self) -> BTreeMap<&'static str, String> {
        let model = match &self.model {
            Model::Demo => "built-in demo model".to_owned(),
            Model::OpenAi {
                base_url, model, ..
            } => format!(
                "{} at {}",
                model.as_deref().unwrap_or("first listed model"),
                base_url
                    .as_ref()
                    .map_or_else(|| "https://api.openai.com/v1".to_owned(), without_secrets),
            ),
        };
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
            ("model", model),
            (
                "journal durability",
                format!("{:?}", self.durability).to_lowercase(),
            ),
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

/// Takes values one by one and gathers what is wrong with them.
struct Taker<'a> {
    source: &'a Source,
    errors: &'a mut Vec<ConfigError>,
}

impl Taker<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.source.get(key)
    }

    fn refuse(&mut self, key: &str, reason: impl Into<String>) {
        self.errors.push(ConfigError {
            key: key.to_owned(),
            reason: reason.into(),
        });
    }

    fn parsed<T: std::str::FromStr>(&mut self, key: &str, default: &'static str, wanted: &str) -> T
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(key).unwrap_or_else(|| default.to_owned());
        text.parse().unwrap_or_else(|error| {
            self.refuse(key, format!("“{text}” is not {wanted} ({error})"));
            default
                .parse()
                .unwrap_or_else(|_| unreachable!("defaults parse"))
        })
    }

    fn count(&mut self, key: &str, default: usize) -> usize {
        match self.text(key).map(|text| (text.parse::<usize>(), text)) {
            None => default,
            Some((Ok(count), _)) if (1..=LARGEST_COUNT).contains(&count) => count,
            Some((_, text)) => {
                let reason = format!("“{text}” is not a whole number from 1 to {LARGEST_COUNT}");
                self.refuse(key, reason);
                default
            }
        }
    }

    fn one_of<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> T {
        let Some(text) = self.text(key) else {
            return choices[0].1;
        };
        choices.iter().find(|(word, _)| *word == text).map_or_else(
            || {
                let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                self.refuse(key, format!("“{text}” is none of: {}", words.join(", ")));
                choices[0].1
            },
            |(_, value)| *value,
        )
    }

    fn http_url(&mut self, key: &str) -> Option<Url> {
        let text = self.text(key)?;
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
            _ => {
                self.refuse(key, format!("“{text}” is not an http or https address"));
                None
            }
        }
    }

    fn addresses(&mut self, key: &str) -> Vec<IpAddr> {
        let text = self.text(key).unwrap_or_default();
        let mut addresses = Vec::new();
        for word in text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            match word.parse() {
                Ok(address) => addresses.push(address),
                Err(_) => self.refuse(key, format!("“{word}” is not an IP address")),
            }
        }
        addresses
    }

    fn database_url(&mut self) -> Option<SecretString> {
        const KEY: &str = "DATABASE_URL";
        let text = self.text(KEY)?;
        let scheme = text.split(':').next().unwrap_or_default();
        if !matches!(scheme, "postgres" | "postgresql" | "sqlite") {
            self.refuse(
                KEY,
                "must begin with postgres:// or sqlite: (its value is not repeated here)",
            );
        } else if scheme != "sqlite" && Url::parse(&text).is_err() {
            self.refuse(
                KEY,
                "is not a well-formed address: postgres://user:password@host:5432/name",
            );
        }
        Some(SecretString::from(text))
    }

    fn model(&mut self) -> Model {
        let model = self.text("OPENAI_MODEL");
        let key = self.text("OPENAI_API_KEY").map(SecretString::from);
        let base_url = self.http_url("OPENAI_BASE_URL");
        if key.is_some() || base_url.is_some() || self.text("OPENAI_BASE_URL").is_some() {
            return Model::OpenAi {
                api_key: key,
                base_url,
                model,
            };
        }
        match self.text("DASHSCOPE_API_KEY") {
            Some(key) => Model::OpenAi {
                api_key: Some(SecretString::from(key)),
                base_url: Url::parse(DASHSCOPE).ok(),
                model: model.or_else(|| Some(DASHSCOPE_MODEL.to_owned())),
            },
            None => Model::Demo,
        }
    }
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
        assert!(matches!(config.model, Model::OpenAi { api_key: None, .. }));
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
