//! How passwords are hashed: how dear one is, and the pepper that lies in no database.

use std::path::Path;

use parlance_core::domain::digest::hex;
use zeroize::Zeroizing;

use super::Taker;
use crate::port::keys::MasterKey;

const PEPPER: &str = "PARLANCE_PASSWORD_PEPPER";
/// OWASP's floor for argon2id: 19 MiB and two passes. What is cheaper is refused.
const LEAST_MEMORY_KIB: u32 = 19_456;
const LEAST_PASSES: u32 = 2;
/// A GiB for one password, and passes that take seconds: beyond it nobody could sign in.
const MOST_MEMORY_KIB: u32 = 1_048_576;
const MOST_PASSES: u32 = 64;

/// What a hash costs, and what goes into it beside the password.
#[derive(Clone, Debug)]
pub struct Passwords {
    pub memory_kib: u32,
    pub passes: u32,
    /// Hashes are made with it, and worth nothing to whoever has the database alone. `None`: without.
    pub pepper: Option<MasterKey>,
}

impl Passwords {
    pub(super) fn take(take: &mut Taker) -> Self {
        let mut within = |key: &str, least: u32, most: u32| {
            let Some(text) = take.text(key) else {
                return least;
            };
            match text.parse() {
                Ok(number) if (least..=most).contains(&number) => number,
                _ => {
                    take.refuse(
                        key,
                        format!("“{text}” is not a whole number from {least} to {most}"),
                    );
                    least
                }
            }
        };
        Self {
            memory_kib: within(
                "PARLANCE_PASSWORD_MEMORY_KIB",
                LEAST_MEMORY_KIB,
                MOST_MEMORY_KIB,
            ),
            passes: within("PARLANCE_PASSWORD_PASSES", LEAST_PASSES, MOST_PASSES),
            pepper: pepper(take),
        }
    }

    /// For `parlance check`.
    pub(super) fn summary(&self) -> String {
        let cost = format!("{} KiB, {} passes", self.memory_kib, self.passes);
        match &self.pepper {
            Some(pepper) => format!("{cost}, pepper {}", hex(&pepper.fingerprint.0)),
            None => cost,
        }
    }
}

impl Default for Passwords {
    /// The floor, without a pepper.
    fn default() -> Self {
        Self {
            memory_kib: LEAST_MEMORY_KIB,
            passes: LEAST_PASSES,
            pepper: None,
        }
    }
}

fn pepper(take: &mut Taker) -> Option<MasterKey> {
    let mut text = take.text(PEPPER).map(Zeroizing::new)?;
    if let Some(path) = text.strip_prefix("file:") {
        let read = std::fs::read_to_string(Path::new(path));
        match read {
            Ok(kept) => text = Zeroizing::new(kept),
            Err(error) => {
                let reason = format!("cannot read {path}: {error}");
                take.refuse(PEPPER, reason);
                return None;
            }
        }
    }
    let pepper = MasterKey::read(&text);
    if pepper.is_none() {
        take.refuse(
            PEPPER,
            "is neither 32 bytes in base64 nor file: with a path to such (its value is not repeated here). Make one \
             with: openssl rand -base64 32",
        );
    }
    pepper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError, Source};

    const ONE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn read(pairs: &[(&str, &str)]) -> Result<Passwords, Vec<ConfigError>> {
        Config::read(&Source::from_pairs(pairs)).map(|config| config.passwords)
    }

    #[test]
    fn what_is_cheaper_than_the_floor_is_refused() {
        let default = read(&[]).unwrap();
        assert_eq!((default.memory_kib, default.passes), (19_456, 2));
        let dearer = [
            ("PARLANCE_PASSWORD_MEMORY_KIB", "65536"),
            ("PARLANCE_PASSWORD_PASSES", "3"),
        ];
        let dearer = read(&dearer).unwrap();
        assert_eq!((dearer.memory_kib, dearer.passes), (65_536, 3));
        for (key, text) in [
            ("PARLANCE_PASSWORD_MEMORY_KIB", "19455"),
            ("PARLANCE_PASSWORD_MEMORY_KIB", "4294967295"),
            ("PARLANCE_PASSWORD_MEMORY_KIB", "19 MiB"),
            ("PARLANCE_PASSWORD_PASSES", "1"),
            ("PARLANCE_PASSWORD_PASSES", "65"),
        ] {
            let errors = read(&[(key, text)]).unwrap_err();
            assert_eq!((errors.len(), errors[0].key.as_str()), (1, key), "{text}");
        }
    }

    #[test]
    fn a_pepper_is_set_or_lies_in_a_file_and_is_never_shown() {
        let set = read(&[(PEPPER, ONE)]).unwrap();
        assert!(set.pepper.is_some());
        let shown = format!("{set:?}{}", set.summary());
        assert!(
            !shown.contains("AQEB") && !shown.contains("[1, 1"),
            "{shown}"
        );
        for text in ["hunter2hunter2", "AQEB", "file:/nowhere/at/all"] {
            let errors = read(&[(PEPPER, text)]).unwrap_err();
            assert_eq!((errors.len(), errors[0].key.as_str()), (1, PEPPER));
            assert!(!errors[0].reason.contains("hunter2") && !errors[0].reason.contains("AQEB"));
        }
        let file = std::env::temp_dir().join(format!("parlance-pepper-{}", uuid::Uuid::now_v7()));
        std::fs::write(&file, format!("{ONE}\n")).unwrap();
        let kept = read(&[(PEPPER, &format!("file:{}", file.display()))]).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(
            kept.pepper.unwrap().fingerprint,
            set.pepper.unwrap().fingerprint
        );
    }
}
