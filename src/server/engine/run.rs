//! One generation from the first byte asked to the last byte heard.

use std::sync::Arc;

use futures::StreamExt;
use parlance_core::domain::ProblemCode;
use parlance_core::domain::event::Fare;

use super::{
    Inner,
    ending::Ending,
    log::{Log, Pushed},
    prompt,
};
use crate::port::llm::{LlmError, Piece};

/// Runs in a task of its own, so that no viewer's leaving ends it, and a panic ends only it.
pub(super) fn spawn(inner: Arc<Inner>, log: Arc<Log>) {
    tokio::spawn(async move {
        let outcome = tokio::spawn(run(inner.clone(), log.clone())).await;
        if let Err(error) = outcome {
            tracing::error!(%error, generation_id = %log.row.id, "generation task died");
            inner.end(&log, Ending::Broken(ProblemCode::Internal));
        }
    });
}

async fn run(inner: Arc<Inner>, log: Arc<Log>) {
    tokio::select! {
        // Dropping the other branch drops the provider's stream, which closes its socket.
        () = log.closed() => {}
        ending = listen(&inner, &log) => inner.end(&log, ending),
    }
}

async fn listen(inner: &Inner, log: &Arc<Log>) -> Ending {
    tell(inner, log, Fare::Queued);
    let Ok(_permit) = inner.permits.acquire().await else {
        return Ending::Broken(ProblemCode::Draining);
    };
    tell(inner, log, Fare::Starting);
    let prompt = match prompt::build(inner, &log.row).await {
        Ok(prompt) => prompt,
        Err(error) => {
            tracing::error!(%error, generation_id = %log.row.id, "prompt not built");
            return Ending::Broken(ProblemCode::StorageUnavailable);
        }
    };
    let mut pieces = match inner.llm.ask(prompt).await {
        Ok(pieces) => pieces,
        Err(error) => return broken(log, &error),
    };
    let mut finish_reason = None;
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(Piece::Text { text, .. }) if text.is_empty() => {}
            Ok(Piece::Text { part, text }) => {
                let pushed = log.push(part, &text, || inner.clock.now());
                if log.fare() != Some(Fare::Streaming) {
                    log.set_fare(Fare::Streaming);
                }
                inner.writer.mark(log);
                match pushed {
                    Pushed::Taken => {}
                    Pushed::Full => log.room().await,
                    Pushed::TooLong => return Ending::Broken(ProblemCode::OutputLimit),
                    // `run` is about to drop us.
                    Pushed::Closed => return Ending::Stopped,
                }
            }
            Ok(Piece::Model(model)) => log.note_model(model),
            Ok(Piece::Usage(usage)) => log.note_usage(usage),
            Ok(Piece::Finish(reason)) => finish_reason = Some(reason),
            // After the end mark only the count of tokens can be lost.
            Err(_) if finish_reason.is_some() => break,
            Err(error) => return broken(log, &error),
        }
    }
    match finish_reason {
        Some(finish_reason) => Ending::Completed { finish_reason },
        None => Ending::Broken(ProblemCode::UpstreamTruncated),
    }
}

fn tell(inner: &Inner, log: &Log, fare: Fare) {
    log.set_fare(fare);
    inner.hub.written(log.row.conversation_id);
}

fn broken(log: &Log, error: &LlmError) -> Ending {
    tracing::warn!(
        generation_id = %log.row.id,
        code = ?error.code,
        detail = %error.detail,
        "the provider failed"
    );
    Ending::Broken(error.code)
}
