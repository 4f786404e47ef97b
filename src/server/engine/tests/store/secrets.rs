//! The log and the secrets of the memory: the engine asks for none of it.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::{Memory, Outcome};
use crate::port::{
    keys::Fingerprint,
    store::{
        AuditEvent, AuditLog, Factor, FactorRows, KeyVersion, NewAuditEvent, Renewal, SealedRow,
        SealedTable, StoreError, Vaults,
    },
};

#[async_trait]
impl AuditLog for Memory {
    async fn append_audit(&self, _: Vec<NewAuditEvent>) -> Outcome<Vec<AuditEvent>> {
        Ok(Vec::new())
    }

    async fn audit_after(&self, _: u64, _: u32) -> Outcome<Vec<AuditEvent>> {
        Ok(Vec::new())
    }

    async fn audit_before(&self, _: Option<u64>, _: u32) -> Outcome<Vec<AuditEvent>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl FactorRows for Memory {
    async fn factor(&self, _: UserId) -> Outcome<Option<Factor>> {
        Ok(None)
    }

    async fn backup_codes(&self, _: UserId) -> Outcome<u32> {
        Ok(0)
    }

    async fn begin_factor(
        &self,
        _: UserId,
        _: &str,
        _: Uuid,
        _: &[u8],
        _: Timestamp,
    ) -> Outcome<bool> {
        Ok(false)
    }

    async fn take_try(&self, _: UserId, _: Uuid, _: u32, _: Timestamp) -> Outcome<bool> {
        Ok(false)
    }

    async fn enrol_factor(
        &self,
        _: UserId,
        _: Uuid,
        _: u64,
        _: &[[u8; 32]],
        _: Renewal,
    ) -> Outcome<Option<Vec<SessionId>>> {
        Ok(None)
    }

    async fn use_step(&self, _: UserId, _: Uuid, _: u64) -> Outcome<bool> {
        Ok(false)
    }

    async fn use_backup_code(&self, _: UserId, _: Uuid, _: &[u8; 32]) -> Outcome<bool> {
        Ok(false)
    }

    async fn replace_backup_codes(&self, _: UserId, _: &[[u8; 32]]) -> Outcome<()> {
        Err(StoreError::NotFound)
    }

    async fn delete_factor(&self, _: UserId, _: &str, _: Renewal) -> Outcome<bool> {
        Ok(false)
    }
}

#[async_trait]
impl Vaults for Memory {
    async fn key_version(&self) -> Outcome<Option<KeyVersion>> {
        Ok(None)
    }

    async fn begin_keys(&self, fingerprint: Fingerprint, _: Timestamp) -> Outcome<KeyVersion> {
        Ok(KeyVersion {
            version: 1,
            fingerprint,
        })
    }

    async fn add_key(&self, fingerprint: Fingerprint, _: Timestamp) -> Outcome<KeyVersion> {
        Ok(KeyVersion {
            version: 1,
            fingerprint,
        })
    }

    async fn sealed_by_others(
        &self,
        _: SealedTable,
        _: Fingerprint,
        _: Uuid,
        _: u32,
    ) -> Outcome<Vec<SealedRow>> {
        Ok(Vec::new())
    }

    async fn replace_sealed(&self, _: SealedTable, _: &SealedRow, _: &[u8]) -> Outcome<bool> {
        Ok(false)
    }
}
