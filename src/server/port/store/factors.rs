//! Second factors and their backup codes.

use async_trait::async_trait;
use parlance_core::domain::{SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::{Renewal, StoreError};

/// A person's second factor, on or waiting to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// What the secret is sealed for.
    pub id: Uuid,
    pub sealed: Vec<u8>,
    /// Newest time step whose code was used.
    pub last_step: u64,
    /// Failures in a row.
    pub tries: u32,
    /// The last of them.
    pub tried_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// On since; `None`: not confirmed yet.
    pub enrolled_at: Option<Timestamp>,
}

/// Second factors.
#[async_trait]
pub trait FactorRows: Send + Sync {
    async fn factor(&self, owner: UserId) -> Result<Option<Factor>, StoreError>;

    /// How many backup codes are left.
    async fn backup_codes(&self, owner: UserId) -> Result<u32, StoreError>;

    /// Keeps a secret that waits to be confirmed, in place of an earlier one; `false` when a factor is on, which stays.
    ///
    /// # Errors
    /// `NotFound` when the account has gone or is shut, or its password is no longer the one whose hash was checked.
    async fn begin_factor(
        &self,
        owner: UserId,
        password_hash: &str,
        id: Uuid,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Counts a try before it is made, so that tries at the same time cannot pass for one: `false` when there is another
    /// count than `seen` by now.
    async fn take_try(
        &self,
        owner: UserId,
        factor: Uuid,
        seen: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Turns the waiting factor on with a code of `step`, and replaces the backup codes. All sessions end (API keys
    /// stay) and the renewed one begins: which have ended. `None` when it is on already or another one waits.
    ///
    /// # Errors
    /// `NotFound` when the session to be renewed has ended; nothing has changed then.
    async fn enrol_factor(
        &self,
        owner: UserId,
        factor: Uuid,
        step: u64,
        code_hashes: &[[u8; 32]],
        renewal: Renewal,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Uses the code of `step` up and forgives the failures; `false` when that step or a later one was used.
    async fn use_step(&self, owner: UserId, factor: Uuid, step: u64) -> Result<bool, StoreError>;

    /// Uses a backup code of a factor that is on up and forgives the failures; `false` when there is none like it.
    async fn use_backup_code(
        &self,
        owner: UserId,
        factor: Uuid,
        code_hash: &[u8; 32],
    ) -> Result<bool, StoreError>;

    /// Replaces the backup codes of a factor that is on.
    ///
    /// # Errors
    /// `NotFound` when none is on.
    async fn replace_backup_codes(
        &self,
        owner: UserId,
        code_hashes: &[[u8; 32]],
    ) -> Result<(), StoreError>;

    /// Forgets factor and codes, and renews the session; `false`, with nothing changed, when there was no factor.
    ///
    /// # Errors
    /// `NotFound` when the session has ended, the account is shut out, or its password is not the one of this hash any
    /// more; the factor stays then.
    async fn delete_factor(
        &self,
        owner: UserId,
        password_hash: &str,
        renewal: Renewal,
    ) -> Result<bool, StoreError>;
}
