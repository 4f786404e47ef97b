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
mod models;
mod next;
mod overlap;
mod prompt;
mod recover;
mod rubbish;
mod run;
mod running;
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
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use parlance_core::domain::{
    ConversationId, GenerationId, ModelConfigId, PartText, ProblemCode, SessionId, Stopped, UserId,
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
    running::Echoes,
    spread::Spread,
    writer::Writer,
};
use crate::port::{
    bus::{Bus, Hint},
    clock::Clock,
    journal::Journal,
    llm::{Llm, Model, Models, NoModel},
    store::{GenerationRow, Owner, Store, StoreError},
};

pub use self::settings::Settings;
pub(crate) use self::{
    admission::{NoPlace, Place},
    prompt::Next,
};

/// What the engine works with.
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
    /// What the server was set up with.
    pub llm: Arc<dyn Llm>,
    /// What people configure.
    pub models: Arc<dyn Models>,
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
    model: Arc<Model>,
    models: Arc<dyn Models>,
    clock: Arc<dyn Clock>,
    bus: Arc<dyn Bus>,
    hub: Hub,
    writer: Writer,
    rubbish: Rubbish,
    admission: Admission,
    breaker: Breaker,
    /// Logs of generations that run here, and for a while of those that ended.
    logs: Mutex<HashMap<GenerationId, Arc<Log>>>,
    /// Logs that are read along with other instances, as long as somebody here watches: those of the lanes of each
    /// conversation.
    echoes: Mutex<Echoes>,
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
            models,
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
            model: models::installation(llm),
            models,
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

    /// The model that a turn will ask.
    pub(crate) async fn model(
        &self,
        user: UserId,
        choice: Option<ModelConfigId>,
    ) -> Result<Arc<Model>, NoModel> {
        self.inner.model(user, choice).await
    }

    /// A place in the line of replies for a turn that is about to be stored.
    ///
    /// # Errors
    /// `Draining`, `StorageUnavailable` (cut off from the other instances), `QueueFull`.
    pub(crate) fn admit(&self, user: UserId, model: &Arc<Model>) -> Result<Place, NoPlace> {
        let refuse = |code, retry_after| Err(NoPlace { code, retry_after });
        if self.is_draining() {
            return refuse(ProblemCode::Draining, DRAIN_RETRY);
        }
        if self.inner.lapsed.load(Ordering::Acquire) {
            return refuse(ProblemCode::StorageUnavailable, DRAIN_RETRY);
        }
        match self.inner.ticket(user, &model.provider) {
            Ok(ticket) => Ok(Place(ticket, model.clone())),
            Err(full) => refuse(ProblemCode::QueueFull, full.retry_after),
        }
    }

    /// Runs a generation that `begin_turn` has stored, unless it runs already, is over, or is another
    /// process's. Safe to call again: a turn whose commit was in doubt is begun by the repetition.
    pub(crate) fn start(&self, row: GenerationRow, place: Place) {
        let Place(ticket, model) = place;
        // Nobody else has it: there is nothing to ask for it.
        let inline = (model.id == ModelConfigId::INLINE).then_some(model);
        self.inner.start(row, ticket, inline);
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

    /// The same of all that are being written among these.
    pub(crate) async fn stop_all(
        &self,
        rows: Vec<GenerationRow>,
    ) -> Result<Vec<Stopped>, StoreError> {
        stop::stop_all(&self.inner, rows).await
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
    pub(crate) async fn title(
        &self,
        user: UserId,
        model: &Model,
        first_message: &str,
    ) -> Option<String> {
        title::title(&self.inner, model, user, first_message).await
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

impl Inner {
    /// A place in the line of replies.
    ///
    /// # Errors
    /// Too many wait.
    fn ticket(&self, user: UserId, provider: &str) -> Result<Ticket, Full> {
        self.admission.ask(user, provider)
    }

    /// Ends a generation: the first ending wins, and the writer carries it out after the frames that
    /// came before it. (Only the writer itself may overrule it, see [`Log::give_up`].)
    fn end(&self, log: &Arc<Log>, ending: Ending) {
        if log.close(ending) {
            self.writer.mark(log);
        }
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
