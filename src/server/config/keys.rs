//! The master key, as far as it is set: `PARLANCE_MASTER_KEY` and, while it changes, the one after it.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::Taker;
use crate::port::keys::MasterKey;

const KEY: &str = "PARLANCE_MASTER_KEY";
const NEXT: &str = "PARLANCE_MASTER_KEY_NEXT";
/// In the data directory.
const FILE: &str = "master.key";

/// Where master keys come from.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    pub source: KeySource,
    /// What `parlance keys rotate` goes over to; held by servers too while they change.
    pub next: Option<MasterKey>,
}

/// Where the present one comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// Set itself.
    Given(MasterKey),
    /// In a file that somebody else keeps (`file:/run/secrets/master`).
    File(PathBuf),
    /// In the data directory, made at the first start.
    Own(PathBuf),
}

impl MasterKeys {
    pub(super) fn take(take: &mut Taker, data_dir: &std::path::Path) -> Self {
        let source = match take.text(KEY).map(Zeroizing::new) {
            None => KeySource::Own(data_dir.join(FILE)),
            Some(text) => match text.strip_prefix("file:") {
                Some(path) => KeySource::File(PathBuf::from(path)),
                None => {
                    // What is refused stands for no key: nothing starts with it.
                    let key = key(take, KEY, &text);
                    key.map_or_else(|| KeySource::Own(data_dir.join(FILE)), KeySource::Given)
                }
            },
        };
        let next = take.text(NEXT).map(Zeroizing::new);
        let next = next.and_then(|text| key(take, NEXT, &text));
        Self { source, next }
    }

    /// For `parlance check`.
    pub(super) fn summary(&self) -> String {
        let place = match &self.source {
            KeySource::Given(key) => format!("{KEY} ({})", key.fingerprint),
            KeySource::File(path) | KeySource::Own(path) => path.display().to_string(),
        };
        match &self.next {
            Some(next) => format!("{place}, next: {}", next.fingerprint),
            None => place,
        }
    }
}

fn key(take: &mut Taker, name: &str, text: &str) -> Option<MasterKey> {
    let key = MasterKey::read(text);
    if key.is_none() {
        take.refuse(
            name,
            "is neither 32 bytes in base64 nor file: with a path (its value is not repeated here). Make one with: \
             openssl rand -base64 32",
        );
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError, Source};

    const ONE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const TWO: &str = "_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v4";

    fn read(pairs: &[(&str, &str)]) -> Result<MasterKeys, Vec<ConfigError>> {
        Config::read(&Source::from_pairs(pairs)).map(|config| config.master_keys)
    }

    #[test]
    fn nothing_set_means_a_file_in_the_data_directory() {
        let keys = read(&[("PARLANCE_DATA_DIR", "/var/parlance")]).unwrap();
        assert!(keys.next.is_none());
        let KeySource::Own(path) = keys.source else {
            panic!("{keys:?}");
        };
        assert_eq!(path, PathBuf::from("/var/parlance/master.key"));
    }

    #[test]
    fn a_key_may_be_set_or_lie_in_a_file() {
        let keys = read(&[(KEY, ONE), (NEXT, TWO)]).unwrap();
        let KeySource::Given(key) = &keys.source else {
            panic!("{keys:?}");
        };
        assert_eq!(key.fingerprint, MasterKey::new([1; 32]).fingerprint);
        assert_eq!(
            keys.next.as_ref().unwrap().fingerprint,
            MasterKey::new([0xfe; 32]).fingerprint
        );
        let keys = read(&[(KEY, "file:/run/secrets/master")]).unwrap();
        assert!(matches!(&keys.source, KeySource::File(path) if path.ends_with("master")));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for text in ["hunter2hunter2", "AQEB", &ONE[..40], &format!("{ONE}{ONE}")] {
            for name in [KEY, NEXT] {
                let errors = read(&[(name, text)]).unwrap_err();
                assert_eq!(errors.len(), 1, "{errors:?}");
                assert_eq!(errors[0].key, name);
                assert!(!errors[0].reason.contains(text) && errors[0].reason.contains("base64"));
            }
        }
    }

    #[test]
    fn keys_are_not_shown() {
        let keys = read(&[(KEY, ONE), (NEXT, TWO)]).unwrap();
        let shown = format!("{keys:?}{}", keys.summary());
        assert!(!shown.contains("AQEB") && !shown.contains("_v7") && !shown.contains("[1, 1"));
    }
}
