//! Everything that is a person's, as one JSON document that is written while it is read: no more of it is in memory
//! than one batch of messages.
//!
//! A document is whole or visibly broken: where reading fails, or the session ends meanwhile, the stream ends in an
//! error and what was sent is no JSON.

mod writer;

use std::{
    collections::HashSet,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::Stream;
use parlance_core::domain::{ProblemCode, UserId};
use tokio::sync::mpsc;

use crate::{
    port::{clock::Clock, store::Store},
    service::{
        Client, Error, Viewer,
        audit::{Audit, Entry, Kind},
    },
};
use writer::{Stop, Writer};

/// When another one of the same person may be through.
const COME_BACK: Duration = Duration::from_secs(10);

/// Lets people take along what is theirs.
#[derive(Clone)]
pub struct Exports {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    audit: Audit,
    running: Running,
}

impl Exports {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, audit: Audit) -> Self {
        Self {
            store,
            clock,
            audit,
            running: Running::default(),
        }
    }

    /// The viewer's account with everything in it, what is in the bin too. One at a time.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key; `Later(RateLimited)` while another one of this person is being written.
    pub async fn begin(&self, viewer: &Viewer, client: &Client) -> Result<Export, Error> {
        self.audit.in_person(viewer).await?;
        let place = self.running.enter(viewer.user.id);
        let place = place.ok_or(Error::Later(ProblemCode::RateLimited, COME_BACK))?;
        let (pieces, taken) = mpsc::channel(1);
        let mut writer = Writer::new(
            self.store.clone(),
            self.clock.clone(),
            viewer.clone(),
            pieces,
        );
        // A storage that does not answer at all is a refusal.
        let first = writer.conversations(None).await?;
        let entry = Entry::new(Kind::Exported).by(viewer.user.id).from(client);
        self.audit.record(entry).await;
        tokio::spawn(async move {
            let _place = place;
            match writer.document(first).await {
                Ok(()) => {}
                Err(Stop::Left) => tracing::debug!("the reader of an export has left"),
                Err(Stop::Failed(error)) => {
                    tracing::error!(%error, "an export broke off");
                    // Who has left meanwhile need not be told.
                    let _ = writer.send(Piece::Broken).await;
                }
            }
        });
        Ok(Export {
            pieces: taken,
            is_over: false,
        })
    }
}

/// The document, piece by piece.
pub struct Export {
    pieces: mpsc::Receiver<Piece>,
    is_over: bool,
}

/// The rest of the document does not come.
#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
pub struct BrokenOff;

enum Piece {
    Bytes(Vec<u8>),
    End,
    Broken,
}

impl Stream for Export {
    type Item = Result<Vec<u8>, BrokenOff>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let piece = ready!(self.pieces.poll_recv(cx));
        self.is_over = !matches!(piece, Some(Piece::Bytes(_)));
        Poll::Ready(match piece {
            Some(Piece::Bytes(bytes)) => Some(Ok(bytes)),
            Some(Piece::End) => None,
            // A writer that is gone without a word has panicked.
            Some(Piece::Broken) | None => Some(Err(BrokenOff)),
        })
    }
}

/// Whose exports this process is writing.
#[derive(Clone, Default)]
struct Running(Arc<Mutex<HashSet<UserId>>>);

impl Running {
    fn enter(&self, who: UserId) -> Option<Place> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(who).then(|| Place {
            running: self.clone(),
            who,
        })
    }
}

struct Place {
    running: Running,
    who: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self
            .running
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.who);
    }
}
