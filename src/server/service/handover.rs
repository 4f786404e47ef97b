//! What a page shows a single time, or a form holds until it is sent again, and the server keeps no copy of that could be
//! read: sealed, so that it can travel from one page to the next through the browser.
//!
//! Sealed by the vault, so any process with the same master key can open it, also after a restart. It opens for the session
//! that it was sealed for, and for a short while: a copy of it is worth nothing to anybody else.
//! Must not enter: cookies, and what is shown.

use std::sync::Arc;

use parlance_core::domain::{SessionId, Timestamp, UserId};
use zeroize::Zeroizing;

use super::{
    Error,
    vault::{About, Sealed, Vault},
};
use crate::port::clock::Clock;

/// As long as a slow redirect may take, and not the rest of the evening. Seconds.
pub const HANDOVER_SECONDS: u32 = 60;

/// Bytes of the moment in front of what was sealed.
const MOMENT: usize = size_of::<i64>();

/// Seals and opens.
#[derive(Clone)]
pub struct Handover {
    vault: Vault,
    clock: Arc<dyn Clock>,
}

impl Handover {
    #[must_use]
    pub fn new(vault: Vault, clock: Arc<dyn Clock>) -> Self {
        Self { vault, clock }
    }

    /// Seals `what` for a session of `user`.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub async fn seal(
        &self,
        user: UserId,
        session: SessionId,
        what: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.seal_for(user, session, what, HANDOVER_SECONDS).await
    }

    /// The same for so many seconds: what a person thinks over.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub async fn seal_for(
        &self,
        user: UserId,
        session: SessionId,
        what: &[u8],
        seconds: u32,
    ) -> Result<Vec<u8>, Error> {
        let until = self.clock.now().plus_seconds(i64::from(seconds));
        let mut plain = Zeroizing::new(Vec::with_capacity(MOMENT + what.len()));
        plain.extend_from_slice(&until.0.to_be_bytes());
        plain.extend_from_slice(what);
        Ok(self.vault.seal(about(user, session), &plain).await?.0)
    }

    /// What was sealed for this session a moment ago; `None` for everything else. Forgotten when dropped.
    pub async fn open(
        &self,
        user: UserId,
        session: SessionId,
        sealed: Vec<u8>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let plain = self.vault.open(about(user, session), &Sealed(sealed)).await;
        let plain = plain.ok()?;
        let (until, what) = plain.split_first_chunk::<MOMENT>()?;
        let is_over = Timestamp(i64::from_be_bytes(*until)) <= self.clock.now();
        (!is_over).then(|| Zeroizing::new(what.to_vec()))
    }
}

/// The session is the row: nothing of this lies in a table.
fn about(user: UserId, session: SessionId) -> About<'static> {
    About {
        table: "handover",
        row: session.0,
        user,
        origin: "",
    }
}
