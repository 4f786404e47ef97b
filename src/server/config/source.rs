//! Where values come from: the environment wins over the file.

use std::{collections::BTreeMap, path::Path};

use super::ConfigError;

/// Keys that Parlance reads. Others that begin with `PARLANCE_` are reported, since a misspelt
/// setting that is silently ignored is the worst kind.
const KEYS: &[&str] = &[
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_MODEL",
    "DASHSCOPE_API_KEY",
    "DATABASE_URL",
    "GEMINI_API_KEY",
    "GEMINI_MODEL",
    "GOOGLE_GEMINI_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_CONTEXT_TOKENS",
    "OPENAI_MODEL",
    "OPENAI_PREFIX",
    "PARLANCE_ACCESS_LIFETIME",
    "PARLANCE_ADDR",
    "PARLANCE_AGENT_KEY",
    "PARLANCE_AGENT_URL",
    "PARLANCE_AUTO_CONTINUE",
    "PARLANCE_BODY_MS",
    "PARLANCE_BREAKER_OPEN_MS",
    "PARLANCE_CONFIG",
    "PARLANCE_CONTEXT_TOKENS",
    "PARLANCE_DATA_DIR",
    "PARLANCE_DRAIN_MS",
    "PARLANCE_EGRESS_ALLOW",
    "PARLANCE_EMAIL_VERIFICATION",
    "PARLANCE_GENERATION_MS",
    "PARLANCE_INSTANCE_BEAT_MS",
    "PARLANCE_INSTANCE_TTL_MS",
    "PARLANCE_JOURNAL_DURABILITY",
    "PARLANCE_JOURNAL_PATIENCE_MS",
    "PARLANCE_LINGER_MS",
    "PARLANCE_LOG",
    "PARLANCE_LOGIN_ERRORS",
    "PARLANCE_LOG_FORMAT",
    "PARLANCE_MAIL_FROM",
    "PARLANCE_MAIL_RETRY_MS",
    "PARLANCE_MASTER_KEY",
    "PARLANCE_MASTER_KEY_NEXT",
    "PARLANCE_PASSWORD_MEMORY_KIB",
    "PARLANCE_PASSWORD_PASSES",
    "PARLANCE_PASSWORD_PEPPER",
    "PARLANCE_POLL_MS",
    "PARLANCE_PROVIDER",
    "PARLANCE_PROVIDER_PERMITS",
    "PARLANCE_PUBLIC_URL",
    "PARLANCE_PUSH_AFTER_MS",
    "PARLANCE_PUSH_HOSTS",
    "PARLANCE_QUEUE",
    "PARLANCE_QUEUE_PER_USER",
    "PARLANCE_REFRESH_GRACE",
    "PARLANCE_RATE_ADDRESS_ENTRANCE",
    "PARLANCE_RATE_ADDRESS_READS",
    "PARLANCE_RATE_ADDRESS_SENDS",
    "PARLANCE_RATE_ADDRESS_STREAMS",
    "PARLANCE_RATE_ADDRESS_WRITES",
    "PARLANCE_RATE_USER_ENTRANCE",
    "PARLANCE_RATE_USER_READS",
    "PARLANCE_RATE_USER_SENDS",
    "PARLANCE_RATE_USER_STREAMS",
    "PARLANCE_RATE_USER_WRITES",
    "PARLANCE_REGISTRATION",
    "PARLANCE_RETRY_AFTER_LONGEST_MS",
    "PARLANCE_RETRY_BASE_MS",
    "PARLANCE_SESSION_IDLE",
    "PARLANCE_SESSION_LIFETIME",
    #[cfg(debug_assertions)]
    "PARLANCE_SITE_DIR",
    "PARLANCE_SMTP_URL",
    "PARLANCE_STREAMS",
    "PARLANCE_STREAMS_PER_USER",
    "PARLANCE_STREAM_HEARTBEAT_MS",
    "PARLANCE_STREAM_ROTATE_MS",
    "PARLANCE_SUMMARIES",
    "PARLANCE_TITLES",
    "PARLANCE_TRIES_ACCOUNT",
    "PARLANCE_TRIES_ADDRESS",
    "PARLANCE_TRIES_SUBNET",
    "PARLANCE_TRUSTED_PROXIES",
    "PARLANCE_UPSTREAM_CONNECT_MS",
    "PARLANCE_UPSTREAM_FIRST_BYTE_MS",
    "PARLANCE_UPSTREAM_GAP_MS",
    "PARLANCE_UPSTREAM_PERMITS",
    "PARLANCE_UPSTREAM_STALL_NOTICE_MS",
    "PARLANCE_USER_PERMITS",
    "PARLANCE_VAPID_KEY",
    "PARLANCE_VAPID_SUBJECT",
];

/// Values by key.
#[derive(Clone, Debug, Default)]
pub struct Source {
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Source {
    /// The process's environment and the file that `PARLANCE_CONFIG` names (`./parlance.toml` if it
    /// exists).
    ///
    /// # Errors
    /// The file is named but missing, cannot be read, or is no flat TOML table.
    pub fn from_process() -> Result<Self, ConfigError> {
        let mut environment = BTreeMap::new();
        for (key, value) in std::env::vars_os() {
            // Other programs' variables may hold any bytes; ours must be text.
            match (key.into_string(), value.into_string()) {
                (Ok(key), Ok(value)) => {
                    environment.insert(key, value);
                }
                (Ok(key), Err(_)) if KEYS.contains(&key.as_str()) => {
                    let reason = "is not UTF-8 text".to_owned();
                    return Err(ConfigError { key, reason });
                }
                _ => {}
            }
        }
        let named = environment
            .get("PARLANCE_CONFIG")
            .filter(|path| !path.is_empty());
        let path = Path::new(named.map_or("parlance.toml", String::as_str));
        let file = if named.is_some() || path.exists() {
            read_file(path)?
        } else {
            BTreeMap::new()
        };
        Ok(Self { environment, file })
    }

    /// Exactly these values, as if they came from the environment.
    #[must_use]
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let environment = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Self {
            environment,
            file: BTreeMap::new(),
        }
    }

    /// The value of `key`; an empty one counts as not set.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        self.environment
            .get(key)
            .filter(|value| !value.trim().is_empty())
            .or_else(|| self.file.get(key))
            .map(|value| value.trim().to_owned())
    }

    /// Set in every pod beside a service that is called "parlance" (Kubernetes, "Discovering services").
    fn is_from_kubernetes(&self, key: &str) -> bool {
        key.starts_with("PARLANCE_SERVICE_")
            || key.starts_with("PARLANCE_PORT_")
            || (key == "PARLANCE_PORT" && self.environment[key].contains("://"))
    }

    pub(super) fn unknown_keys(&self) -> Vec<ConfigError> {
        let ours = self.environment.keys().filter(|key| {
            // Variables of our own tests stand beside the product's.
            key.starts_with("PARLANCE_")
                && !self.is_from_kubernetes(key)
                && !key.starts_with("PARLANCE_TEST_")
                && !key.starts_with("PARLANCE_E2E_")
        });
        ours.chain(self.file.keys())
            .filter(|key| !KEYS.contains(&key.as_str()) && !BUILD_KEYS.contains(&key.as_str()))
            .map(|key| ConfigError {
                key: key.clone(),
                reason: "is not a setting that Parlance knows; is it misspelt?".to_owned(),
            })
            .collect()
    }
}

/// Read by the build tool, and often still set when it starts the server.
const BUILD_KEYS: &[&str] = &[
    "PARLANCE_BIN",
    "PARLANCE_UPSTREAM_BIN",
    "PARLANCE_SETUP_YES",
];

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let refuse = |reason: String| ConfigError {
        key: "PARLANCE_CONFIG".to_owned(),
        reason,
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| refuse(format!("cannot read {}: {error}", path.display())))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // The error itself quotes the line, which may hold a key.
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        refuse(format!(
            "{} is not TOML, line {line}: {}",
            path.display(),
            error.message().replace('\n', ", ")
        ))
    })?;
    table
        .into_iter()
        .map(|(key, value)| {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                _ => {
                    return Err(refuse(format!(
                        "{key} in {} must be a text or a number",
                        path.display()
                    )));
                }
            };
            Ok((key.to_uppercase(), value))
        })
        .collect()
}
