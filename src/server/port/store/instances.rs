//! The processes that share a database, and what the dead among them leave behind.
//!
//! Who is alive is judged by the database's own clock alone. A wrong guess costs an interrupted reply, never a
//! corrupt one: the seal in the journal decides.

use std::time::Duration;

use async_trait::async_trait;
use parlance_core::domain::{GenerationId, SessionId, Timestamp};

use super::{GenerationRow, Owner, StoreError};

/// Heartbeats, and the work of those that have none. A store that only one process can open answers as if it were
/// alone: nobody else is alive, and nobody else changes anything.
#[async_trait]
pub trait Instances: Send + Sync {
    /// Says that this process is alive; must come before its first generation.
    async fn beat(&self, owner: Owner, draining: bool) -> Result<(), StoreError>;

    /// Takes this process off the list: it has ended its work.
    async fn leave(&self, owner: Owner) -> Result<(), StoreError>;

    /// Generations under way whose owner is dead: it has not been heard of for `ttl`, or it is an earlier boot of
    /// this very installation, or it is nowhere on the list. At most `limit`, oldest first; rows that another instance
    /// is looking at in the same moment are left out.
    async fn orphans(
        &self,
        owner: Owner,
        ttl: Duration,
        limit: u32,
    ) -> Result<Vec<GenerationRow>, StoreError>;

    /// Takes over a generation that was still `queued` when `from` died (or let go of it, draining). `false` when
    /// somebody else did.
    async fn adopt(
        &self,
        id: GenerationId,
        from: uuid::Uuid,
        owner: Owner,
    ) -> Result<bool, StoreError>;

    /// Generations under way that belong to this very process and were stored before a moment, oldest first.
    async fn unattended(
        &self,
        owner: Owner,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<GenerationRow>, StoreError>;

    /// Queued generations that a draining instance holds: whoever adopts one runs it.
    async fn handed_over(&self, limit: u32) -> Result<Vec<GenerationRow>, StoreError>;

    /// Which of these generations are over.
    async fn ended_among(&self, ids: &[GenerationId]) -> Result<Vec<GenerationId>, StoreError>;

    /// Which of these sessions have ended (`expires_at <= now`, or deleted, or of a disabled account).
    async fn ended_sessions(
        &self,
        ids: &[SessionId],
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError>;
}
