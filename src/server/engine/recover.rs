//! What the dead left behind: every reply that an ended process was writing ends here, with the text that the journal
//! holds, and every turn that had not begun is begun. At start before anything is served, and, where several instances
//! share a store, every few seconds for those that have fallen silent. May itself be killed and run again.

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{GenerationStatus, PartText, ProblemCode};

use super::{Inner, ending::Ending, finish, next};
use crate::port::{
    journal::Frame,
    store::{Finished, GenerationRow, StoreError},
};

/// Orphans in one read.
const BATCH: u32 = 200;
/// A writer that is still alive may go on while it is sealed: each try reads on.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// Ends or begins all that has no living owner.
///
/// # Errors
/// The store cannot be read, or something could not be ended; all that could be is.
pub(super) async fn recover(inner: &Arc<Inner>, code: ProblemCode) -> Result<(), StoreError> {
    let (mut ended, mut begun) = (0_usize, 0_usize);
    let mut failed = Ok(());
    loop {
        let ttl = inner.settings.times.instance_ttl;
        let rows = inner.store.orphans(inner.owner, ttl, BATCH).await?;
        if rows.is_empty() {
            break;
        }
        let before = ended + begun;
        for row in rows {
            if row.status == GenerationStatus::Queued {
                begun += usize::from(take_over(inner, row).await?);
                continue;
            }
            let id = row.id;
            match end(inner, row, code).await {
                Ok(()) => ended += 1,
                Err(error) => {
                    tracing::error!(%error, generation_id = %id, "a reply of a process that is gone could not be ended");
                    failed = Err(error);
                }
            }
        }
        if ended + begun == before {
            // Others are at the same work.
            break;
        }
    }
    if ended + begun > 0 {
        tracing::warn!(
            ended,
            begun,
            "replies of processes that are gone: ended with what they had, or begun if they had not been"
        );
    }
    failed
}

async fn end(inner: &Arc<Inner>, row: GenerationRow, code: ProblemCode) -> Result<(), StoreError> {
    let ending = Ending::broken(code);
    let Finished {
        won,
        generation,
        compared,
        ..
    } = seal(inner, row, &ending).await?;
    // Whoever ended it sees to what follows.
    if won {
        let goes_on = generation.last_seq > generation.kept_frames && !compared;
        next::after(inner, &generation, &ending, goes_on).await;
    }
    Ok(())
}

/// Makes a queued turn of another process this one's own, and begins it.
pub(super) async fn take_over(inner: &Arc<Inner>, row: GenerationRow) -> Result<bool, StoreError> {
    if *inner.draining.borrow() {
        return Ok(false);
    }
    // Without room here somebody else may have it, or there is at the next look.
    let provider = inner.provider(row.user_id, row.model_config_id).await;
    let Ok(ticket) = inner.ticket(row.user_id, &provider) else {
        return Ok(false);
    };
    if !inner
        .store
        .adopt(row.id, row.owner_boot, inner.owner)
        .await?
    {
        return Ok(false);
    }
    let owner_boot = inner.owner.boot;
    inner.start(GenerationRow { owner_boot, ..row }, ticket, None);
    Ok(true)
}

/// Runs a generation of this process's own that it does not know of: the commit that stored it was in doubt.
pub(super) async fn attend(inner: &Arc<Inner>, row: GenerationRow) {
    if inner.log(row.id).is_some() {
        return;
    }
    let provider = inner.provider(row.user_id, row.model_config_id).await;
    if let Ok(ticket) = inner.ticket(row.user_id, &provider) {
        tracing::warn!(generation_id = %row.id, "a turn that was stored without a word is begun");
        inner.start(row, ticket, None);
    }
}

/// Ends a generation that another process writes or wrote. The seal takes the number that the writer would use next, so
/// one of the two must collide: then the log is read on and the seal tried again behind it. Gives the row as it is
/// stored, whoever ended it.
pub(super) async fn seal(
    inner: &Arc<Inner>,
    row: GenerationRow,
    ending: &Ending,
) -> Result<Finished, StoreError> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut tries = 0;
    let finished = loop {
        let tail = frames.last().map_or(0, |frame| frame.seq);
        frames.extend(inner.journal.frames_after(row.no, tail).await?);
        if cut_at_gap(&mut frames) {
            tracing::error!(generation_id = %row.id, "the journal has a gap; what follows it is left out");
            // What follows would stand in the seal's way.
            inner.journal.discard(&[row.no]).await?;
        }
        let last_seq = frames.last().map_or(0, |frame| frame.seq);
        let finish = finish::terminal(row.clone(), ending, &strands(&frames), last_seq, inner);
        tries += 1;
        match inner.store.finish_generation(finish).await {
            Ok(finished) => break finished,
            Err(StoreError::Unavailable(detail)) if tries < TRIES => {
                tracing::debug!(generation_id = %row.id, detail, "sealing again");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    };
    inner.stored(row.conversation_id, row.user_id);
    inner.journal.discard(&[row.no]).await?;
    Ok(finished)
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
