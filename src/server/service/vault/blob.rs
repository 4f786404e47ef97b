//! A sealed value: one run of bytes that says of itself which key opens it.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | form, 1 |
//! | 8 | fingerprint of the master key |
//! | 24 + 48 | nonce, and the data key wrapped by the master key |
//! | 24 + n + 16 | nonce, and the value under the data key, bound to its row |
//!
//! XChaCha20-Poly1305 throughout (draft-irtf-cfrg-xchacha-03): its nonces are long enough to be random.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretSlice};
use zeroize::Zeroizing;

use crate::port::keys::{Fingerprint, KEY_BYTES};

const FORM: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
/// Where the parts begin.
const KEY_AT: usize = 1;
const WRAP_AT: usize = KEY_AT + 8;
const VALUE_AT: usize = WRAP_AT + NONCE + KEY_BYTES + TAG;
/// Longest value, bytes.
const LONGEST: usize = 64 * 1024;

/// Why a value was not sealed or opened. Tells nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    #[error("it has another form")]
    Form,
    #[error("it belongs to another row, or was changed")]
    Refused,
    #[error("it is too long")]
    TooLong,
    #[error("there is no randomness")]
    Randomness,
}

/// A sealed value, as it lies in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Sealed {
    pub(super) fn seal(
        name: Fingerprint,
        master: &SecretSlice<u8>,
        about: &[u8],
        plain: &[u8],
    ) -> Result<Self, Unsealable> {
        if plain.len() > LONGEST {
            return Err(Unsealable::TooLong);
        }
        let mut data_key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut data_key[..]).map_err(|_| Unsealable::Randomness)?;
        let mut sealed = wrapped(name, master, &data_key[..])?;
        sealed.extend_from_slice(&encrypt(&data_key[..], about, plain)?);
        Ok(Self(sealed))
    }

    /// The master key that opens it.
    pub(super) fn key(&self) -> Result<Fingerprint, Unsealable> {
        if self.0.first() != Some(&FORM) || self.0.len() < VALUE_AT + NONCE + TAG {
            return Err(Unsealable::Form);
        }
        let mut name = [0; 8];
        name.copy_from_slice(&self.0[KEY_AT..WRAP_AT]);
        Ok(Fingerprint(name))
    }

    pub(super) fn open(
        &self,
        master: &SecretSlice<u8>,
        about: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let data_key = self.data_key(master)?;
        decrypt(&data_key, about, &self.0[VALUE_AT..])
    }

    /// The same value for another master key; the value itself stays closed.
    pub(super) fn rewrap(
        &self,
        old: &SecretSlice<u8>,
        name: Fingerprint,
        new: &SecretSlice<u8>,
    ) -> Result<Self, Unsealable> {
        let data_key = self.data_key(old)?;
        let mut sealed = wrapped(name, new, &data_key)?;
        sealed.extend_from_slice(&self.0[VALUE_AT..]);
        Ok(Self(sealed))
    }

    fn data_key(&self, master: &SecretSlice<u8>) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let name = self.key()?;
        let wrapped = &self.0[WRAP_AT..VALUE_AT];
        decrypt(master.expose_secret(), &wrap_about(name), wrapped)
    }
}

/// The head of a sealed value, up to where the value itself begins.
fn wrapped(
    name: Fingerprint,
    master: &SecretSlice<u8>,
    data_key: &[u8],
) -> Result<Vec<u8>, Unsealable> {
    let mut head = vec![FORM];
    head.extend_from_slice(&name.0);
    head.extend_from_slice(&encrypt(
        master.expose_secret(),
        &wrap_about(name),
        data_key,
    )?);
    Ok(head)
}

/// A wrapped key is good under its own name alone.
fn wrap_about(name: Fingerprint) -> Vec<u8> {
    [b"parlance data key\0".as_slice(), &[FORM], &name.0].concat()
}

fn cipher(key: &[u8]) -> Result<XChaCha20Poly1305, Unsealable> {
    XChaCha20Poly1305::new_from_slice(key).map_err(|_| Unsealable::Form)
}

/// Nonce, then ciphertext.
fn encrypt(key: &[u8], aad: &[u8], msg: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| Unsealable::Randomness)?;
    let closed = cipher(key)?
        .encrypt(&nonce.into(), Payload { msg, aad })
        .map_err(|_| Unsealable::Refused)?;
    Ok([&nonce[..], &closed].concat())
}

fn decrypt(key: &[u8], aad: &[u8], closed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
    let (nonce, msg) = closed.split_at_checked(NONCE).ok_or(Unsealable::Form)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| Unsealable::Form)?;
    cipher(key)?
        .decrypt(&nonce.into(), Payload { msg, aad })
        .map(Zeroizing::new)
        .map_err(|_| Unsealable::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{port::keys::MasterKey, service::vault::About};
    use parlance_core::domain::UserId;
    use uuid::Uuid;

    fn about() -> About<'static> {
        About {
            table: "factors",
            row: Uuid::from_u128(1),
            user: UserId(Uuid::from_u128(2)),
            origin: "https://a.example",
        }
    }

    fn sealed(key: &MasterKey) -> Sealed {
        Sealed::seal(key.fingerprint, &key.bytes, &about().bytes(), b"canary").unwrap()
    }

    #[test]
    fn what_is_sealed_can_be_opened_and_not_be_read() {
        let key = MasterKey::new([7; 32]);
        let (one, other) = (sealed(&key), sealed(&key));
        assert_ne!(one, other, "no two look alike");
        assert!(!one.0.windows(6).any(|window| window == b"canary"));
        assert_eq!(one.key(), Ok(key.fingerprint));
        assert_eq!(
            &one.open(&key.bytes, &about().bytes()).unwrap()[..],
            b"canary"
        );
        assert!(!format!("{one:?}{key:?}").contains("canary"));
    }

    #[test]
    fn it_opens_for_its_own_row_alone() {
        let key = MasterKey::new([7; 32]);
        let sealed = sealed(&key);
        let others = [
            About {
                table: "models",
                ..about()
            },
            About {
                row: Uuid::from_u128(2),
                ..about()
            },
            About {
                user: UserId(Uuid::from_u128(1)),
                ..about()
            },
            About {
                origin: "https://b.example",
                ..about()
            },
            About {
                origin: "",
                ..about()
            },
        ];
        for other in others {
            let opened = sealed.open(&key.bytes, &other.bytes());
            assert_eq!(opened.unwrap_err(), Unsealable::Refused, "{other:?}");
        }
        let other = MasterKey::new([8; 32]);
        assert!(sealed.open(&other.bytes, &about().bytes()).is_err());
    }

    #[test]
    fn every_byte_counts() {
        let key = MasterKey::new([7; 32]);
        let sealed = sealed(&key);
        for place in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[place] ^= 1;
            assert!(
                changed.open(&key.bytes, &about().bytes()).is_err(),
                "byte {place}"
            );
            let cut = Sealed(sealed.0[..place].to_vec());
            assert!(
                cut.open(&key.bytes, &about().bytes()).is_err(),
                "cut at {place}"
            );
        }
    }

    #[test]
    fn a_data_key_cannot_be_lent_to_another_value() {
        let key = MasterKey::new([7; 32]);
        let (one, other) = (sealed(&key), sealed(&key));
        let mixed = Sealed([&one.0[..VALUE_AT], &other.0[VALUE_AT..]].concat());
        assert!(mixed.open(&key.bytes, &about().bytes()).is_err());
    }

    #[test]
    fn another_master_key_takes_over_without_opening_it() {
        let (old, new) = (MasterKey::new([7; 32]), MasterKey::new([8; 32]));
        let sealed = sealed(&old);
        let moved = sealed
            .rewrap(&old.bytes, new.fingerprint, &new.bytes)
            .unwrap();
        assert_eq!(moved.key(), Ok(new.fingerprint));
        assert_eq!(moved.0[VALUE_AT..], sealed.0[VALUE_AT..]);
        assert_eq!(
            &moved.open(&new.bytes, &about().bytes()).unwrap()[..],
            b"canary"
        );
        assert!(moved.open(&old.bytes, &about().bytes()).is_err());
    }
}
