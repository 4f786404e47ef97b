//! How often a page waits for the database. Counted, not timed: a gate in front of PostgreSQL lets questions through
//! in rounds, and a page that needs three rounds waits three times, however far away the database is.

mod gate;

use std::time::Duration;

use sqlx::{Connection, PgConnection};

use crate::harness::{Browser, Database, Engine, Server, events::Reply};
use gate::Gate;

/// So long nothing more is asked before a round goes: what the server does meanwhile may take its time.
const QUIET: Duration = Duration::from_millis(200);
/// Visits before any is counted.
const WARM: usize = 10;
/// Counted visits. What the process asks of its own accord now and then may fall into one of them, not into all.
const COUNTED: usize = 4;

/// A server whose database is behind a gate, and a person with a conversation.
struct Scene {
    gate: Gate,
    server: Server,
    ann: Browser,
    /// Its address.
    path: String,
    _database: Database,
}

impl Scene {
    async fn set() -> Option<Self> {
        if !Engine::postgres_is_there() {
            return None;
        }
        let database = Engine::Postgres.fresh_database().await.expect("a database");
        let gate = Gate::start(&database).await;
        let through = gate.url();
        let settings = [("DATABASE_URL", through.as_str())];
        let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "the first words").await;
        events.read_to_final(&mut Reply::default()).await;
        let path = format!("/chat/{id}");
        // What runs for the first time on a connection has to be made ready there, and any of them may be given any of it.
        for _ in 0..WARM {
            assert_eq!(ann.page(&path).await.status, 200);
            assert_eq!(ann.page("/chat").await.status, 200);
        }
        Some(Self {
            gate,
            server,
            ann,
            path,
            _database: database,
        })
    }

    /// The rounds until `path` is answered: what was asked in each.
    async fn rounds(&self, path: &str) -> Vec<Vec<String>> {
        // What the visit before left to be done is over then.
        tokio::time::sleep(QUIET).await;
        self.gate.shut();
        let mut answer = Box::pin(self.ann.page(path));
        let mut rounds = Vec::new();
        loop {
            tokio::select! {
                page = &mut answer => {
                    assert_eq!(page.status, 200, "{path}");
                    break;
                }
                () = tokio::time::sleep(QUIET) => {
                    let round = self.gate.pass();
                    if !round.is_empty() {
                        rounds.push(round);
                    }
                }
            }
        }
        self.gate.open();
        rounds
    }

    /// The fewest rounds of some visits.
    async fn fewest(&self, path: &str) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for _ in 0..COUNTED {
            all.push(self.rounds(path).await);
        }
        all.into_iter().min_by_key(Vec::len).expect("some visits")
    }
}

// Several threads: the harness waits for the server without letting the gate work.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_waits_for_the_database_twice() {
    let Some(scene) = Scene::set().await else {
        return;
    };
    // Whose session it is; then everything else side by side.
    for path in [scene.path.as_str(), "/chat"] {
        let rounds = scene.fewest(path).await;
        assert_eq!(rounds.len(), 2, "{path}: {rounds:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_read_again_when_its_question_is_lost() {
    let Some(scene) = Scene::set().await else {
        return;
    };
    scene.gate.shut();
    let page = scene.ann.page(&scene.path);
    let lost = async {
        tokio::time::sleep(QUIET).await;
        assert!(scene.gate.lose() > 0);
        scene.gate.open();
    };
    let (page, ()) = tokio::join!(page, lost);
    assert_eq!(page.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_read_although_the_database_hung_up_meanwhile() {
    let Some(mut scene) = Scene::set().await else {
        return;
    };
    let administrator = PgConnection::connect(scene.gate.behind()).await;
    let mut administrator = administrator.expect("it answers");
    for _ in 0..3 {
        let ended: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity \
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .fetch_one(&mut administrator)
        .await
        .expect("an answer");
        assert!(ended > 0);
        assert_eq!(scene.ann.page(&scene.path).await.status, 200);
    }
    assert!(scene.server.is_well().await);
}
