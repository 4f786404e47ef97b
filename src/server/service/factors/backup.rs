//! Backup codes: made on the server, shown once, kept as hashes.

use parlance_core::domain::UserId;
use sha2::{Digest, Sha256};

use crate::service::Error;

/// Codes of a set.
pub(super) const CODES: usize = 10;
/// Characters of a code: 80 bits, so that a plain hash of it is as good as a slow one.
pub(super) const CHARS: usize = 16;
/// Crockford's base 32: no letters that look like digits.
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A fresh set, written in groups of four.
///
/// # Errors
/// `Internal` when the operating system has no randomness.
pub(super) fn mint() -> Result<Vec<String>, Error> {
    (0..CODES)
        .map(|_| {
            let mut bytes = [0u8; CHARS];
            getrandom::fill(&mut bytes)
                .map_err(|error| Error::Internal(format!("randomness: {error}")))?;
            // 256 is a multiple of 32: every character is as likely as any other.
            let code = bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
            let groups: Vec<String> = code.chunks(4).map(|group| group.iter().collect()).collect();
            Ok(groups.join("-"))
        })
        .collect()
}

/// What is kept of a code in its plain form; bound to its owner.
pub(super) fn hash(owner: UserId, code: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"parlance backup code\0");
    hash.update(owner.0.as_bytes());
    hash.update(code.as_bytes());
    hash.finalize().into()
}

/// Hashes of a set.
pub(super) fn hashes(owner: UserId, codes: &[String]) -> Vec<[u8; 32]> {
    codes
        .iter()
        .map(|code| hash(owner, &code.replace('-', "")))
        .collect()
}
