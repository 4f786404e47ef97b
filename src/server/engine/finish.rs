//! The end of a generation: one transaction, repeated until the store takes it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use parlance_core::domain::event::Fare;
use parlance_core::domain::{GenerationId, GenerationStatus, Part, PartText, Stopped};

use super::{
    Inner,
    ending::Ending,
    log::{Log, Progress},
    next,
};
use crate::port::store::{Finish, Finished, GenerationRow, Reply, StoreError};

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Sees to it that the generation ends, whatever happens: a reply that nobody ends would keep its conversation busy.
pub(super) async fn finish(inner: Arc<Inner>, log: Arc<Log>, ending: Ending) {
    let mut pause = SHORTEST_PAUSE;
    // Whoever tries again is told by the store that it has ended, if it had.
    while AssertUnwindSafe(end(&inner, &log, &ending))
        .catch_unwind()
        .await
        .is_err()
    {
        tracing::error!(generation_id = %log.row.id, "ending a reply broke off; it is tried again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    tokio::time::sleep(inner.settings.times.linger).await;
    forget(&inner, log.row.id);
}

async fn end(inner: &Arc<Inner>, log: &Arc<Log>, ending: &Ending) {
    inner.tell(log, Progress::of(Fare::Saving));
    let (mut won, mut compared) = (false, false);
    let end = match store(inner, log, ending).await {
        Some(finished) => {
            (won, compared) = (finished.won, finished.compared);
            if won {
                announce(&finished);
                // No receiver only means that nobody is told.
                let _ = inner.ended.send(finished.generation.clone());
            }
            Stopped {
                status: finished.generation.status,
                seq: finished.generation.last_seq,
                message_id: finished.message.as_ref().map(|message| message.id),
            }
        }
        None => Stopped {
            status: GenerationStatus::Cancelled,
            seq: log.tail(),
            message_id: None,
        },
    };
    inner.stored(log.row.conversation_id, log.row.user_id);
    // Another reply beside those that are compared would end the comparing.
    let goes_on = log.tail() > log.row.kept_frames && !compared;
    if *inner.draining.borrow() {
        // The process ends when all have settled: what follows must be stored by then.
        if won {
            next::after(inner, &log.row, ending, goes_on).await;
        }
        log.settle(end);
    } else {
        log.settle(end);
        if won {
            next::after(inner, &log.row, ending, goes_on).await;
        }
    }
    inner.rubbish.add(&[log.row.no]);
}

/// What the terminal transaction writes, from committed frames alone.
pub(super) fn terminal(
    generation: GenerationRow,
    ending: &Ending,
    parts: &[PartText],
    last_seq: u64,
    inner: &Inner,
) -> Finish {
    let strand = |kind| {
        parts
            .iter()
            .find(|part| part.kind == kind)
            .map(|part| part.text.clone())
    };
    let verdict = ending.verdict(last_seq > generation.kept_frames);
    Finish {
        generation,
        status: verdict.status,
        last_seq,
        reply: verdict.message.map(|status| Reply {
            content: strand(Part::Text).unwrap_or_default(),
            reasoning: strand(Part::Reasoning),
            status,
        }),
        error: verdict.error,
        finish_reason: match ending {
            Ending::Completed { finish_reason } => Some(finish_reason.clone()),
            Ending::Stopped | Ending::Broken(_) => None,
        },
        model: None,
        usage: None,
        cost_micros: None,
        first_token_at: None,
        ended_at: inner.clock.now(),
    }
}

fn end_of(inner: &Inner, log: &Log, ending: &Ending) -> Finish {
    let (parts, last_seq) = log.text_so_far();
    let facts = log.facts();
    Finish {
        cost_micros: facts.cost_micros(),
        model: facts.model,
        usage: facts.usage,
        first_token_at: facts.first_token_at,
        ..terminal(log.row.clone(), ending, &parts, last_seq, inner)
    }
}

/// `None` when the conversation is gone for good.
async fn store(inner: &Inner, log: &Log, ending: &Ending) -> Option<Finished> {
    let mut finish = end_of(inner, log, ending);
    let mut pause = SHORTEST_PAUSE;
    loop {
        match inner.store.finish_generation(finish.clone()).await {
            Ok(finished) => return Some(finished),
            Err(StoreError::NotFound) => return None,
            Err(error) => {
                tracing::error!(%error, generation_id = %finish.generation.id, "end not stored yet");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                if read_on(inner, log).await {
                    finish = end_of(inner, log, ending);
                }
            }
        }
    }
}

/// An append that was given up because nobody knew its outcome may have been committed after all, and its frames
/// then stand where the seal should. Takes them in; whether there were any.
async fn read_on(inner: &Inner, log: &Log) -> bool {
    let tail = log.tail();
    let frames = match inner.journal.frames_after(log.row.no, tail).await {
        Ok(frames) => frames,
        Err(error) => {
            tracing::warn!(%error, generation_id = %log.row.id, "journal not read");
            return false;
        }
    };
    log.commit(&frames);
    inner.hub.written(log.row.conversation_id);
    !frames.is_empty()
}

fn announce(finished: &Finished) {
    let row = &finished.generation;
    let usage = finished.message.as_ref().and_then(|message| message.usage);
    tracing::info!(
        generation_id = %row.id,
        user_id = %row.user_id,
        status = row.status.as_str(),
        code = ?row.error.as_ref().map(|error| error.code),
        frames = row.last_seq,
        tokens_used = usage.map(|usage| usage.prompt_tokens.saturating_add(usage.completion_tokens)),
        "reply ended"
    );
}

fn forget(inner: &Inner, id: GenerationId) {
    inner.logs().remove(&id);
}
