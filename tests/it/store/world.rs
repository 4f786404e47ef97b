//! A fresh database for a test, on each engine in turn, and the people and turns that tests begin with.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use parlance_adapter::store::{Durability, StoreConfig, open};
use parlance_core::domain::{
    ConversationId, GenerationId, GenerationStatus, Group, MessageId, MessageStatus, SessionId,
    Timestamp, UserId,
};
use parlance_server::port::{
    bus::Bus,
    journal::Journal,
    store::{
        Ask, Begin, Begun, Finish, GenerationRow, NewConversation, NewSession, NewUser, Owner,
        Parent, Reply, SessionKind, Store,
    },
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// The password hash of everybody here.
pub const HASH: &str = "$argon2id$stub";

/// An empty database and its journal.
pub struct World {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
    pub bus: Arc<dyn Bus>,
    pub instance: Uuid,
    pub boot: Uuid,
    pub config: StoreConfig,
    clock: AtomicI64,
    _dir: TempDir,
}

/// Runs `test` on every engine at hand.
pub async fn on_every_engine(test: impl AsyncFn(World)) {
    test(World::new(None).await).await;
    on_postgres(test).await;
}

/// Runs `test` on PostgreSQL, if there is one.
pub async fn on_postgres(test: impl AsyncFn(World)) {
    let Some(server) = postgres() else { return };
    let name = format!("parlance_{}", Uuid::new_v4().simple());
    administer(&server, format!("create database {name}")).await;
    let mut url = reqwest::Url::parse(&server).expect("a database address");
    url.set_path(&name);
    test(World::new(Some(url.into())).await).await;
    administer(&server, format!("drop database {name} with (force)")).await;
}

/// Puts a turn's words somewhere else.
pub fn set_parent(begin: &mut Begin, place: Parent) {
    match &mut begin.ask {
        Ask::Message { parent, .. } => *parent = place,
        other => panic!("{other:?} has no words"),
    }
}

pub fn postgres() -> Option<String> {
    std::env::var("PARLANCE_TEST_POSTGRES_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

async fn administer(server: &str, statement: String) {
    let mut connection = PgConnection::connect(server)
        .await
        .expect("the test server answers");
    sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .expect("the user may create databases");
    connection.close().await.expect("a clean end");
}

impl World {
    async fn new(url: Option<String>) -> Self {
        let dir = TempDir::new().expect("a directory");
        let config = StoreConfig {
            url,
            data_dir: dir.path().join("data"),
            durability: Durability::Process,
        };
        let opened = open(&config).await.expect("an empty database opens");
        Self {
            store: opened.store,
            journal: opened.journal,
            bus: opened.bus,
            instance: opened.instance,
            boot: Uuid::now_v7(),
            config,
            clock: AtomicI64::new(1_763_664_000_123_456),
            _dir: dir,
        }
    }

    /// Closes and opens the same data, as after a crash.
    pub async fn restarted(self) -> Self {
        let durability = self.config.durability;
        self.reopened(durability).await
    }

    /// As [`Self::restarted`], with another durability.
    pub async fn reopened(self, durability: Durability) -> Self {
        let Self {
            store,
            journal,
            bus,
            mut config,
            clock,
            _dir,
            ..
        } = self;
        drop((store, journal, bus));
        config.durability = durability;
        let opened = open(&config).await.expect("the database opens again");
        Self {
            store: opened.store,
            journal: opened.journal,
            bus: opened.bus,
            instance: opened.instance,
            boot: Uuid::now_v7(),
            config,
            clock,
            _dir,
        }
    }

    /// Another process on the same database; PostgreSQL only.
    pub async fn peer(&self) -> Self {
        let dir = TempDir::new().expect("a directory");
        let config = StoreConfig {
            data_dir: dir.path().join("data"),
            ..self.config.clone()
        };
        let opened = open(&config).await.expect("a shared database opens");
        Self {
            store: opened.store,
            journal: opened.journal,
            bus: opened.bus,
            instance: opened.instance,
            boot: Uuid::now_v7(),
            config,
            clock: AtomicI64::new(self.clock.load(Ordering::Relaxed)),
            _dir: dir,
        }
    }

    pub fn owner(&self) -> Owner {
        Owner {
            instance: self.instance,
            boot: self.boot,
        }
    }

    /// A moment, each time one second and one microsecond later.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock.fetch_add(1_000_001, Ordering::Relaxed))
    }

    pub fn new_user(&self, name: &str) -> NewUser {
        NewUser {
            id: UserId(Uuid::now_v7()),
            username: name.to_owned(),
            username_key: name.to_lowercase(),
            email: format!("{name}@Example.org"),
            email_key: format!("{name}@example.org").to_lowercase(),
            password_hash: HASH.to_owned(),
            group: Group::User,
            created_at: self.now(),
        }
    }

    pub fn new_session(&self) -> NewSession {
        let now = self.now();
        let mut token_hash = [0; 32];
        token_hash[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        NewSession {
            id: SessionId(Uuid::now_v7()),
            kind: SessionKind::Browser,
            token_hash,
            user_agent: Some("a browser".to_owned()),
            agent: "a browser".to_owned(),
            address: None,
            created_at: now,
            expires_at: now.plus_seconds(3_600),
            tokens: None,
        }
    }

    pub async fn user(&self, name: &str) -> UserId {
        self.store
            .create_user(self.new_user(name), self.new_session())
            .await
            .expect("a new user")
            .id
    }

    pub async fn conversation(&self, owner: UserId) -> ConversationId {
        let new = NewConversation {
            id: ConversationId(Uuid::now_v7()),
            user_id: owner,
            title: String::new(),
            persona_id: None,
            model_config_id: None,
            parameters: Default::default(),
            compare_with: Vec::new(),
            created_at: self.now(),
        };
        self.store
            .create_conversation(new)
            .await
            .expect("a new conversation")
            .id
    }

    /// A turn with fresh ids, in a conversation that exists.
    pub fn turn(&self, owner: UserId, conversation: ConversationId, client: &str) -> Begin {
        Begin {
            user_id: owner,
            conversation_id: conversation,
            create: false,
            title: "A title".to_owned(),
            reply_message_id: MessageId(Uuid::now_v7()),
            generation_id: GenerationId(Uuid::now_v7()),
            ask: Ask::Message {
                id: MessageId(Uuid::now_v7()),
                client_message_id: client.to_owned(),
                content: format!("问题 {client}"),
                parent: Parent::Head,
            },
            persona_id: None,
            model: None,
            parameters: Default::default(),
            queued: false,
            most_waiting: 2,
            beside: Vec::new(),
            allowance: None,
            owner: self.owner(),
            now: self.now(),
        }
    }

    /// A turn without words of its own.
    pub fn asking(&self, owner: UserId, conversation: ConversationId, ask: Ask) -> Begin {
        Begin {
            ask,
            ..self.turn(owner, conversation, "")
        }
    }

    /// A whole turn: the generation as it was at its start.
    pub async fn answered(
        &self,
        owner: UserId,
        conversation: ConversationId,
        client: &str,
    ) -> GenerationRow {
        let generation = self.started(owner, conversation, client).await;
        self.end(&generation, "answer").await;
        generation
    }

    /// Ends a generation well.
    pub async fn end(&self, generation: &GenerationRow, text: &str) {
        let finish = self.completion(generation, 0, text);
        let finished = self.store.finish_generation(finish).await;
        assert!(finished.expect("an end").won);
    }

    /// Begins a turn that must start.
    pub async fn started(
        &self,
        owner: UserId,
        conversation: ConversationId,
        client: &str,
    ) -> GenerationRow {
        self.begun(self.turn(owner, conversation, client)).await
    }

    /// As [`Self::started`], with a turn of one's own.
    pub async fn begun(&self, begin: Begin) -> GenerationRow {
        match self.store.begin_turn(begin).await {
            Ok(Begun::Started { generation, .. }) => generation,
            other => panic!("not started: {other:?}"),
        }
    }

    /// Ids of the path that is read, oldest first, and the head.
    pub async fn path(
        &self,
        owner: UserId,
        id: ConversationId,
    ) -> (Vec<MessageId>, Option<MessageId>) {
        let open = self.store.open_conversation(owner, id, None, 100).await;
        let open = open.expect("an answer").expect("a conversation");
        let ids = open.messages.iter().map(|message| message.id).collect();
        (ids, open.head)
    }

    /// A good end with `text`.
    pub fn completion(&self, generation: &GenerationRow, last_seq: u64, text: &str) -> Finish {
        Finish {
            generation: generation.clone(),
            status: GenerationStatus::Completed,
            last_seq,
            reply: Some(Reply {
                content: text.to_owned(),
                reasoning: None,
                status: MessageStatus::Completed,
            }),
            error: None,
            finish_reason: Some("stop".to_owned()),
            model: Some("demo".to_owned()),
            usage: None,
            cost_micros: None,
            first_token_at: None,
            ended_at: self.now(),
        }
    }
}
