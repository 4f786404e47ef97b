//! What an earlier boot left behind: every reply that it was writing ends here, with the text that
//! the journal holds. Runs before anything is served, and may itself be killed and run again.

use std::sync::Arc;

use parlance_core::domain::{PartText, ProblemCode};

use super::{Inner, ending::Ending, finish};
use crate::port::{journal::Frame, store::StoreError};

pub(super) async fn recover(inner: &Arc<Inner>) -> Result<(), StoreError> {
    let rows = inner
        .store
        .unfinished_generations(inner.instance, inner.boot)
        .await?;
    let count = rows.len();
    for row in rows {
        let frames = inner.journal.frames(row.no).await?;
        let last_seq = frames.last().map_or(0, |frame| frame.seq);
        let no = row.no;
        let ending = Ending::Broken(ProblemCode::ServerRestart);
        let finish = finish::terminal(row, &ending, &strands(frames), last_seq, inner);
        inner.store.finish_generation(finish).await?;
        inner.journal.discard(&[no]).await?;
    }
    inner.journal.sweep().await?;
    if count > 0 {
        tracing::warn!(
            count,
            "replies that were being written when the server stopped are now interrupted"
        );
    }
    Ok(())
}

fn strands(frames: Vec<Frame>) -> Vec<PartText> {
    let mut parts: Vec<PartText> = Vec::new();
    for Frame { part, text, .. } in frames {
        match parts.iter_mut().find(|held| held.kind == part) {
            Some(held) => held.text.push_str(&text),
            None => parts.push(PartText { kind: part, text }),
        }
    }
    parts
}
