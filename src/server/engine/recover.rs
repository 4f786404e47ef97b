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
        let no = row.no;
        let mut frames = inner.journal.frames(no).await?;
        if cut_at_gap(&mut frames) {
            tracing::error!(generation_id = %row.id, "the journal has a gap; what follows it is left out");
            // What follows would stand in the seal's way.
            inner.journal.discard(&[no]).await?;
        }
        let last_seq = frames.last().map_or(0, |frame| frame.seq);
        let ending = Ending::Broken(ProblemCode::ServerRestart);
        let finish = finish::terminal(row, &ending, &strands(&frames), last_seq, inner);
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

/// Keeps the frames up to the first gap; whether there was one. There is none unless the database itself lost what
/// it had acknowledged; text joined over one would be something that the model never said.
fn cut_at_gap(frames: &mut Vec<Frame>) -> bool {
    let whole = frames
        .iter()
        .zip(1..)
        .take_while(|(frame, seq)| frame.seq == *seq)
        .count();
    let gap = whole < frames.len();
    frames.truncate(whole);
    gap
}

fn strands(frames: &[Frame]) -> Vec<PartText> {
    let mut parts = Vec::new();
    for frame in frames {
        PartText::append(&mut parts, frame.part, &frame.text);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlance_core::domain::Part;

    #[test]
    fn text_is_never_joined_over_a_gap() {
        let frame = |seq: u64| Frame {
            generation_no: 1,
            seq,
            part: Part::Text,
            text: seq.to_string(),
        };
        let mut whole = vec![frame(1), frame(2)];
        assert!(!cut_at_gap(&mut whole));
        assert_eq!(strands(&whole)[0].text, "12");
        let mut broken = vec![frame(1), frame(3)];
        assert!(cut_at_gap(&mut broken));
        assert_eq!(strands(&broken)[0].text, "1");
    }
}
