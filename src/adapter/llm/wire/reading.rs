//! Chunks to the port's stream of pieces, and the verdict at its end (streaming design, B.8): a finish reason or the
//! protocol's end mark is an end; without either the stream just ends, which the engine takes for a cut.

use std::{collections::VecDeque, time::Duration};

use futures::StreamExt;
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::{LlmError, Piece, Pieces};
use tokio::time::timeout;

use super::{
    chunk::{Chunk, FILTERED, STOP},
    fault,
    feed::{End, Feed},
    mask::Mask,
    notes::Notes,
};

/// After the finish reason only the counts are to come. Who neither sends them nor an end mark nor closes
/// is not waited for longer than this.
const TAIL: Duration = Duration::from_secs(5);

/// The pieces of one answer; usage and the finish reason come last. Dropping it closes the socket.
pub(crate) fn pieces<B, C>(feed: Feed<B, C>, mask: Mask) -> Pieces
where
    B: AsRef<[u8]> + Send + 'static,
    C: Chunk,
{
    // In a box, since the future of each piece would have room for it a second time.
    let reading = Box::new(Reading {
        feed: Some(feed),
        sorter: Sorter::new(mask),
    });
    futures::stream::unfold(reading, |mut reading| async move {
        let piece = reading.next().await?;
        Some((piece, reading))
    })
    .boxed()
}

/// The pieces of an answer that came all at once.
pub(crate) fn whole(chunk: impl Chunk, mask: Mask) -> Pieces {
    let mut sorter = Sorter::new(mask);
    let end = sorter.take(chunk).unwrap_or(End::Marked);
    sorter.end(end);
    futures::stream::iter(sorter.ready).boxed()
}

struct Reading<B, C> {
    /// `None` once the answer is over.
    feed: Option<Feed<B, C>>,
    sorter: Sorter,
}

impl<B: AsRef<[u8]>, C: Chunk> Reading<B, C> {
    async fn next(&mut self) -> Option<Result<Piece, LlmError>> {
        loop {
            if let Some(piece) = self.sorter.ready.pop_front() {
                return Some(piece);
            }
            let next = self.feed.as_mut()?.next();
            let item = if self.sorter.notes.finish.is_some() {
                timeout(TAIL, next).await.unwrap_or(Err(End::Cut))
            } else {
                next.await
            };
            let end = match item {
                Ok(chunk) => self.sorter.take(chunk),
                Err(end) => Some(end),
            };
            if let Some(end) = end {
                self.feed = None;
                self.sorter.end(end);
            }
        }
    }
}

struct Sorter {
    mask: Mask,
    notes: Notes,
    ready: VecDeque<Result<Piece, LlmError>>,
}

impl Sorter {
    fn new(mask: Mask) -> Self {
        Self {
            mask,
            notes: Notes::default(),
            ready: VecDeque::new(),
        }
    }

    /// Sorts what a chunk says, or says why it ends the answer.
    fn take(&mut self, chunk: impl Chunk) -> Option<End> {
        let told = fault::told(chunk.error(), &self.mask);
        if let Some(error) = told {
            return Some(End::Failed(error));
        }
        let ends = chunk.ends();
        self.notes
            .read(chunk, |piece| self.ready.push_back(Ok(piece)));
        ends.then_some(End::Marked)
    }

    /// Says how it ended. What went wrong after the finish reason does not matter: the answer was
    /// whole.
    fn end(&mut self, end: End) {
        self.ready
            .extend(self.notes.counts.usage().map(Piece::Usage).map(Ok));
        let finish = match (self.notes.finish.take(), end) {
            (Some(reason), _) => Some(self.verdict(reason)),
            (None, End::Failed(error)) => Some(Err(error)),
            (None, End::Marked) => Some(Ok(Piece::Finish(STOP.to_owned()))),
            (None, End::Cut) => None,
        };
        self.ready.extend(finish);
    }

    fn verdict(&self, reason: String) -> Result<Piece, LlmError> {
        let code = match reason.as_str() {
            "error" => ProblemCode::Upstream5xx,
            FILTERED if !self.notes.has_text => ProblemCode::ContentFiltered,
            _ => return Ok(Piece::Finish(reason)),
        };
        Err(LlmError::new(code, format!("finish_reason is {reason}")))
    }
}
