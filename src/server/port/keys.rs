//! The master keys: where they lie is an adapter's matter. They never go into a database.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use parlance_core::domain::digest::hex;
use secrecy::SecretSlice;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// Says which key is meant and tells nothing about it: 64 bits of a SHA-256 over 256 random ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 8]);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A key that wraps the data keys of secrets. Debug shows nothing of it.
#[derive(Clone, Debug)]
pub struct MasterKey {
    pub fingerprint: Fingerprint,
    /// [`KEY_BYTES`] of them.
    pub bytes: SecretSlice<u8>,
}

impl MasterKey {
    /// Names the key after itself, wherever it was kept: a key that moves from a file into the environment stays the same.
    #[must_use]
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        let mut name = Sha256::new();
        name.update(b"parlance master key\0");
        name.update(bytes);
        let digest: [u8; 32] = name.finalize().into();
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&digest[..8]);
        Self {
            fingerprint: Fingerprint(fingerprint),
            bytes: SecretSlice::from(bytes.to_vec()),
        }
    }

    /// Reads 32 bytes in base64 of either alphabet, with or without its padding.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let config =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let bytes = [alphabet::STANDARD, alphabet::URL_SAFE]
            .iter()
            .find_map(|alphabet| {
                GeneralPurpose::new(alphabet, config)
                    .decode(text.trim())
                    .ok()
            });
        let bytes: [u8; KEY_BYTES] = Zeroizing::new(bytes?).as_slice().try_into().ok()?;
        Some(Self::new(bytes))
    }
}

/// Why there is no key, as a sentence for the person who runs the server. Never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeysError(pub String);

/// The master keys of this installation. Reading them may touch a disk: not for every request.
pub trait Keys: Send + Sync {
    /// All keys at hand, the oldest first; read anew, since another process may have added one. Empty before the first
    /// start.
    ///
    /// # Errors
    /// They cannot be read, or others can read them too.
    fn held(&self) -> Result<Vec<MasterKey>, KeysError>;

    /// The first key, where none is held.
    ///
    /// # Errors
    /// It cannot be kept.
    fn first(&self) -> Result<MasterKey, KeysError>;

    /// The key to rotate to: a new one, or the one that the environment names as the next. Held from then on.
    ///
    /// # Errors
    /// None is named, or it cannot be kept.
    fn next(&self) -> Result<MasterKey, KeysError>;

    /// Where they are kept, in words.
    fn place(&self) -> String;
}
