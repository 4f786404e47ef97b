//! Addresses of the installation's own network that the server may call for people, such as a model on the next machine.

use url::Host;

use super::Taker;

const KEY: &str = "PARLANCE_EGRESS_ALLOW";

/// The list of those who run the installation. Everything that is not on it has to be public and https.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    /// Host and port, each meant exactly: no names below it, no other port.
    pub allow: Vec<(Host, u16)>,
}

impl Egress {
    pub(super) fn take(take: &mut Taker) -> Self {
        let text = take.text(KEY).unwrap_or_default();
        let mut allow = Vec::new();
        for entry in text.split(',').map(str::trim) {
            match read(entry) {
                Some(place) => allow.push(place),
                None if entry.is_empty() => {}
                None => take.refuse(
                    KEY,
                    format!("“{entry}” is not a host with its port, such as ollama:11434"),
                ),
            }
        }
        Self { allow }
    }
}

/// The host by the parser that reads the addresses which are held against it.
fn read(entry: &str) -> Option<(Host, u16)> {
    let (host, port) = entry.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    Some((Host::parse(host).ok()?, port))
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError, Source};

    use super::*;

    fn allow(text: &str) -> Result<Vec<String>, Vec<ConfigError>> {
        let config = Config::read(&Source::from_pairs(&[(KEY, text)]))?;
        let written = |(host, port): &(Host, u16)| format!("{host}:{port}");
        Ok(config.egress.allow.iter().map(written).collect())
    }

    #[test]
    fn hosts_are_read_with_their_ports() {
        assert_eq!(allow(" ").unwrap(), [""; 0]);
        assert_eq!(
            allow("Ollama:11434, 127.0.0.1:8000,[::1]:9000, 10.1:80,").unwrap(),
            [
                "ollama:11434",
                "127.0.0.1:8000",
                "[::1]:9000",
                "10.0.0.1:80"
            ]
        );
    }

    #[test]
    fn what_names_no_single_place_is_refused() {
        for entry in [
            "ollama",
            "ollama:",
            "ollama:0",
            "ollama:65536",
            "ollama:http",
            ":80",
            "::1:80",
            "http://ollama:11434",
            "*.corp.example:443 x",
            "10.0.0.0/8:80",
            "me@ollama:11434",
            "ollama:11434/v1",
        ] {
            let errors = allow(&format!("good:1,{entry}")).unwrap_err();
            assert_eq!(errors.len(), 1, "{entry}");
            assert_eq!(errors[0].key, KEY);
            assert!(errors[0].reason.contains(entry));
        }
    }
}
