//! A fresh database for a test, on each engine in turn, and the people and turns that tests begin with.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use parlance_adapter::store::{StoreConfig, open};
use parlance_core::domain::{
    ConversationId, GenerationId, GenerationStatus, MessageId, MessageStatus, SessionId, Timestamp,
    UserId,
};
use parlance_server::port::{
    journal::Journal,
    store::{
        Begin, Begun, Finish, GenerationRow, NewConversation, NewSession, NewUser, Reply, Store,
    },
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// An empty database and its journal.
pub struct World {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
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
            power_safe: false,
        };
        let opened = open(&config).await.expect("an empty database opens");
        Self {
            store: opened.store,
            journal: opened.journal,
            instance: opened.instance,
            boot: Uuid::now_v7(),
            config,
            clock: AtomicI64::new(1_763_664_000_123_456),
            _dir: dir,
        }
    }

    /// Closes and opens the same data, as after a crash.
    pub async fn restarted(self) -> Self {
        let Self {
            store,
            journal,
            config,
            clock,
            _dir,
            ..
        } = self;
        drop((store, journal));
        let opened = open(&config).await.expect("the database opens again");
        Self {
            store: opened.store,
            journal: opened.journal,
            instance: opened.instance,
            boot: Uuid::now_v7(),
            config,
            clock,
            _dir,
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
            password_hash: "$argon2id$stub".to_owned(),
            created_at: self.now(),
        }
    }

    pub fn new_session(&self) -> NewSession {
        let now = self.now();
        let mut token_hash = [0; 32];
        token_hash[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        NewSession {
            id: SessionId(Uuid::now_v7()),
            token_hash,
            user_agent: Some("a browser".to_owned()),
            created_at: now,
            expires_at: now.plus_seconds(3_600),
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
            message_id: MessageId(Uuid::now_v7()),
            reply_message_id: MessageId(Uuid::now_v7()),
            generation_id: GenerationId(Uuid::now_v7()),
            client_message_id: client.to_owned(),
            parent_id: None,
            content: format!("问题 {client}"),
            persona_id: None,
            owner_instance: self.instance,
            owner_boot: self.boot,
            now: self.now(),
        }
    }

    /// Begins a turn that must start.
    pub async fn started(
        &self,
        owner: UserId,
        conversation: ConversationId,
        client: &str,
    ) -> GenerationRow {
        match self
            .store
            .begin_turn(self.turn(owner, conversation, client))
            .await
        {
            Ok(Begun::Started { generation, .. }) => generation,
            other => panic!("not started: {other:?}"),
        }
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
            first_token_at: None,
            ended_at: self.now(),
        }
    }
}
