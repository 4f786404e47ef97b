//! nginx in front, with its settings as it comes: responses buffered, a minute of patience with a silent server.
//! What the server says of its streams must be enough to get every event through at once, and to keep a stream of
//! which nothing is to be told (D25).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;

use super::{
    figure, full, percentile, ports, scale,
    talk::{MODEL, Talk},
    witness::{Sight, Witness},
};
use crate::harness::{Engine, Events, Server};

/// For a program that starts at once.
const START: Duration = Duration::from_secs(10);
/// What the goal allows nginx to add (µs).
const ADDED: u64 = 50_000;

/// Ways to the same reply.
const DOORS: [&str; 3] = [
    "a conversation's stream",
    "the account's stream",
    "the answer to the message",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_comes_through_nginx_as_fast_as_without() {
    let server = Server::start(Engine::Sqlite, MODEL).await;
    let Some(nginx) = Nginx::start(&server.base, "").await else {
        return;
    };
    let (people, said) = if full() {
        (5, "words-1500@50 please")
    } else {
        (2, "words-75@50 please")
    };
    let talks = join_all((0..people).map(|number| {
        let server = &server;
        async move { Talk::begin(server, &format!("person{number}")).await }
    }))
    .await;
    let scenes = join_all(talks.iter().map(|talk| scene(talk, &nginx, said))).await;
    let mut direct = Vec::new();
    let mut added: [Vec<u64>; 3] = Default::default();
    for (straight, doors) in &scenes {
        let straight = arrivals(&straight.seen());
        direct.extend(
            straight
                .iter()
                .map(|(token, at)| at.saturating_sub(made(token))),
        );
        for (door, witness) in doors.iter().enumerate() {
            let through = arrivals(&witness.seen());
            assert_eq!(
                through.len(),
                straight.len(),
                "{}: tokens are missing",
                DOORS[door]
            );
            added[door].extend(
                through
                    .iter()
                    .map(|(token, at)| at.saturating_sub(straight[token])),
            );
        }
    }
    let (p50, p99) = (percentile(&mut direct, 50), percentile(&mut direct, 99));
    for (door, mut added) in DOORS.into_iter().zip(added) {
        let (half, most) = (percentile(&mut added, 50), percentile(&mut added, 99));
        figure(
            "D25",
            Engine::Sqlite,
            format!(
                "{door} through nginx as it comes (buffering on), {} tokens: added over direct p50 {}, p99 {} ms (direct from \
             the provider p50 {}, p99 {} ms)",
                added.len(),
                millis(half),
                millis(most),
                millis(p50),
                millis(p99),
            ),
        );
        // What the machine adds shows without nginx too. A buffer of nginx takes seconds to fill at this pace.
        let slack = p99 + if full() { 0 } else { 1_000_000 };
        assert!(most <= ADDED + slack, "{door}: nginx adds {most} µs");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_stream_survives_the_patience_of_nginx() {
    // Both scaled in the short form: nginx's patience, and the server's heartbeat.
    let beat = scale(300, 10_000).to_string();
    let patience = if full() { "" } else { "proxy_read_timeout 1s;" };
    let idle = Duration::from_secs(scale(3, 180) as u64);
    let beats = [("PARLANCE_STREAM_HEARTBEAT_MS", beat.as_str())];
    let server = Server::start_with(Engine::Sqlite, MODEL, &beats).await;
    let Some(nginx) = Nginx::start(&server.base, patience).await else {
        return;
    };
    let talk = Talk::begin(&server, "ann").await.at(&nginx.base);
    let account = talk.person.get(&format!("/api/stream?c={}", talk.id));
    let witnesses = [
        Witness::follow(&talk.person, &talk.id).await,
        Witness::of(Events::of(account.send().await.expect("answers"))),
    ];
    // The same where the server's heart beats too slowly: else this would show nothing.
    let slow = Server::start_with(
        Engine::Sqlite,
        MODEL,
        &[("PARLANCE_STREAM_HEARTBEAT_MS", "300000")],
    )
    .await;
    let short = Nginx::start(&slow.base, "proxy_read_timeout 1s;")
        .await
        .expect("there is one");
    let silent = Talk::begin(&slow, "ann").await.at(&short.base);
    let cut = Witness::follow(&silent.person, &silent.id).await;
    sleep(idle).await;
    assert!(cut.is_cut(), "nginx had patience with a silent server");
    for witness in &witnesses {
        let seen = witness.seen();
        assert!(
            !witness.is_cut(),
            "the stream was cut after {:?}",
            seen.last()
        );
        assert!(seen.iter().all(|sight| sight.text().is_none()), "not idle");
    }
    talk.say("words-3 please").await;
    talk.settled().await;
    let began = Instant::now();
    for witness in &witnesses {
        while !witness
            .seen()
            .iter()
            .any(|sight| sight.event.data["op"] == "final")
        {
            assert!(
                began.elapsed() < START && !witness.is_cut(),
                "the end does not come"
            );
            sleep(Duration::from_millis(10)).await;
        }
    }
    let times = if full() { "60 s, as it comes" } else { "1 s" };
    figure(
        "D25",
        Engine::Sqlite,
        format!(
            "idle for {} s behind nginx whose read timeout is {times}: both kinds of stream stay open, then bring a reply; \
         without heartbeats nginx cuts",
            idle.as_secs(),
        ),
    );
}

/// One reply, seen directly and through all doors of nginx, to its end.
async fn scene(talk: &Talk, nginx: &Nginx, said: &str) -> (Witness, Vec<Witness>) {
    let behind = talk.at(&nginx.base).person;
    let straight = Witness::follow(&talk.person, &talk.id).await;
    let account = behind.get(&format!("/api/stream?c={}", talk.id));
    let mut doors = vec![
        Witness::follow(&behind, &talk.id).await,
        Witness::of(Events::of(account.send().await.expect("answers"))),
    ];
    let body = json!({ "content": said, "client_message_id": uuid::Uuid::now_v7().to_string() });
    let answer = behind
        .post(&format!("/api/conversations/{}/messages", talk.id))
        .header("Accept", "text/event-stream")
        .json(&body)
        .send()
        .await
        .expect("answers");
    assert!(answer.status().is_success());
    doors.push(Witness::of(Events::of(answer)));
    for witness in doors.iter().chain([&straight]) {
        while !witness
            .seen()
            .iter()
            .any(|sight| sight.event.data["op"] == "final")
        {
            assert!(!witness.is_cut(), "cut before the end");
            sleep(Duration::from_millis(20)).await;
        }
    }
    (straight, doors)
}

/// When each token came (µs since the Unix epoch).
fn arrivals(seen: &[Sight]) -> BTreeMap<String, u64> {
    let mut came = BTreeMap::new();
    for sight in seen {
        // On a slow machine the first words may be there when the stream begins.
        let text = sight.text().or_else(|| sight.text_before());
        for token in text.into_iter().flat_map(str::split_whitespace) {
            let again = came.insert(token.to_owned(), sight.micros);
            assert!(again.is_none(), "{token} came twice");
        }
    }
    came
}

/// When the provider made a token (µs since the Unix epoch).
fn made(token: &str) -> u64 {
    let micros = token
        .split_once('@')
        .and_then(|(_, micros)| micros.parse().ok());
    micros.expect("a token with its time")
}

fn millis(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1000.0)
}

/// A running nginx in front of a server; dropping it ends it.
struct Nginx {
    base: String,
    child: Child,
    _dir: TempDir,
}

impl Nginx {
    /// `None` where there is no nginx. `more` goes to where the server is named.
    async fn start(base: &str, more: &str) -> Option<Self> {
        let Some(program) = program() else {
            figure("D25", Engine::Sqlite, "SKIPPED: nginx is not to be found");
            return None;
        };
        let dir = TempDir::with_prefix("parlance-nginx-").expect("temporary directory");
        let port = ports::reserved();
        // Besides where things are, nothing is said.
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let places = places
            .map(|kind| format!("{kind}_temp_path {kind};"))
            .concat();
        let config = format!(
            "daemon off; master_process off; pid pid; error_log stderr; events {{}}
            http {{ access_log off; {places} server {{ listen 127.0.0.1:{port};
            location / {{ proxy_pass {base}; {more} }} }} }}"
        );
        std::fs::write(dir.path().join("conf"), config).expect("written");
        let child = Command::new(program)
            .arg("-p")
            .arg(dir.path())
            .args(["-c", "conf"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts");
        let nginx = Self {
            base: format!("http://127.0.0.1:{port}"),
            child,
            _dir: dir,
        };
        let began = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            assert!(began.elapsed() < START, "nginx does not listen");
            sleep(Duration::from_millis(10)).await;
        }
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Of the PATH, or where systems keep what is not for everybody.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let kept = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];
    std::env::split_paths(&path)
        .chain(kept.map(|dir| Path::new(dir).to_owned()))
        .map(|dir| dir.join("nginx"))
        .find(|file| file.is_file())
}
