//! Joining: what has changed since the cursor, and whether the cursor can be continued.

use std::sync::Arc;

use parlance_core::domain::{Cursor, Resume, ShortId, limits};

use super::Request;
use crate::{
    engine::Inner,
    port::store::{Changes, GenerationRow, StoreError},
};

/// What changed since, read again if what it says was overtaken while it was read.
pub(super) async fn changes(
    inner: &Arc<Inner>,
    request: &Request,
    since: u64,
) -> Result<Option<Changes>, StoreError> {
    let read = || {
        inner
            .store
            .changes_since(request.owner, request.conversation, since, limits::CHANGES)
    };
    let changes = read().await?;
    let Some(found) = &changes else {
        return Ok(None);
    };
    for row in found.newest.iter().chain(&found.beside) {
        if inner.has_slipped_away(row).await? {
            return read().await;
        }
    }
    Ok(changes)
}

/// Whether the first lane's cursor can be continued without a gap.
pub(super) async fn resume(
    inner: &Arc<Inner>,
    cursor: Option<Cursor>,
    changes: &Changes,
) -> Result<Resume, StoreError> {
    let rev = changes.conversation.rev;
    let Some(cursor) = cursor else {
        return Ok(Resume::Snapshot);
    };
    if cursor.rev > rev {
        return Ok(Resume::Reset);
    }
    if changes.truncated {
        return Ok(Resume::Snapshot);
    }
    Ok(match (cursor.generation, &changes.newest) {
        (None, _) => Resume::Exact,
        (Some(held), Some(newest)) if held == ShortId::from(newest.id) => {
            if holds(inner, newest, cursor.seq).await? {
                Resume::Exact
            } else {
                Resume::Reset
            }
        }
        // An earlier generation: its end, and all since, came with later revs, or the viewer left between the message
        // that began the newest and the first of its text.
        (Some(_), Some(newest)) if cursor.rev < rev || !newest.status.is_terminal() => {
            Resume::Exact
        }
        (Some(_), _) => Resume::Snapshot,
    })
}

/// Whether a generation has a frame of this number. A frame may be stored, and shown by another instance, before its
/// writer has learned of its own commit: so memory alone cannot say no.
pub(super) async fn holds(
    inner: &Arc<Inner>,
    row: &GenerationRow,
    seq: u64,
) -> Result<bool, StoreError> {
    if row.status.is_terminal() {
        return Ok(seq <= row.last_seq);
    }
    let tail = inner.reading(row).await?.map_or(0, |log| log.tail());
    if seq <= tail {
        return Ok(true);
    }
    let stored = inner.journal.frames_after(row.no, seq - 1).await?;
    // Frames are dropped once the reply is stored: its end is about to be read.
    Ok(!stored.is_empty() || inner.is_over(row).await?)
}
