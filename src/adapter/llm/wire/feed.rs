//! The provider's body to chunks, as the reader asks for them: nothing is read ahead, so a reader that
//! pauses holds the provider back, and what is pending is the bytes of one read. Bounds lines, silence
//! and the whole, and passes over what is malformed. What the chunks say is not known here.

use std::{marker::PhantomData, pin::Pin, time::Duration};

use futures::{StreamExt, stream::BoxStream};
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::LlmError;
use tokio::time::{Instant, Sleep};

use super::{
    Timeouts,
    chunk::Chunk,
    fault,
    frame::{Framer, TooLong},
    mask::Mask,
    transport,
};

/// Bytes of the longest answer with its framing: the engine's own limit on text is far below.
const LONGEST: usize = 256 * 1024 * 1024;
/// Bytes that are kept to say what came in place of an answer.
const HEAD: usize = 4 * 1024;
/// Malformed events that are logged, per answer.
const LOGGED: usize = 3;

/// Dropping it closes the provider's socket.
pub(crate) struct Feed<B, C> {
    body: BoxStream<'static, Result<B, reqwest::Error>>,
    /// What came last, as long as some of it is unread.
    bytes: Option<B>,
    /// Of those bytes, how many are read.
    read: usize,
    framer: Framer,
    /// Set for the first byte as long as that has not come. Later it may go off early and is set anew
    /// then: cheaper than once a chunk.
    alarm: Pin<Box<Sleep>>,
    /// The first byte has come.
    heard: bool,
    timeouts: Timeouts,
    mask: Mask,
    /// Text has begun.
    spoke: bool,
    /// The body is over.
    ended: bool,
    total: usize,
    sound: usize,
    malformed: usize,
    /// The beginning, until something sound has come.
    head: Vec<u8>,
    /// What payloads read as.
    chunks: PhantomData<fn() -> C>,
}

/// Why no further chunk comes.
#[derive(Debug)]
pub(crate) enum End {
    /// The protocol's own end mark.
    Marked,
    /// The body was over without one.
    Cut,
    Failed(LlmError),
}

impl<B: AsRef<[u8]>, C: Chunk> Feed<B, C> {
    /// `first` has run since the request, and ends when the first byte must be there.
    pub(crate) fn new(
        body: BoxStream<'static, Result<B, reqwest::Error>>,
        first: Pin<Box<Sleep>>,
        timeouts: Timeouts,
        mask: Mask,
    ) -> Self {
        Self {
            body,
            bytes: None,
            read: 0,
            framer: Framer::new(C::LONGEST),
            alarm: first,
            heard: false,
            timeouts,
            mask,
            spoke: false,
            ended: false,
            total: 0,
            sound: 0,
            malformed: 0,
            head: Vec::new(),
            chunks: PhantomData,
        }
    }

    /// The next sound chunk. After an end there is nothing to ask for.
    pub(crate) async fn next(&mut self) -> Result<C, End> {
        loop {
            while self.frame()? {
                if let Some(chunk) = self.sift()? {
                    return Ok(chunk);
                }
            }
            if self.ended {
                return Err(self.judge(End::Cut));
            }
            match self.arrival().await? {
                Some(bytes) => self.take(bytes)?,
                None => self.ended = true,
            }
        }
    }

    /// Whether another payload is complete.
    fn frame(&mut self) -> Result<bool, End> {
        if let Some(bytes) = &self.bytes {
            let bytes = bytes.as_ref();
            let mut rest = &bytes[self.read..];
            let complete = self.framer.take(&mut rest);
            self.read = bytes.len() - rest.len();
            if rest.is_empty() {
                // The memory belongs to the connection, which wants it back for the next read.
                self.bytes = None;
            }
            match complete {
                Ok(false) => {}
                Ok(true) => return Ok(true),
                Err(TooLong) => {
                    let most = C::LONGEST / (1024 * 1024);
                    return Err(invalid(&format!("a line is longer than {most} MiB")));
                }
            }
        }
        Ok(self.ended && self.framer.finish())
    }

    /// The next bytes, or none when the body is over. Only silence while this waits counts: a pause of
    /// the reader's is not the provider's.
    async fn arrival(&mut self) -> Result<Option<B>, End> {
        let limit = self.patience();
        let due = if self.heard {
            Instant::now() + limit
        } else {
            self.alarm.deadline()
        };
        if self.alarm.deadline() > due {
            self.alarm.as_mut().reset(due);
        }
        let item = loop {
            tokio::select! {
                biased;
                item = self.body.next() => break item,
                () = self.alarm.as_mut() => {
                    if Instant::now() >= due {
                        return Err(End::Failed(self.late(limit)));
                    }
                    self.alarm.as_mut().reset(due);
                }
            }
        };
        self.heard = true;
        match item {
            Some(Ok(bytes)) => Ok(Some(bytes)),
            Some(Err(error)) => Err(End::Failed(transport::reset(&error, &self.mask))),
            None => Ok(None),
        }
    }

    /// A model may think in silence before its first word, though the provider greeted at once.
    fn patience(&self) -> Duration {
        if self.spoke {
            self.timeouts.gap
        } else if self.heard {
            self.timeouts.first_byte.max(self.timeouts.gap)
        } else {
            self.timeouts.first_byte
        }
    }

    fn late(&self, limit: Duration) -> LlmError {
        if self.spoke {
            let detail = format!("silent for {limit:?} in mid-answer");
            LlmError::new(ProblemCode::UpstreamStalled, detail)
        } else {
            transport::late(limit)
        }
    }

    fn take(&mut self, bytes: B) -> Result<(), End> {
        let all = bytes.as_ref();
        self.total += all.len();
        if self.total > LONGEST {
            return Err(invalid("the answer is longer than 256 MiB"));
        }
        if self.sound == 0 {
            let room = HEAD - self.head.len();
            self.head.extend_from_slice(&all[..all.len().min(room)]);
        }
        self.bytes = Some(bytes);
        self.read = 0;
        Ok(())
    }

    /// Lets sound JSON through, and stops at the end mark.
    fn sift(&mut self) -> Result<Option<C>, End> {
        let payload = self.framer.payload();
        let payload = payload.trim();
        if payload == "[DONE]" {
            return Err(self.judge(End::Marked));
        }
        if payload.is_empty() {
            return Ok(None);
        }
        match C::parse(payload) {
            Ok(chunk) => {
                if self.sound == 0 {
                    self.head = Vec::new();
                }
                self.sound += 1;
                self.spoke = self.spoke || chunk.speaks();
                Ok(Some(chunk))
            }
            Err(error) => {
                self.malformed += 1;
                if self.malformed <= LOGGED {
                    // Where it is malformed, and no word of what the model wrote.
                    let (line, column) = (error.line(), error.column());
                    tracing::warn!(
                        bytes = payload.len(),
                        line,
                        column,
                        "skipped a malformed chunk of the model's answer"
                    );
                }
                Ok(None)
            }
        }
    }

    /// At the end: was there anything that deserves the name of an answer?
    fn judge(&self, end: End) -> End {
        let is_marked = matches!(end, End::Marked);
        let silent = self.malformed == 0 && (is_marked || self.head.trim_ascii().is_empty());
        if self.sound > 0 || silent {
            end
        } else {
            End::Failed(fault::no_answer(&self.head, &self.mask))
        }
    }
}

fn invalid(detail: &str) -> End {
    End::Failed(LlmError::new(ProblemCode::UpstreamInvalid, detail))
}
