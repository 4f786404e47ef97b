//! What the vault keeps in the database: which master key seals, and the sealed rows for those who rotate it.

use async_trait::async_trait;
use parlance_core::domain::Timestamp;
use uuid::Uuid;

use super::StoreError;
use crate::port::keys::Fingerprint;

/// A master key that has sealed something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyVersion {
    /// From 1; the highest seals.
    pub version: u64,
    pub fingerprint: Fingerprint,
}

/// Tables with a sealed column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedTable {
    Factors,
    ModelConfigs,
}

impl SealedTable {
    pub const ALL: [Self; 2] = [Self::Factors, Self::ModelConfigs];
}

/// One sealed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// Of the table's primary key.
    pub id: Uuid,
    pub sealed: Vec<u8>,
}

/// The vault's part of the database.
#[async_trait]
pub trait Vaults: Send + Sync {
    /// The key that seals; `None` as long as nothing was ever sealed.
    async fn key_version(&self) -> Result<Option<KeyVersion>, StoreError>;

    /// Notes the first key, unless another process did; answers the key that seals.
    async fn begin_keys(
        &self,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<KeyVersion, StoreError>;

    /// Makes this key the one that seals; no change when it is already.
    ///
    /// # Errors
    /// `Broken` when it sealed before and another came after it.
    async fn add_key(
        &self,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<KeyVersion, StoreError>;

    /// At most `limit` rows with an id beyond `after` that another key than this one has sealed, by id.
    async fn sealed_by_others(
        &self,
        table: SealedTable,
        fingerprint: Fingerprint,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<SealedRow>, StoreError>;

    /// Replaces a sealed value, if it still is the one that was read; whether it was.
    async fn replace_sealed(
        &self,
        table: SealedTable,
        row: &SealedRow,
        sealed: &[u8],
    ) -> Result<bool, StoreError>;
}
