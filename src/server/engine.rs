//! The life of a reply: one log, one writer, one cursor for each viewer.
//!
//! A generation is a task of the server that outlives the request which began it. What the model
//! says is cut into numbered frames, committed to the journal, and only then visible; viewers pull
//! what lies after their cursor. The message is stored once, at the end, from committed frames.
//!
//! Must not enter: SQL, HTTP, a wall clock.

mod admission;
mod backoff;
mod breaker;
mod cluster;
mod drain;
mod ending;
mod finish;
pub mod follow;
mod hub;
mod log;
mod next;
mod overlap;
mod prompt;
mod recover;
mod rubbish;
mod run;
mod settings;
mod side;
mod spread;
mod stop;
mod summary;
mod tail;
#[cfg(test)]
mod tests;
mod title;
mod writer;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use parlance_core::domain::{
    ConversationId, GenerationId, PartText, ProblemCode, SessionId, Stopped, UserId,
};
use tokio::sync::{broadcast, watch};

use self::{
    admission::{Admission, Full, Ticket},
    breaker::Breaker,
    cluster::{Heartbeats, Sessions},
    ending::Ending,
    hub::Hub,
    log::Log,
    rubbish::Rubbish,
    spread::Spread,
    writer::Writer,
};
use crate::port::{
    bus::{Bus, Hint},
    clock::Clock,
    journal::Journal,
    llm::Llm,
    store::{GenerationRow, Owner, Store, StoreError},
};

pub(crate) use self::admission::{NoPlace, Place};
pub use self::settings::Settings;

/// What the engine works with.
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
    pub llm: Arc<dyn Llm>,
    pub clock: Arc<dyn Clock>,
    pub bus: Arc<dyn Bus>,
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
    bus: Arc<dyn Bus>,
    hub: Hub,
    writer: Writer,
    rubbish: Rubbish,
    admission: Admission,
    breaker: Breaker,
    /// Logs of generations that run here, and for a while of those that ended.
    logs: Mutex<HashMap<GenerationId, Arc<Log>>>,
    /// Logs that are read along with other instances, as long as somebody here watches.
    echoes: Mutex<HashMap<ConversationId, Weak<Log>>>,
    sessions: Sessions,
    spread: Spread,
    draining: watch::Sender<bool>,
    /// Off the list of instances, for good.
    left: watch::Sender<bool>,
    /// No heartbeat has got through for so long that others may take this instance for dead.
    lapsed: AtomicBool,
    heartbeats: Mutex<Heartbeats>,
    revoked: broadcast::Sender<SessionId>,
    /// Replies whose end this process has stored.
    ended: broadcast::Sender<GenerationRow>,
    owner: Owner,
    settings: Settings,
}

/// While the process ends another is expected to take over within this.
const DRAIN_RETRY: std::time::Duration = std::time::Duration::from_secs(2);

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
            bus,
        } = ports;
        let owner = Owner {
            instance: settings.instance,
            boot: clock.new_id(),
        };
        let spread = Spread::new(clock.new_id());
        let inner = Arc::new(Inner {
            store,
            journal,
            llm,
            clock,
            bus,
            hub: Hub::default(),
            writer: Writer::default(),
            rubbish: Rubbish::default(),
            admission: Admission::new(settings.limits),
            breaker: Breaker::new(settings.times.breaker_open),
            logs: Mutex::default(),
            echoes: Mutex::default(),
            sessions: Sessions::default(),
            spread,
            draining: watch::Sender::new(false),
            left: watch::Sender::new(false),
            lapsed: AtomicBool::new(false),
            heartbeats: Mutex::default(),
            revoked: broadcast::Sender::new(256),
            ended: broadcast::Sender::new(256),
            owner,
            settings,
        });
        // On the list first: what this boot begins must never look as if nobody owned it.
        inner.store.beat(owner, false).await?;
        let writer = tokio::spawn(writer::write(inner.clone()));
        tokio::spawn(async move {
            if writer.await.is_err_and(|error| error.is_panic()) {
                // Without it every reply would stand still for ever; a restart recovers them all.
                tracing::error!("the journal's writer died; ending the process");
                std::process::abort();
            }
        });
        recover::recover(&inner, ProblemCode::ServerRestart).await?;
        let begun: Vec<i64> = inner.running().iter().map(|log| log.row.no).collect();
        inner.journal.sweep(&begun).await?;
        for (conversation, user) in inner.store.waiting_conversations().await? {
            next::waiting(&inner, conversation, user).await?;
        }
        cluster::start(&inner);
        tokio::spawn(rubbish::clear_always(inner.clone()));
        Ok(Self { inner })
    }

    pub(crate) fn owner(&self) -> Owner {
        self.inner.owner
    }

    /// A place in the line of replies for a turn that is about to be stored.
    ///
    /// # Errors
    /// `Draining`, `StorageUnavailable` (cut off from the other instances), `QueueFull`.
    pub(crate) fn admit(&self, user: UserId) -> Result<Place, NoPlace> {
        let refuse = |code, retry_after| Err(NoPlace { code, retry_after });
        if self.is_draining() {
            return refuse(ProblemCode::Draining, DRAIN_RETRY);
        }
        if self.inner.lapsed.load(Ordering::Acquire) {
            return refuse(ProblemCode::StorageUnavailable, DRAIN_RETRY);
        }
        match self.inner.ticket(user) {
            Ok(ticket) => Ok(Place(ticket)),
            Err(full) => refuse(ProblemCode::QueueFull, full.retry_after),
        }
    }

    /// Runs a generation that `begin_turn` has stored, unless it runs already, is over, or is another
    /// process's. Safe to call again: a turn whose commit was in doubt is begun by the repetition.
    pub(crate) fn start(&self, row: GenerationRow, place: Place) {
        self.inner.start(row, place.0);
    }

    /// Begins what waits in a conversation, if nothing runs there.
    pub(crate) async fn begin_waiting(
        &self,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<(), StoreError> {
        next::waiting(&self.inner, conversation, user).await
    }

    /// Committed text of a generation under way, strand by strand, and the number of its last frame. Empty when nothing
    /// of it is written yet.
    pub(crate) async fn text_so_far(
        &self,
        row: &GenerationRow,
    ) -> Result<(Vec<PartText>, u64), StoreError> {
        let log = self.inner.reading(row).await?;
        Ok(log.map_or_else(Default::default, |log| log.text_so_far()))
    }

    /// Whether a generation that another instance writes has ended since its row was read, and its text with it.
    pub(crate) async fn has_slipped_away(&self, row: &GenerationRow) -> Result<bool, StoreError> {
        self.inner.has_slipped_away(row).await
    }

    /// Ends a generation and answers when its end is stored.
    pub(crate) async fn stop(&self, row: GenerationRow) -> Result<Stopped, StoreError> {
        stop::stop(&self.inner, row).await
    }

    /// Ends a generation that nobody will read, wherever it is written. Nobody waits for it.
    pub(crate) fn abandon(&self, user: UserId, id: GenerationId) {
        let inner = self.inner.clone();
        tokio::spawn(async move {
            let ended = match inner.store.generation(user, id).await {
                Ok(Some(row)) => stop::stop(&inner, row).await.map(|_| ()),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                tracing::warn!(%error, generation_id = %id, "a reply that nobody will read goes on");
            }
        });
    }

    /// Tells viewers that something durable changed.
    pub(crate) fn wake(&self, conversation: ConversationId, user: UserId) {
        self.inner.stored(conversation, user);
    }

    /// A title for a conversation that begins with this message, from the model.
    pub(crate) async fn title(&self, user: UserId, first_message: &str) -> Option<String> {
        title::title(&self.inner, user, first_message).await
    }

    /// Closes the live streams of a session, here and on the other instances.
    pub(crate) fn revoke(&self, session: SessionId) {
        self.inner.revoke(session);
        self.inner.bus.publish(&[Hint::Revoked(session)]);
    }

    /// Replies whose end this process stores from now on.
    pub(crate) fn ended(&self) -> broadcast::Receiver<GenerationRow> {
        self.inner.ended.subscribe()
    }

    /// Whether somebody follows the conversation through this process.
    pub(crate) fn is_watched(&self, conversation: ConversationId) -> bool {
        self.inner.hub.is_watched(conversation)
    }

    /// Which of the processes that may work on the same store this one is; `None` where it is alone.
    #[must_use]
    pub fn shared_instance(&self) -> Option<uuid::Uuid> {
        self.inner
            .settings
            .shared
            .then_some(self.inner.owner.instance)
    }

    /// Whether a shutdown has begun: nothing new is started.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        *self.inner.draining.borrow()
    }

    /// Whether the other instances, if there may be any, can rely on this one being alive.
    #[must_use]
    pub fn is_in_touch(&self) -> bool {
        !self.inner.lapsed.load(Ordering::Acquire)
    }

    /// Says goodbye to all viewers and refuses new work; running replies go on.
    pub fn drain(&self) {
        self.inner.draining.send_replace(true);
    }

    /// Waits until the running replies have ended, at most as long as the settings say; seals the rest as interrupted.
    pub async fn settle(&self) {
        drain::settle(&self.inner, self.inner.settings.times.drain).await;
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
    /// A place in the line of replies.
    ///
    /// # Errors
    /// Too many wait.
    fn ticket(&self, user: UserId) -> Result<Ticket, Full> {
        self.admission.ask(user, &self.llm.provider())
    }

    fn start(self: &Arc<Self>, row: GenerationRow, ticket: Ticket) {
        let (conversation, user) = (row.conversation_id, row.user_id);
        if let Adopted::New(log) = self.adopt(row) {
            self.stored(conversation, user);
            run::spawn(self.clone(), log, ticket);
        }
    }

    fn adopt(&self, row: GenerationRow) -> Adopted {
        let mut logs = self.logs();
        if let Some(log) = logs.get(&row.id) {
            return Adopted::Known(log.clone());
        }
        if row.status.is_terminal() || row.owner_boot != self.owner.boot {
            return Adopted::NotOurs;
        }
        let log = Arc::new(Log::new(row));
        logs.insert(log.row.id, log.clone());
        Adopted::New(log)
    }

    fn logs(&self) -> MutexGuard<'_, HashMap<GenerationId, Arc<Log>>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn echoes(&self) -> MutexGuard<'_, HashMap<ConversationId, Weak<Log>>> {
        self.echoes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, id: GenerationId) -> Option<Arc<Log>> {
        self.logs().get(&id).cloned()
    }

    /// Generations whose end is not stored yet.
    fn running(&self) -> Vec<Arc<Log>> {
        let logs = self.logs();
        let running = logs.values().filter(|log| !log.is_settled());
        running.cloned().collect()
    }

    /// Ends a generation: the first ending wins, and the writer carries it out after the frames that
    /// came before it. (Only the writer itself may overrule it, see [`Log::give_up`].)
    fn end(&self, log: &Arc<Log>, ending: Ending) {
        if log.close(ending) {
            self.writer.mark(log);
        }
    }

    /// Lets go of a generation that has not begun: another process will begin it.
    fn let_go(&self, log: &Log) {
        self.logs().remove(&log.row.id);
        log.settle(Stopped {
            status: log.row.status,
            seq: 0,
            message_id: None,
        });
    }

    /// Something durable changed: everybody who watches asks the store.
    fn stored(&self, conversation: ConversationId, user: UserId) {
        self.hub.stored(conversation, user);
        self.bus.publish(&[Hint::Stored { conversation, user }]);
    }

    fn revoke(&self, session: SessionId) {
        // No receiver only means that nobody is watching.
        let _ = self.revoked.send(session);
    }
}
