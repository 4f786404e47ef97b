//! The life of a reply: one log, one writer, one cursor for each viewer.
//!
//! A generation is a task of the server that outlives the request which began it. What the model
//! says is cut into numbered frames, committed to the journal, and only then visible; viewers pull
//! what lies after their cursor. The message is stored once, at the end, from committed frames.
//!
//! Must not enter: SQL, HTTP, a wall clock.

mod drain;
mod ending;
mod finish;
pub mod follow;
mod hub;
mod log;
mod prompt;
mod recover;
mod run;
mod stop;
mod writer;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use parlance_core::domain::{ConversationId, GenerationId, PartText, SessionId, Stopped};
use tokio::sync::{Semaphore, broadcast, watch};
use uuid::Uuid;

use self::{ending::Ending, hub::Hub, log::Log, writer::Writer};
use crate::port::{
    clock::Clock,
    journal::Journal,
    llm::Llm,
    store::{GenerationRow, Store, StoreError},
};

/// What the engine works with.
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
    pub llm: Arc<dyn Llm>,
    pub clock: Arc<dyn Clock>,
}

/// Who the engine is, and how much it may do at once.
pub struct Settings {
    /// The same over restarts.
    pub instance: Uuid,
    /// Replies that may be asked of the provider at once.
    pub upstream_permits: usize,
}

/// Cheap handle to the running engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Arc<dyn Store>,
    journal: Arc<dyn Journal>,
    llm: Arc<dyn Llm>,
    clock: Arc<dyn Clock>,
    hub: Hub,
    writer: Writer,
    permits: Semaphore,
    /// Logs of generations that run here, and for a minute of those that ended.
    logs: Mutex<HashMap<GenerationId, Arc<Log>>>,
    draining: watch::Sender<bool>,
    revoked: broadcast::Sender<SessionId>,
    instance: Uuid,
    boot: Uuid,
}

impl Engine {
    /// Recovers what an earlier boot left behind, then begins to work.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn start_up(ports: Ports, settings: Settings) -> Result<Self, StoreError> {
        let Ports {
            store,
            journal,
            llm,
            clock,
        } = ports;
        let boot = clock.new_id();
        let inner = Arc::new(Inner {
            store,
            journal,
            llm,
            clock,
            hub: Hub::default(),
            writer: Writer::default(),
            permits: Semaphore::new(settings.upstream_permits),
            logs: Mutex::default(),
            draining: watch::Sender::new(false),
            revoked: broadcast::Sender::new(256),
            instance: settings.instance,
            boot,
        });
        recover::recover(&inner).await?;
        let writer = tokio::spawn(writer::write(inner.clone()));
        tokio::spawn(async move {
            if writer.await.is_err_and(|error| error.is_panic()) {
                // Without it every reply would stand still for ever; a restart recovers them all.
                tracing::error!("the journal's writer died; ending the process");
                std::process::abort();
            }
        });
        Ok(Self { inner })
    }

    pub(crate) fn instance(&self) -> Uuid {
        self.inner.instance
    }

    pub(crate) fn boot(&self) -> Uuid {
        self.inner.boot
    }

    /// Runs a generation that `begin_turn` has stored, unless it runs already, is over, or is another
    /// process's. Safe to call again: a turn whose commit was in doubt is begun by the repetition.
    pub(crate) fn start(&self, row: GenerationRow) {
        let conversation = row.conversation_id;
        if let Adopted::New(log) = self.inner.adopt(row) {
            self.inner.hub.stored(conversation);
            run::spawn(self.inner.clone(), log);
        }
    }

    /// Committed text of a generation that runs here, strand by strand, and the number of its last
    /// frame. Empty when it does not run here.
    pub(crate) fn text_so_far(&self, id: GenerationId) -> (Vec<PartText>, u64) {
        self.inner
            .log(id)
            .map_or_else(Default::default, |log| log.text_so_far())
    }

    /// Ends a generation and answers when its end is stored.
    pub(crate) async fn stop(&self, row: GenerationRow) -> Result<Stopped, StoreError> {
        stop::stop(&self.inner, row).await
    }

    /// Ends a generation that nobody will read.
    pub(crate) fn abandon(&self, id: GenerationId) {
        if let Some(log) = self.inner.log(id) {
            self.inner.end(&log, Ending::Stopped);
        }
    }

    /// Tells viewers that something durable changed.
    pub(crate) fn wake(&self, conversation: ConversationId) {
        self.inner.hub.stored(conversation);
    }

    /// Closes the live streams of a session.
    pub(crate) fn revoke(&self, session: SessionId) {
        // No receiver only means that nobody is watching.
        let _ = self.inner.revoked.send(session);
    }

    /// Whether a shutdown has begun: nothing new is started.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        *self.inner.draining.borrow()
    }

    /// Says goodbye to all viewers and refuses new work; running replies go on.
    pub fn drain(&self) {
        self.inner.draining.send_replace(true);
    }

    /// Waits until the running replies have ended, at most `grace`; seals the rest as interrupted.
    pub async fn settle(&self, grace: std::time::Duration) {
        drain::settle(&self.inner, grace).await;
    }
}

/// The log of a generation that this process answers for.
enum Adopted {
    /// Made just now: nobody runs it yet.
    New(Arc<Log>),
    Known(Arc<Log>),
    /// Over, or another process's.
    NotOurs,
}

impl Inner {
    fn adopt(&self, row: GenerationRow) -> Adopted {
        let mut logs = self.logs();
        if let Some(log) = logs.get(&row.id) {
            return Adopted::Known(log.clone());
        }
        if row.status.is_terminal() || row.owner_boot != self.boot {
            return Adopted::NotOurs;
        }
        let log = Arc::new(Log::new(row));
        logs.insert(log.row.id, log.clone());
        Adopted::New(log)
    }

    fn logs(&self) -> MutexGuard<'_, HashMap<GenerationId, Arc<Log>>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, id: GenerationId) -> Option<Arc<Log>> {
        self.logs().get(&id).cloned()
    }

    /// Ends a generation: the first ending wins, and the writer carries it out after the frames that
    /// came before it. (Only the writer itself may overrule it, see [`Log::give_up`].)
    fn end(&self, log: &Arc<Log>, ending: Ending) {
        if log.close(ending) {
            self.writer.mark(log);
        }
    }
}
