//! The provider's body, turned into events that `async-openai` cannot stumble over, and no faster than
//! the reader takes them. Each event that leaves here becomes exactly one item of the crate's stream:
//! that is what the gate counts by.
//!
//! How the answer ended is told to the gate rather than as an error of the body, whose kind would be
//! lost on the way.

use std::{collections::VecDeque, convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use futures::{Stream, StreamExt, stream::BoxStream};
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::LlmError;
use serde_json::Value;
use tokio::time::{Sleep, timeout};

use super::{Timeouts, chunk, fault, frame::Framer, gate::Gate, mask::Mask, transport};

/// Bytes of the longest answer with its framing: the engine's own limit on text is far below.
const LONGEST: usize = 256 * 1024 * 1024;
/// Bytes that are kept to say what came in place of an answer.
const HEAD: usize = 4 * 1024;
/// Malformed events that are logged, per answer.
const LOGGED: usize = 3;

pub(super) struct Feed<B> {
    body: BoxStream<'static, Result<B, reqwest::Error>>,
    framer: Framer,
    ready: VecDeque<String>,
    gate: Arc<Gate>,
    /// Runs from the request on, until the first byte.
    first: Option<Pin<Box<Sleep>>>,
    timeouts: Timeouts,
    mask: Mask,
    /// Text has begun.
    spoke: bool,
    ended: bool,
    total: usize,
    sound: usize,
    malformed: usize,
    head: Vec<u8>,
}

enum Arrival<B> {
    Bytes(B),
    Broken(reqwest::Error),
    End,
    Late(LlmError),
}

impl<B: AsRef<[u8]> + Send + 'static> Feed<B> {
    pub(super) fn new(
        body: BoxStream<'static, Result<B, reqwest::Error>>,
        gate: Arc<Gate>,
        first: Pin<Box<Sleep>>,
        timeouts: Timeouts,
        mask: Mask,
    ) -> Self {
        Self {
            body,
            framer: Framer::default(),
            ready: VecDeque::new(),
            gate,
            first: Some(first),
            timeouts,
            mask,
            spoke: false,
            ended: false,
            total: 0,
            sound: 0,
            malformed: 0,
            head: Vec::new(),
        }
    }

    /// The events as bytes. Dropping it closes the provider's socket.
    pub(super) fn stream(self) -> impl Stream<Item = Result<String, Infallible>> + Send + 'static {
        futures::stream::unfold(self, |mut feed| async move {
            let event = feed.next().await?;
            Some((Ok(event), feed))
        })
    }

    async fn next(&mut self) -> Option<String> {
        loop {
            while let Some(payload) = self.ready.pop_front() {
                if let Some(payload) = self.sift(payload) {
                    self.gate.enter(payload.len()).await;
                    return Some(format!("data: {payload}\n\n"));
                }
            }
            if self.ended {
                return None;
            }
            match self.arrival().await {
                Arrival::Bytes(bytes) => self.take(bytes.as_ref()),
                Arrival::Broken(error) => self.fail(transport::reset(&error, &self.mask)),
                Arrival::Late(error) => self.fail(error),
                Arrival::End => {
                    self.ended = true;
                    self.ready.extend(self.framer.finish());
                    if self.ready.is_empty() {
                        self.judge();
                    }
                }
            }
        }
    }

    async fn arrival(&mut self) -> Arrival<B> {
        let limit = self.patience();
        let next = self.body.next();
        let item = if let Some(first) = self.first.as_mut() {
            tokio::select! {
                biased;
                item = next => item,
                () = first => return Arrival::Late(transport::late(self.timeouts.first_byte)),
            }
        } else {
            match timeout(limit, next).await {
                Ok(item) => item,
                Err(_) if self.spoke => return Arrival::Late(stalled(limit)),
                Err(_) => return Arrival::Late(transport::late(limit)),
            }
        };
        self.first = None;
        match item {
            Some(Ok(bytes)) => Arrival::Bytes(bytes),
            Some(Err(error)) => Arrival::Broken(error),
            None => Arrival::End,
        }
    }

    /// A model may think in silence before its first word, though the provider greeted at once.
    fn patience(&self) -> Duration {
        if self.spoke {
            self.timeouts.gap
        } else {
            self.timeouts.first_byte.max(self.timeouts.gap)
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.total += bytes.len();
        if self.sound == 0 {
            let room = HEAD - self.head.len();
            self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
        if self.framer.push(bytes, &mut self.ready).is_err() {
            self.fail(LlmError::new(
                ProblemCode::UpstreamInvalid,
                "a line is longer than 1 MiB",
            ));
        } else if self.total > LONGEST {
            self.fail(LlmError::new(
                ProblemCode::UpstreamInvalid,
                "the answer is longer than 256 MiB",
            ));
        }
    }

    /// Lets sound JSON through, and notes the end mark.
    fn sift(&mut self, payload: String) -> Option<String> {
        if payload.trim() == "[DONE]" {
            self.gate.done();
            self.ended = true;
            self.ready.clear();
            self.judge();
            return None;
        }
        // Parsed here as well as in the crate, since that one would log the text of what fails.
        match serde_json::from_str::<Value>(&payload) {
            Ok(value) => {
                self.sound += 1;
                self.spoke |= chunk::speaks(&value);
                Some(payload)
            }
            Err(_) if payload.trim().is_empty() => None,
            Err(error) => {
                self.malformed += 1;
                if self.malformed <= LOGGED {
                    let (line, column) = (error.line(), error.column());
                    tracing::warn!(
                        bytes = payload.len(),
                        line,
                        column,
                        "skipped a malformed chunk of the model's answer"
                    );
                }
                if self.ended && self.ready.is_empty() {
                    self.judge();
                }
                None
            }
        }
    }

    /// At the end: was there anything that deserves the name of an answer?
    fn judge(&mut self) {
        let silent =
            self.malformed == 0 && (self.gate.is_done() || self.head.trim_ascii().is_empty());
        if self.sound == 0 && !silent {
            self.gate.fail(fault::no_answer(&self.head, &self.mask));
        }
    }

    fn fail(&mut self, error: LlmError) {
        self.gate.fail(error);
        self.ended = true;
    }
}

fn stalled(limit: Duration) -> LlmError {
    LlmError::new(
        ProblemCode::UpstreamStalled,
        format!("silent for {limit:?} in mid-answer"),
    )
}
