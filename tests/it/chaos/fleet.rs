//! Several instances on one PostgreSQL database, with one provider: owners that die, freeze or are replaced, and
//! everything that must reach the others (D6, D7, D8, and D15, D17, D26 over instances).

mod deaths;
mod pauses;
mod reach;
mod rolling;

use std::time::Duration;

use parlance_upstream::Upstream;

use super::{full, talk::MODEL};
use crate::harness::{Database, Engine, Server};

/// Leases and looks at a tenth of their length (ms): heartbeat, time to live, poll.
const TENTH: [(&str, &str); 3] = [
    ("PARLANCE_INSTANCE_BEAT_MS", "200"),
    ("PARLANCE_INSTANCE_TTL_MS", "1000"),
    ("PARLANCE_POLL_MS", "50"),
];

/// The instances' leases: as shipped in the full form, else at a tenth.
fn leases() -> &'static [(&'static str, &'static str)] {
    if full() { &[] } else { &TENTH }
}

/// What takes `time` with the leases as shipped.
fn by_lease(time: Duration) -> Duration {
    if full() { time } else { time / 10 }
}

/// Instances that share a database and a provider; each has a data directory of its own.
struct Fleet {
    servers: Vec<Server>,
    upstream: Upstream,
    url: Database,
}

impl Fleet {
    /// `None` without PostgreSQL.
    async fn start(size: usize, settings: &[(&str, &str)]) -> Option<Self> {
        if !Engine::postgres_is_there() {
            return None;
        }
        let upstream = Upstream::start().await;
        let url = Engine::Postgres
            .fresh_database()
            .await
            .expect("PostgreSQL has an address");
        let provider = upstream.base_url();
        let shared = [
            ("DATABASE_URL", &*url),
            ("OPENAI_BASE_URL", provider.as_str()),
        ];
        let all: Vec<_> = shared.iter().chain(settings).copied().collect();
        let mut servers = Vec::new();
        for _ in 0..size {
            // The engine says where a database of its own would be: nowhere.
            servers.push(Server::start_with(Engine::Sqlite, MODEL, &all).await);
        }
        Some(Self {
            servers,
            upstream,
            url,
        })
    }

    fn bases(&self) -> Vec<&str> {
        self.servers
            .iter()
            .map(|server| server.base.as_str())
            .collect()
    }

    /// One number out of the database.
    async fn count(&self, sql: &'static str) -> i64 {
        use sqlx::Connection;
        let mut db = sqlx::PgConnection::connect(&self.url)
            .await
            .expect("connects");
        sqlx::query_scalar(sql)
            .fetch_one(&mut db)
            .await
            .expect("counted")
    }

    /// Frames that were committed behind the seal of their generation.
    async fn frames_after_a_seal(&self) -> i64 {
        self.count(
            "select count(*) from generation_frames frame join generation_frames seal \
             on seal.gen_no = frame.gen_no and seal.kind = 'seal' and frame.seq > seal.seq",
        )
        .await
    }
}
