//! The audit log: who did what, when and from where. Append-only, each row tied to the one before.
//!
//! Must not enter: what people write to each other or to models, and what opens doors. A note is a word, a number or an
//! id; where it must be a text that somebody typed (a name, a user agent), it is cut, and its control characters are
//! written out.

mod entry;
mod kind;
mod line;
mod verify;

use std::sync::Arc;

use parlance_core::domain::ProblemCode;
use tokio::sync::{mpsc, oneshot};

pub use entry::Entry;
pub use kind::Kind;
pub use verify::{Fault, Verified, verify};

pub use crate::port::store::AuditEvent;

use super::{Admin, Client, Error, Viewer};
use crate::port::{clock::Clock, store::Store};
use line::{Rare, Waiting};

/// Entries that may wait for the database; beyond, those who record wait too.
const WAITING: usize = 1_024;
/// Most rows of a page.
const PAGE: u32 = 100;

/// The audit log.
#[derive(Clone)]
pub struct Audit {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    line: mpsc::Sender<Waiting>,
    rare: Arc<Rare>,
}

/// Rows of the log, the newest first.
pub struct AuditPage {
    pub events: Vec<AuditEvent>,
    /// What to ask for the older ones with; `None` at the beginning of the log.
    pub next_before: Option<u64>,
}

impl Audit {
    /// Wants a runtime: entries are written by a task, those that come together in one transaction.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let (line, waiting) = mpsc::channel(WAITING);
        tokio::spawn(line::write_always(store.clone(), waiting));
        Self {
            store,
            clock,
            line,
            rare: Arc::default(),
        }
    }

    /// Writes an entry; when this returns it is stored. Never fails the caller: where the log cannot be written, that
    /// stands in the server's log.
    pub async fn record(&self, entry: Entry) {
        let event = entry.into_event(self.clock.now());
        if !self.rare.is_news(&event) {
            return;
        }
        let (done, written) = oneshot::channel();
        if self.line.send(Waiting { event, done }).await.is_err() {
            tracing::error!("the audit log's writer is gone");
            return;
        }
        // An error means that the writer is gone, which it has said itself.
        let _ = written.await;
    }

    /// As [`Viewer::in_person`]; a refusal is an entry.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn in_person(&self, viewer: &Viewer) -> Result<(), Error> {
        self.noted(viewer, viewer.in_person()).await
    }

    /// As [`Viewer::admin`]; a refusal is an entry.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for everybody but an admin in person.
    pub async fn admin(&self, viewer: &Viewer) -> Result<Admin, Error> {
        self.noted(viewer, viewer.admin()).await
    }

    /// Lets an answer pass; that a try was refused for its number is an entry.
    pub(super) async fn limited<T>(
        &self,
        answer: Result<T, Error>,
        client: &Client,
    ) -> Result<T, Error> {
        if let Err(Error::Later(ProblemCode::RateLimited, _)) = &answer {
            let entry = Entry::new(Kind::RateLimited).from(client);
            self.record(entry.note("scope", "tries")).await;
        }
        answer
    }

    async fn noted<T>(&self, viewer: &Viewer, right: Result<T, Error>) -> Result<T, Error> {
        if right.is_err() {
            let entry = Entry::new(Kind::Denied).by(viewer.user.id);
            self.record(entry.about(viewer.session_id.0)).await;
        }
        right
    }

    /// A page of the log, for those who run the installation; reading it is an entry, too.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for everybody else.
    pub async fn page(
        &self,
        viewer: &Viewer,
        before: Option<u64>,
        limit: Option<u32>,
        client: &Client,
    ) -> Result<AuditPage, Error> {
        let admin = self.admin(viewer).await?;
        let limit = limit.unwrap_or(PAGE).clamp(1, PAGE);
        let events = self.store.audit_before(before, limit).await?;
        let entry = Entry::new(Kind::AdminRead).by(admin.id()).from(client);
        self.record(entry.note("what", "audit")).await;
        let next_before = events.last().map(|row| row.no).filter(|no| *no > 1);
        Ok(AuditPage {
            events,
            next_before,
        })
    }
}
