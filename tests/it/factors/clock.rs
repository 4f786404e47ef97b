//! Codes against a clock that stands still until it is turned: steps, replays, tries and waits, on every engine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use parlance_adapter::{
    keys::{KeySource, MasterKeys},
    store::{Durability, StoreConfig, open},
};
use parlance_core::domain::{Group, ProblemCode, SessionId, Timestamp, UserId};
use parlance_server::{
    port::{
        clock::Clock,
        store::{NewSession, NewUser, Renewal, SessionKind, Store},
    },
    service::{
        Client, Error,
        audit::Audit,
        factors::Factors,
        handover::Handover,
        vault::{About, Vault},
    },
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::harness::{Database, Engine, on_both, totp};

/// A Thursday.
const BEGIN: i64 = 1_763_664_000;
/// "12345678901234567890", the secret of RFC 6238.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst) * 1_000_000)
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

struct Desk {
    factors: Factors,
    /// As another instance has them.
    beside: Factors,
    store: Arc<dyn Store>,
    clock: Arc<Turned>,
    user: UserId,
    handover: Handover,
    _dir: TempDir,
    _database: Option<Database>,
}

impl Desk {
    async fn new(engine: Engine) -> Self {
        let dir = TempDir::new().unwrap();
        let database = engine.fresh_database().await;
        let config = StoreConfig {
            url: database.as_deref().map(str::to_owned),
            data_dir: dir.path().join("data"),
            durability: Durability::Process,
        };
        let store = open(&config).await.unwrap().store;
        let clock = Arc::new(Turned(AtomicI64::new(BEGIN)));
        let file = dir.path().join("master.key");
        let keys = Arc::new(MasterKeys::new(KeySource::Own(file), None));
        let vault = Vault::start(store.clone(), clock.clone(), keys)
            .await
            .unwrap();
        let desk = || {
            let audit = Audit::new(store.clone(), clock.clone());
            Factors::new(store.clone(), clock.clone(), vault.clone(), audit)
        };
        let (factors, beside) = (desk(), desk());
        let handover = Handover::new(vault.clone(), clock.clone());
        let (id, now) = (Uuid::now_v7(), clock.now());
        let user = user(store.as_ref(), now).await;
        let about = About {
            table: "factors.secret",
            row: id,
            user,
            origin: "",
        };
        let sealed = vault.seal(about, b"12345678901234567890").await.unwrap();
        assert!(
            store
                .begin_factor(user, "none", id, &sealed.0, now)
                .await
                .unwrap()
        );
        assert!(!factors.is_on(user).await.unwrap(), "it waits");
        assert!(
            !factors
                .check(user, &code(0), &Client::default())
                .await
                .unwrap(),
            "and opens nothing"
        );
        let sessions = store.sessions(user, now, Timestamp(0)).await.unwrap();
        let renewal = Renewal {
            old: sessions[0].id,
            new: session(now, 8),
        };
        let on = store.enrol_factor(user, id, 1, &[], renewal).await;
        assert!(on.unwrap().is_some());
        assert!(factors.is_on(user).await.unwrap());
        Self {
            factors,
            beside,
            store,
            clock,
            user,
            handover,
            _dir: dir,
            _database: database,
        }
    }

    async fn check(&self, code: &str) -> Result<bool, Error> {
        self.factors
            .check(self.user, code, &Client::default())
            .await
    }

    async fn is_good(&self, code: &str) -> bool {
        self.check(code).await.unwrap()
    }

    /// How long the next try has to wait, seconds.
    async fn wait(&self) -> Option<u64> {
        match self.check("000000").await {
            Err(Error::Later(ProblemCode::RateLimited, wait)) => Some(wait.as_secs()),
            other => {
                assert!(!other.unwrap());
                None
            }
        }
    }

    fn turn(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

async fn user(store: &dyn Store, now: Timestamp) -> UserId {
    let user = NewUser {
        id: UserId(Uuid::now_v7()),
        username: "ann".to_owned(),
        username_key: "ann".to_owned(),
        email: "ann@example.com".to_owned(),
        email_key: "ann@example.com".to_owned(),
        password_hash: "none".to_owned(),
        group: Group::User,
        created_at: now,
    };
    store.create_user(user, session(now, 7)).await.unwrap().id
}

fn session(now: Timestamp, token: u8) -> NewSession {
    NewSession {
        id: SessionId(Uuid::now_v7()),
        kind: SessionKind::Browser,
        token_hash: [token; 32],
        user_agent: None,
        agent: "a browser".to_owned(),
        address: None,
        created_at: now,
        expires_at: now.plus_seconds(60),
        tokens: None,
    }
}

/// The code at so many seconds after the beginning.
fn code(seconds: i64) -> String {
    totp::code_at(SECRET, u64::try_from(BEGIN + seconds).unwrap())
}

on_both! {
    async fn a_code_is_good_once_and_for_a_step_on_either_side(engine: Engine) {
        let desk = Desk::new(engine).await;
        assert!(!desk.is_good(&code(60)).await, "two steps ahead");
        assert!(!desk.is_good(&code(-60)).await, "two steps back");
        assert!(desk.is_good(&code(-30)).await);
        assert!(desk.is_good(&code(0)).await);
        assert!(!desk.is_good(&code(0)).await, "again, in the same half minute");
        assert!(!desk.is_good(&code(-30)).await, "older than the last");
        assert!(desk.is_good(&code(30)).await);
        desk.turn(30);
        assert!(!desk.is_good(&code(30)).await, "its own half minute has come, and it is used");
        desk.turn(30);
        assert!(desk.is_good(&format!(" {} {} ", &code(60)[..3], &code(60)[3..])).await);
    }

    async fn one_of_many_with_the_same_code_gets_in(engine: Engine) {
        let desk = Desk::new(engine).await;
        let client = Client::default();
        let code = code(0);
        let tries = (0..4).map(|no| {
            let factors = if no % 2 == 0 { &desk.factors } else { &desk.beside };
            factors.check(desk.user, &code, &client)
        });
        let good = join_all(tries).await.into_iter().filter(|good| matches!(good, Ok(true))).count();
        assert_eq!(good, 1);
    }

    async fn after_five_wrong_codes_each_further_one_waits_longer(engine: Engine) {
        let desk = Desk::new(engine).await;
        for _ in 0..5 {
            assert_eq!(desk.wait().await, None);
        }
        for expected in [30, 60, 120, 240, 480, 900, 900] {
            assert_eq!(desk.wait().await, Some(expected));
            assert!(desk.check(&code(0)).await.is_err(), "the right one waits, too");
            desk.turn(i64::try_from(expected).unwrap() - 1);
            assert_eq!(desk.wait().await, Some(1), "and asking in vain makes it no longer");
            desk.turn(1);
            assert_eq!(desk.wait().await, None);
        }
        // The owner comes in, and all is forgiven.
        desk.turn(900);
        let now = desk.clock.0.load(Ordering::SeqCst) - BEGIN;
        assert!(desk.is_good(&code(now)).await);
        assert_eq!(desk.wait().await, None);
        let events = desk.store.audit_after(0, 100).await.unwrap();
        let failed = events.iter().filter(|row| row.event.kind == "factor_failed").count();
        assert_eq!(failed, 13, "what was tried, not what had to wait");
    }

    async fn what_is_handed_over_is_good_for_a_minute_and_one_session(engine: Engine) {
        let desk = Desk::new(engine).await;
        let (session, other) = (SessionId(Uuid::now_v7()), SessionId(Uuid::now_v7()));
        let sealed = desk.handover.seal(desk.user, session, b"a secret").await.unwrap();
        let open = async |user, session| {
            let opened = desk.handover.open(user, session, sealed.clone()).await;
            opened.is_some_and(|plain| plain.as_slice() == b"a secret")
        };
        assert!(open(desk.user, session).await);
        assert!(!open(desk.user, other).await);
        assert!(!open(UserId(Uuid::now_v7()), session).await);
        desk.turn(59);
        assert!(open(desk.user, session).await);
        desk.turn(1);
        assert!(!open(desk.user, session).await, "a copy is worth nothing later");
    }

    async fn guesses_at_the_same_moment_are_as_many_guesses(engine: Engine) {
        let desk = Desk::new(engine).await;
        let client = Client::default();
        let tries = (0..40).map(|no| {
            let factors = if no % 2 == 0 { desk.factors.clone() } else { desk.beside.clone() };
            let (user, client) = (desk.user, client.clone());
            tokio::spawn(async move { factors.check(user, "000000", &client).await })
        });
        let outcomes = join_all(tries).await;
        let looked = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Ok(false)))).count();
        assert!(looked <= 5, "{looked} codes were looked at");
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(desk.store.factor(desk.user).await.unwrap().unwrap().tries, looked as u32);
    }
}
