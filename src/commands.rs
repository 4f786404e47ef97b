//! What an operator asks from a terminal, of the settings or of the data, beside a server that may be running.
//!
//! Must not enter: what the commands do (services), and serving (`launch`).

use std::{ffi::OsString, sync::Arc};

use parlance_core::domain::digest::hex;
use parlance_server::{
    config::Config,
    port::store::Store,
    service::{
        audit::{self, Verified},
        vault::{self, Rotated},
    },
};

use crate::{launch, telemetry};

const AUDIT: &str = "Usage: parlance audit verify [--head HASH]";
const KEYS: &str = "Usage: parlance keys rotate";

/// Does what the words say. Both outcomes are sentences for the person at the terminal.
///
/// # Errors
/// What went wrong, or what `verify` found.
pub async fn run(config: &Config, words: impl Iterator<Item = OsString>) -> Result<String, String> {
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["audit", "verify"] => verify(config, None).await,
        ["audit", "verify", "--head", head] => {
            let head = read_hash(head).ok_or("A head is 64 hexadecimal digits.")?;
            verify(config, Some(head)).await
        }
        ["keys", "rotate"] => rotate(config).await,
        ["keys", ..] => Err(KEYS.to_owned()),
        _ => Err(AUDIT.to_owned()),
    }
}

/// Whether everything that is set can be used, and what the settings come to.
///
/// # Errors
/// The first thing that cannot.
pub fn check(config: &Config) -> Result<String, String> {
    telemetry::filter(config).map_err(|error| error.to_string())?;
    launch::model(config).map_err(|error| error.to_string())?;
    launch::mailer(config).map_err(|error| error.to_string())?;
    let lines: Vec<String> = config
        .summary()
        .iter()
        .map(|(key, value)| format!("  {key:<20} {value}"))
        .collect();
    Ok(format!("The configuration is good.\n{}", lines.join("\n")))
}

async fn open(config: &Config) -> Result<Arc<dyn Store>, String> {
    let opened = launch::beside(config).await;
    opened.map_err(|error| error.to_string())
}

async fn verify(config: &Config, noted: Option<[u8; 32]>) -> Result<String, String> {
    let store = open(config).await?;
    let walked = audit::verify(store.as_ref(), noted).await;
    match walked.map_err(|error| format!("The audit log cannot be read: {error}."))? {
        Ok(Verified { count, head }) => Ok(format!(
            "The audit log is whole.\n  rows  {count}\n  head  {}\nKeep the head elsewhere: with --head it shows later \
             whether the end is missing.",
            hex(&head)
        )),
        Err(fault) => Err(format!("The audit log does not hold: {fault}.")),
    }
}

async fn rotate(config: &Config) -> Result<String, String> {
    let store = open(config).await?;
    let rotated = vault::rotate(store, launch::clock().as_ref(), launch::keys(config)).await;
    let Rotated {
        version,
        fingerprint,
        moved,
        left,
    } = rotated.map_err(|error| format!("The master key stays as it is: {error}."))?;
    let told = format!(
        "Secrets are sealed with master key {fingerprint}, version {version}.\n  wrapped anew          {moved}\n  \
         under an older key    {left}"
    );
    if left > 0 {
        return Err(format!(
            "{told}\nKeep the older keys, and rotate again when all servers hold the new one."
        ));
    }
    Ok(format!(
        "{told}\nThe older keys open nothing here any more; keep them as long as backups need them. Where the key is set \
         by PARLANCE_MASTER_KEY, let it be the new one now, and take PARLANCE_MASTER_KEY_NEXT away."
    ))
}

fn read_hash(text: &str) -> Option<[u8; 32]> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = |place: usize| u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok();
    let bytes: Option<Vec<u8>> = is_hex.then(|| (0..32).map(byte).collect()).flatten();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_printed() {
        let head: [u8; 32] = std::array::from_fn(|place| place as u8 * 8);
        assert_eq!(read_hash(&hex(&head)), Some(head));
        assert_eq!(read_hash(&hex(&head).to_uppercase()), Some(head));
        for text in ["", "abc", &"x".repeat(64), &"é".repeat(32)] {
            assert_eq!(read_hash(text), None, "{text}");
        }
    }
}
