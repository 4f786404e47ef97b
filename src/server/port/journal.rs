//! The log of a reply while it is being written: every frame is committed here before anybody sees it.
//!
//! The log is disposable: once the reply is stored as a message, its frames are rubbish.

use std::collections::HashMap;

use async_trait::async_trait;
use parlance_core::domain::Part;

use super::store::StoreError;

/// A numbered piece of one strand of a reply. Once cut it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// `generations.no` of the reply.
    pub generation_no: i64,
    /// Dense from 1 within the generation.
    pub seq: u64,
    pub part: Part,
    pub text: String,
}

/// Append-only storage of frames.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Commits the frames of all generations in one transaction.
    ///
    /// Returns the `generation_no` of those whose next number was taken already: somebody else has
    /// sealed them, and their writer must stop. A frame that is stored already with the same text
    /// counts as committed, so that an append whose outcome is unknown may be repeated.
    async fn append(&self, frames: &[Frame]) -> Result<Vec<i64>, StoreError>;

    /// The frames of a generation with `seq > after`, in order, without the seal.
    async fn frames_after(&self, generation_no: i64, after: u64) -> Result<Vec<Frame>, StoreError>;

    /// The number of the last frame of each of these generations that has any, without the seal.
    async fn tails(&self, generation_nos: &[i64]) -> Result<HashMap<i64, u64>, StoreError>;

    /// Drops the frames of generations that have ended.
    async fn discard(&self, generation_nos: &[i64]) -> Result<(), StoreError>;

    /// Drops frames that a crash left behind: those of ended generations. Called once at start, after
    /// recovery and before anything runs; where only one process can open the store, that is all of it.
    /// `running`: numbers of generations that this process has begun by then.
    async fn sweep(&self, running: &[i64]) -> Result<(), StoreError>;
}
