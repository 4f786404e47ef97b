//! One generation from its place in the line to the last byte heard.

use std::sync::Arc;

use futures::StreamExt;
use parlance_core::domain::{
    GenerationStatus, Message, Part, Problem, ProblemCode, event::Fare, lane::FIRST,
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    Inner,
    admission::Ticket,
    backoff,
    ending::Ending,
    log::{Log, Progress, Pushed},
    models,
    overlap::Overlap,
    prompt, summary, title,
};
use crate::port::llm::{LlmError, Model, Piece, Prompt};

/// Runs in a task of its own, so that no viewer's leaving ends it, and a panic ends only it. The ticket goes with it:
/// whatever ends the task gives the permit back.
pub(super) fn spawn(inner: Arc<Inner>, log: Arc<Log>, ticket: Ticket) {
    tokio::spawn(async move {
        let outcome = tokio::spawn(run(inner.clone(), log.clone(), ticket)).await;
        if let Err(error) = outcome {
            tracing::error!(%error, generation_id = %log.row.id, "generation task died");
            inner.end(&log, Ending::broken(ProblemCode::Internal));
        }
    });
}

async fn run(inner: Arc<Inner>, log: Arc<Log>, mut ticket: Ticket) {
    let live = async {
        let kept = match keep(&inner, &log).await {
            Ok(kept) => kept,
            Err(ending) => return inner.end(&log, ending),
        };
        if !Box::pin(admitted(&inner, &log, &mut ticket)).await {
            return inner.let_go(&log);
        }
        match begin(&inner, &log).await {
            Ok(true) => {}
            Ok(false) => return inner.let_go(&log),
            Err(ending) => return inner.end(&log, ending),
        }
        let ending = timeout(inner.settings.times.generation, speak(&inner, &log, kept))
            .await
            // Our cap, not the model's.
            .unwrap_or_else(|_| Ending::broken(ProblemCode::OutputLimit));
        inner.end(&log, ending);
    };
    tokio::select! {
        // Dropping the other branch drops the provider's stream, which closes its socket.
        () = log.closed() => {}
        () = live => {}
    }
}

/// Begins a continuation with the text that it goes on from, before anything else: viewers are shown nothing of it until
/// that is committed, so that what they see never shrinks.
async fn keep(inner: &Inner, log: &Arc<Log>) -> Result<Option<Box<Message>>, Ending> {
    let row = &log.row;
    let Some(id) = row.continues_message_id else {
        return Ok(None);
    };
    let kept = match inner.store.message(row.user_id, id).await {
        Ok(Some(kept)) => kept,
        Ok(None) => return Err(Ending::broken(ProblemCode::NotFound)),
        Err(error) => return Err(unread(log, &error)),
    };
    log.keep(&kept);
    inner.writer.mark(log);
    Ok(Some(Box::new(kept)))
}

/// Waits in the line, telling viewers how long it is. `false` when the process is about to end: the turn has not
/// begun, so whoever comes next can begin it.
async fn admitted(inner: &Inner, log: &Log, ticket: &mut Ticket) -> bool {
    if log.row.status == GenerationStatus::Queued && *inner.draining.borrow() {
        return false;
    }
    let mut position = ticket.position();
    let mut draining = inner.draining.subscribe();
    while !ticket.is_admitted() {
        let place = *position.borrow_and_update();
        inner.tell(log, Progress::queued(place));
        tokio::select! {
            () = ticket.admitted() => {}
            Ok(()) = position.changed() => {}
            _ = draining.wait_for(|draining| *draining) => return false,
        }
    }
    true
}

/// Stores that a turn which was queued begins. `false` when another process has taken it over meanwhile.
async fn begin(inner: &Inner, log: &Log) -> Result<bool, Ending> {
    let row = &log.row;
    if row.status != GenerationStatus::Queued {
        return Ok(true);
    }
    let boot = inner.owner.boot;
    let now = inner.clock.now();
    let begun = inner.store.start_generation(row.id, boot, now).await;
    if begun.map_err(|error| unread(log, &error))? {
        return Ok(true);
    }
    let stored = inner.store.generation(row.user_id, row.id).await;
    match stored.map_err(|error| unread(log, &error))? {
        Some(stored) if !stored.status.is_terminal() && stored.owner_boot != boot => Ok(false),
        // Stopped while it waited: what is stored is the truth, and ending it finds that out.
        _ => Err(Ending::broken(ProblemCode::OwnerLost)),
    }
}

async fn speak(inner: &Arc<Inner>, log: &Arc<Log>, kept: Option<Box<Message>>) -> Ending {
    let row = &log.row;
    inner.tell(log, Progress::of(Fare::Starting));
    // In a box, as is the wait above: a task is as large as the largest of what it waits for, and lasts longest in `ask`.
    let model = match Box::pin(models::of(inner, log)).await {
        Ok(model) => model,
        Err(ending) => return ending,
    };
    log.note_asked(&model);
    let building = Box::pin(prompt::build(
        inner,
        row,
        kept.as_deref(),
        model.llm.as_ref(),
    ));
    let mut built = match building.await {
        Ok(Ok(built)) => built,
        Ok(Err(problem)) => return Ending::Broken(problem),
        Err(error) => return unread(log, &error),
    };
    built.prompt.parameters = model.parameters_for(&row.parameters);
    // One name is enough, and one summary of what was said before.
    let leads = row.lane == FIRST;
    if let Some(first) = built.first_message.as_ref().filter(|_| leads) {
        title::spawn(inner.clone(), row.clone(), model.clone(), first.clone());
    }
    let mut overlap = kept
        .filter(|_| built.prompt.prefix.is_none())
        .map(|kept| Overlap::new(&kept.content));
    let ending = ask(inner, log, &model, &built.prompt, &mut overlap).await;
    if let Some(rest) = overlap.and_then(|mut overlap| overlap.finish()) {
        log.push(Part::Text, &rest, || inner.clock.now());
    }
    if leads && matches!(ending, Ending::Completed { .. }) {
        summary::spawn(inner.clone(), row.clone(), model, built);
    }
    ending
}

/// Asks, and asks again as long as nothing was said: text that was shown once must not come twice.
async fn ask(
    inner: &Inner,
    log: &Arc<Log>,
    model: &Model,
    prompt: &Prompt,
    overlap: &mut Option<Overlap>,
) -> Ending {
    let times = &inner.settings.times;
    let provider = &model.provider;
    let mut attempt = 1;
    loop {
        let error = match inner.breaker.allow(provider, Instant::now()) {
            Err(wait) => {
                let problem = Problem::new(ProblemCode::UpstreamConnect);
                return Ending::Broken(problem.retry_after(wait));
            }
            Ok(()) => match listen(inner, log, model, prompt.clone(), overlap).await {
                Ok(ending) => {
                    inner.breaker.record(provider, true, Instant::now());
                    return ending;
                }
                Err(error) => error,
            },
        };
        let sound = !backoff::blames_provider(error.code);
        inner.breaker.record(provider, sound, Instant::now());
        tracing::warn!(
            generation_id = %log.row.id,
            attempt,
            code = ?error.code,
            detail = %error.detail,
            "the provider failed"
        );
        let again = (!log.has_news() && backoff::may_repeat(error.code))
            .then(|| {
                let dice = inner.spread.next();
                backoff::pause(
                    attempt,
                    times.retry_base,
                    error.retry_after,
                    times.retry_after_longest,
                    dice,
                )
            })
            .flatten();
        let Some(pause) = again else {
            return failed(&error);
        };
        attempt += 1;
        inner.tell(log, Progress::retrying(attempt, pause));
        sleep(pause).await;
        inner.tell(log, Progress::of(Fare::Starting));
    }
}

async fn listen(
    inner: &Inner,
    log: &Arc<Log>,
    model: &Model,
    prompt: Prompt,
    overlap: &mut Option<Overlap>,
) -> Result<Ending, LlmError> {
    if let Some(overlap) = overlap {
        overlap.restart();
    }
    let silence = inner.settings.times.upstream_stall_notice;
    let stalled = sleep(silence);
    tokio::pin!(stalled);
    let mut pieces = {
        // Ends with this block, and its memory with it: the answer takes longer than the asking.
        let mut asking = model.llm.ask(prompt);
        loop {
            tokio::select! {
                pieces = &mut asking => break pieces?,
                () = &mut stalled, if !stalled.is_elapsed() => inner.tell(log, Progress::of(Fare::Stalled)),
            }
        }
    };
    let mut finish_reason = None;
    loop {
        let piece = tokio::select! {
            biased;
            piece = pieces.next() => piece,
            () = &mut stalled, if !stalled.is_elapsed() => {
                inner.tell(log, Progress::of(Fare::Stalled));
                continue;
            }
        };
        let (part, text) = match piece {
            None => break,
            Some(Ok(Piece::Text { part, text })) => (part, text),
            Some(Ok(Piece::Model(model))) => {
                log.note_model(model);
                continue;
            }
            Some(Ok(Piece::Usage(usage))) => {
                log.note_usage(usage);
                continue;
            }
            Some(Ok(Piece::Finish(reason))) => {
                finish_reason = Some(reason);
                continue;
            }
            // After the end mark only the count of tokens can be lost.
            Some(Err(_)) if finish_reason.is_some() => break,
            Some(Err(error)) => return Err(error),
        };
        let text = match overlap {
            Some(overlap) if part == Part::Text => overlap.push(&text),
            _ => text,
        };
        stalled.as_mut().reset(Instant::now() + silence);
        if text.is_empty() {
            continue;
        }
        if let Some(ending) = take(inner, log, part, &text).await {
            return Ok(ending);
        }
    }
    match finish_reason {
        Some(finish_reason) => Ok(Ending::Completed { finish_reason }),
        None => Err(LlmError::new(
            ProblemCode::UpstreamTruncated,
            "the stream ended without an end mark",
        )),
    }
}

/// Puts text into the log; an ending when it takes no more.
async fn take(inner: &Inner, log: &Arc<Log>, part: Part, text: &str) -> Option<Ending> {
    let pushed = log.push(part, text, || inner.clock.now());
    log.set_progress(Progress::of(Fare::Streaming));
    inner.writer.mark(log);
    match pushed {
        Pushed::Taken => None,
        Pushed::Full => {
            log.room().await;
            None
        }
        Pushed::TooLong => Some(Ending::broken(ProblemCode::OutputLimit)),
        // `run` is about to drop us.
        Pushed::Closed => Some(Ending::Stopped),
    }
}

fn failed(error: &LlmError) -> Ending {
    let problem = Problem::new(error.code);
    Ending::Broken(match error.retry_after {
        Some(wait) => problem.retry_after(wait),
        None => problem,
    })
}

fn unread(log: &Log, error: &crate::port::store::StoreError) -> Ending {
    tracing::error!(%error, generation_id = %log.row.id, "the store could not be read for a reply");
    Ending::broken(ProblemCode::StorageUnavailable)
}
