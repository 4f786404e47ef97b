//! Taking values out of a source, one by one, and gathering what is wrong with them.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use super::{ConfigError, Source};

/// Far beyond what one process can do, and below where a semaphore panics.
const LARGEST_COUNT: usize = 1_000_000;
/// A day: no time-out of this product is longer.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1_000;

/// Takes values one by one and gathers what is wrong with them.
pub(super) struct Taker<'a> {
    pub(super) source: &'a Source,
    pub(super) errors: &'a mut Vec<ConfigError>,
}

impl Taker<'_> {
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.source.get(key)
    }

    pub(super) fn refuse(&mut self, key: &str, reason: impl Into<String>) {
        self.errors.push(ConfigError {
            key: key.to_owned(),
            reason: reason.into(),
        });
    }

    pub(super) fn parsed<T: std::str::FromStr>(
        &mut self,
        key: &str,
        default: &'static str,
        wanted: &str,
    ) -> T
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

    pub(super) fn count(&mut self, key: &str, default: usize) -> usize {
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

    /// Milliseconds.
    pub(super) fn time(&mut self, key: &str, default: u64) -> Duration {
        let milliseconds = match self.text(key).map(|text| (text.parse::<u64>(), text)) {
            None => default,
            Some((Ok(number), _)) if (1..=LONGEST_MS).contains(&number) => number,
            Some((_, text)) => {
                let reason =
                    format!("“{text}” is not a number of milliseconds from 1 to {LONGEST_MS}");
                self.refuse(key, reason);
                default
            }
        };
        Duration::from_millis(milliseconds)
    }

    pub(super) fn one_of<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> T {
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

    pub(super) fn http_url(&mut self, key: &str) -> Option<Url> {
        let text = self.text(key)?;
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
            _ => {
                self.refuse(key, format!("“{text}” is not an http or https address"));
                None
            }
        }
    }

    /// Networks (`10.0.0.0/8`) and single addresses.
    pub(super) fn networks(&mut self, key: &str) -> Vec<IpNet> {
        let text = self.text(key).unwrap_or_default();
        let mut networks = Vec::new();
        for word in text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            let network = word.parse::<IpNet>().ok();
            let network = network.or_else(|| {
                let address = word.parse::<IpAddr>().ok()?;
                Some(IpNet::from(address.to_canonical()))
            });
            match network {
                Some(network) => networks.push(network),
                None => self.refuse(
                    key,
                    format!("“{word}” is no IP address and no network such as 10.0.0.0/8"),
                ),
            }
        }
        networks
    }

    pub(super) fn database_url(&mut self) -> Option<SecretString> {
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
}
