//! SHA-256 in hexadecimal: names of files whose content never changes, and keys of what was computed before.

use sha2::{Digest, Sha256};

/// Digits of a hash that stand in a file name: 48 bits, far more than a site of some dozen files needs.
const NAME_DIGITS: usize = 12;

/// The whole hash over all `parts`, each preceded by its length so that no two lists give the same text.
pub fn of(parts: &[&[u8]]) -> String {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part);
    }
    sha.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The short hash that stands in a file name.
pub fn short(bytes: &[u8]) -> String {
    let mut hash = of(&[bytes]);
    hash.truncate(NAME_DIGITS);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_lists_apart_that_join_to_the_same_bytes() {
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
    }

    #[test]
    fn keeps_twelve_digits_in_a_name() {
        assert_eq!(short(b"style").len(), 12);
    }
}
