//! The running product: services and engine in one cheap handle.

use std::sync::Arc;

use parlance_core::domain::{ConversationId, Timestamp};

use crate::{
    config::Config,
    engine::Engine,
    port::{clock::Clock, egress::Egress, highlight::Highlighter, push::Push, store::Store},
    service::{
        accounts::{Accounts, Confirm, Exports},
        audit::Audit,
        contexts::Contexts,
        conversations::Conversations,
        drafts::Drafts,
        factors::{Factors, SecondFactor},
        generations::Generations,
        groups::Groups,
        handover::Handover,
        highlight::Highlights,
        letters::Letters,
        messages::Messages,
        models::{self, Models, Registry},
        passwords::{Decoys, Passwords},
        people::People,
        personas::Personas,
        preferences::Preferences,
        push::Pushes,
        throttle::Throttle,
        vault::Vault,
    },
};

/// Everything that pages and API speak to.
#[derive(Clone)]
pub struct App {
    pub accounts: Accounts,
    pub exports: Exports,
    pub factors: SecondFactor,
    pub handover: Handover,
    pub people: People,
    pub audit: Audit,
    pub letters: Letters,
    pub conversations: Conversations,
    pub messages: Messages,
    pub models: Models,
    pub generations: Generations,
    pub personas: Personas,
    pub contexts: Contexts,
    pub drafts: Drafts,
    pub preferences: Preferences,
    pub highlights: Highlights,
    pub pushes: Pushes,
    pub engine: Engine,
    pub config: Arc<Config>,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
}

/// What the services work with.
pub struct Parts {
    pub config: Arc<Config>,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub highlighter: Arc<dyn Highlighter>,
    pub push: Option<Arc<dyn Push>>,
    pub egress: Arc<dyn Egress>,
    pub letters: Letters,
    pub vault: Vault,
    pub engine: Engine,
    pub models: Registry,
}

impl App {
    /// Puts the services on top of an engine that is already recovered. Within a runtime: some of them have tasks of
    /// their own.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            config,
            store,
            clock,
            highlighter,
            push,
            egress,
            letters,
            vault,
            engine,
            models,
        } = parts;
        let passwords = Passwords::new(&config.passwords);
        let audit = Audit::new(store.clone(), clock.clone());
        let throttle = Throttle::new(clock.clone(), config.rates.tries);
        let factors = Factors::new(store.clone(), clock.clone(), vault.clone(), audit.clone());
        let accounts = Accounts {
            store: store.clone(),
            clock: clock.clone(),
            engine: engine.clone(),
            passwords: passwords.clone(),
            decoys: Decoys::new(store.clone(), clock.clone(), passwords.clone()),
            config: config.clone(),
            confirm: Confirm::new(store.clone(), passwords, throttle.clone(), audit.clone()),
            audit: audit.clone(),
            letters: letters.clone(),
            throttle,
            factors: factors.clone(),
        };
        let mail_first = accounts.needs_verification();
        let groups = Groups::new(store.clone(), clock.clone());
        let models = Models::new(models::Parts {
            store: store.clone(),
            clock: clock.clone(),
            engine: engine.clone(),
            registry: models,
            egress: egress.clone(),
            groups: groups.clone(),
            audit: audit.clone(),
            config: config.clone(),
        });
        Self {
            factors: SecondFactor::new(factors, accounts.clone()),
            handover: Handover::new(vault, clock.clone()),
            people: People::new(
                store.clone(),
                clock.clone(),
                engine.clone(),
                audit.clone(),
                groups.clone(),
            ),
            accounts,
            exports: Exports::new(store.clone(), clock.clone(), audit.clone()),
            audit: audit.clone(),
            letters,
            conversations: Conversations::new(
                store.clone(),
                clock.clone(),
                engine.clone(),
                models.clone(),
            ),
            messages: Messages::new(
                store.clone(),
                clock.clone(),
                engine.clone(),
                groups,
                models.clone(),
                mail_first,
            ),
            models,
            generations: Generations::new(store.clone(), engine.clone()),
            personas: Personas::new(store.clone(), clock.clone(), audit.clone()),
            contexts: Contexts::new(store.clone(), clock.clone(), engine.clone()),
            pushes: Pushes::new(
                store.clone(),
                clock.clone(),
                engine.clone(),
                config.clone(),
                push,
                egress,
                audit,
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
