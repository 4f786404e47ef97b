//! Secrets that people entrust to the server, sealed: who reads the database without the master key reads nothing, and
//! who moves a sealed value to another row has rubbish.
//!
//! Each value has a data key of its own, which a master key wraps; so a new master key means wrapping small keys anew,
//! never opening what they guard. Which master key seals is noted in the database, so that all processes agree while keys
//! change; the keys themselves come by `port::keys`.
//! Must not enter: what the secrets are for.

mod blob;
mod rotate;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use parlance_core::domain::UserId;
use secrecy::SecretSlice;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use blob::Sealed;
pub use rotate::{Rotated, rotate};

use super::Error;
use crate::port::{
    clock::Clock,
    keys::{Fingerprint, Keys, MasterKey},
    store::{KeyVersion, Store, StoreError},
};

/// What a secret belongs to. All of it must be the same when it is opened.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Table and column.
    pub table: &'static str,
    /// The row's id.
    pub row: Uuid,
    pub user: UserId,
    /// Where it may be sent (`https://api.example.com`); empty for what never leaves.
    pub origin: &'a str,
}

impl About<'_> {
    /// Each part with its length in front: no two of them are written the same way.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [
            b"parlance sealed 1".as_slice(),
            self.table.as_bytes(),
            self.row.as_bytes(),
            self.user.0.as_bytes(),
            self.origin.as_bytes(),
        ] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// Why there is no vault, as a sentence for the person who runs the server.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error(transparent)]
    Keys(#[from] crate::port::keys::KeysError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error(
        "the secrets in this database are sealed with master key {missing}, which is not in {place}. Bring that key \
         back: copy master.key from the data directory that made it, or set PARLANCE_MASTER_KEY alike for all servers"
    )]
    Missing { missing: Fingerprint, place: String },
    #[error("a sealed value cannot be opened: {0}")]
    Damaged(String),
}

/// Seals and opens.
#[derive(Clone)]
pub struct Vault {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ring: Arc<Ring>,
}

impl Vault {
    /// Looks for the keys, and makes the first one where there is none yet.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub async fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        keys: Arc<dyn Keys>,
    ) -> Result<Self, VaultError> {
        let held = keys.held()?;
        let is_held = |name| held.iter().any(|key| key.fingerprint == name);
        match store.key_version().await? {
            Some(KeyVersion { fingerprint, .. }) if !is_held(fingerprint) => {
                return Err(VaultError::Missing {
                    missing: fingerprint,
                    place: keys.place(),
                });
            }
            None if held.is_empty() => {
                keys.first()?;
            }
            _ => {}
        }
        Ok(Self {
            store,
            clock,
            ring: Arc::new(Ring {
                keys,
                known: RwLock::default(),
            }),
        })
    }

    /// Seals `plain` for one row.
    ///
    /// # Errors
    /// Storage, and `Internal` when this process does not hold the key that seals.
    pub async fn seal(&self, about: About<'_>, plain: &[u8]) -> Result<Sealed, Error> {
        let version = match self.store.key_version().await? {
            Some(version) => version,
            None => {
                let first = self.ring.first()?;
                self.store.begin_keys(first, self.clock.now()).await?
            }
        };
        let key = self.ring.key(version.fingerprint)?;
        Sealed::seal(version.fingerprint, &key, &about.bytes(), plain).map_err(internal)
    }

    /// Opens what was sealed for the same row. Forgotten when dropped.
    ///
    /// # Errors
    /// `Internal` when it was sealed for another row, was changed, or its key is not here.
    pub async fn open(
        &self,
        about: About<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key = self.ring.key(sealed.key().map_err(internal)?)?;
        sealed.open(&key, &about.bytes()).map_err(internal)
    }
}

fn internal(error: blob::Unsealable) -> Error {
    Error::Internal(format!("a sealed value: {error}"))
}

/// The keys that were needed so far.
struct Ring {
    keys: Arc<dyn Keys>,
    known: RwLock<HashMap<Fingerprint, SecretSlice<u8>>>,
}

impl Ring {
    /// The key that seals first, where nothing was ever sealed.
    fn first(&self) -> Result<Fingerprint, Error> {
        let held = self.read()?;
        held.first()
            .map(|key| key.fingerprint)
            .ok_or_else(|| Error::Internal(format!("no master key in {}", self.keys.place())))
    }

    /// The key of this name; one that is unknown may have been added by another process since.
    fn key(&self, fingerprint: Fingerprint) -> Result<SecretSlice<u8>, Error> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known.get(&fingerprint) {
            return Ok(key.clone());
        }
        drop(known);
        let held = self.read()?;
        held.into_iter()
            .find(|key| key.fingerprint == fingerprint)
            .map(|key| key.bytes)
            .ok_or_else(|| {
                Error::Internal(format!(
                    "master key {fingerprint} is not in {}: it was made elsewhere, or taken away too early",
                    self.keys.place()
                ))
            })
    }

    fn read(&self) -> Result<Vec<MasterKey>, Error> {
        let held = self
            .keys
            .held()
            .map_err(|error| Error::Internal(format!("master keys: {error}")))?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for key in &held {
            known.insert(key.fingerprint, key.bytes.clone());
        }
        Ok(held)
    }
}
