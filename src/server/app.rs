//! The running product: services and engine in one cheap handle.

use std::sync::Arc;

use parlance_core::domain::{ConversationId, Timestamp};

use crate::{
    config::Config,
    engine::Engine,
    port::{clock::Clock, highlight::Highlighter, push::Push, store::Store},
    service::{
        accounts::Accounts, conversations::Conversations, drafts::Drafts, generations::Generations,
        highlight::Highlights, messages::Messages, passwords::Passwords, personas::Personas,
        preferences::Preferences, push::Pushes,
    },
};

/// Everything that pages and API speak to.
#[derive(Clone)]
pub struct App {
    pub accounts: Accounts,
    pub conversations: Conversations,
    pub messages: Messages,
    pub generations: Generations,
    pub personas: Personas,
    pub drafts: Drafts,
    pub preferences: Preferences,
    pub highlights: Highlights,
    pub pushes: Pushes,
    pub engine: Engine,
    pub config: Arc<Config>,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
}

impl App {
    /// Puts the services on top of an engine that is already recovered.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        highlighter: Arc<dyn Highlighter>,
        push: Option<Arc<dyn Push>>,
        engine: Engine,
    ) -> Self {
        Self {
            accounts: Accounts::new(
                store.clone(),
                clock.clone(),
                engine.clone(),
                Passwords::new(),
                config.clone(),
            ),
            conversations: Conversations::new(store.clone(), clock.clone(), engine.clone()),
            messages: Messages::new(store.clone(), clock.clone(), engine.clone()),
            generations: Generations::new(store.clone(), engine.clone()),
            personas: Personas::new(store.clone()),
            pushes: Pushes::new(
                store.clone(),
                clock.clone(),
                engine.clone(),
                config.clone(),
                push,
            ),
            drafts: Drafts::new(store.clone(), clock.clone()),
            preferences: Preferences::new(store.clone(), clock.clone()),
            highlights: Highlights::new(highlighter),
            engine,
            config,
            clock,
            store,
        }
    }

    /// An id for a conversation that a form will create when it is sent.
    #[must_use]
    pub fn new_conversation_id(&self) -> ConversationId {
        ConversationId(self.clock.new_id())
    }

    /// What the time is, for pages that say how long ago something was.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether requests can be served: the database answers, no shutdown has begun, and the other instances, if there
    /// may be any, know that this one is alive.
    pub async fn is_ready(&self) -> bool {
        !self.engine.is_draining() && self.engine.is_in_touch() && self.store.ping().await.is_ok()
    }
}
