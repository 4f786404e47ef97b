//! The crate's stream of JSON chunks to the port's stream of pieces, and the verdict at its end
//! (streaming design, B.8): a finish reason or `[DONE]` is an end; without either the stream just ends,
//! which the engine takes for a cut.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_openai::types::stream::StreamResponse;
use futures::StreamExt;
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::{LlmError, Piece, Pieces};
use serde_json::Value;
use tokio::time::timeout;

use super::{chunk::Notes, fault, gate::Gate, mask::Mask};

/// After the finish reason only the counts are to come. Who neither sends them nor `[DONE]` nor closes
/// is not waited for longer than this.
const TAIL: Duration = Duration::from_secs(5);

/// The pieces of one answer; usage and the finish reason come last. Dropping it closes the socket.
pub(super) fn pieces(chunks: StreamResponse<Value>, gate: Arc<Gate>, mask: Mask) -> Pieces {
    let reading = Reading {
        chunks: Some(chunks),
        gate,
        mask,
        notes: Notes::default(),
        ready: VecDeque::new(),
    };
    futures::stream::unfold(reading, |mut reading| async move {
        let piece = reading.next().await?;
        Some((piece, reading))
    })
    .boxed()
}

struct Reading {
    /// `None` once the answer is over.
    chunks: Option<StreamResponse<Value>>,
    gate: Arc<Gate>,
    mask: Mask,
    notes: Notes,
    ready: VecDeque<Result<Piece, LlmError>>,
}

impl Reading {
    async fn next(&mut self) -> Option<Result<Piece, LlmError>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            let next = self.chunks.as_mut()?.next();
            let item = if self.notes.finish.is_some() {
                timeout(TAIL, next).await.unwrap_or_default()
            } else {
                next.await
            };
            match item {
                Some(item) => {
                    self.gate.took();
                    match item {
                        Ok(chunk) => self.take(&chunk),
                        Err(_) => tracing::warn!(
                            "skipped a chunk of the model's answer that could not be read"
                        ),
                    }
                }
                None => self.end(None),
            }
        }
    }

    fn take(&mut self, chunk: &Value) {
        if let Some(error) = fault::told(chunk, &self.mask) {
            self.end(Some(error));
        } else {
            self.ready
                .extend(self.notes.read(chunk).into_iter().map(Ok));
        }
    }

    /// Closes the socket and says how it ended. What went wrong after the finish reason does not
    /// matter: the answer was whole.
    fn end(&mut self, told: Option<LlmError>) {
        self.chunks = None;
        self.ready
            .extend(self.notes.usage.map(Piece::Usage).map(Ok));
        let finish = match (told, self.notes.finish.take()) {
            (_, Some(reason)) => Some(self.verdict(reason)),
            (Some(error), None) => Some(Err(error)),
            (None, None) => match self.gate.fault() {
                Some(error) => Some(Err(error)),
                None => self
                    .gate
                    .is_done()
                    .then(|| Ok(Piece::Finish("stop".to_owned()))),
            },
        };
        self.ready.extend(finish);
    }

    fn verdict(&self, reason: String) -> Result<Piece, LlmError> {
        let code = match reason.as_str() {
            "error" => ProblemCode::Upstream5xx,
            "content_filter" if !self.notes.has_text => ProblemCode::ContentFiltered,
            _ => return Ok(Piece::Finish(reason)),
        };
        Err(LlmError::new(code, format!("finish_reason is {reason}")))
    }
}
