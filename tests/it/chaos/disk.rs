//! The disk takes nothing more, and later takes it again: nothing that is not in the journal is ever on a screen,
//! the server goes on by itself, and a kill meanwhile or afterwards loses nothing (D23). On SQLite, whose files the
//! server writes itself.
//!
//! Everywhere the disk is stopped by a limit on the size of the server's files, set while it runs: every write of
//! every file fails with EFBIG, its log's too. In the full form `strace`, where it is installed and may trace, has
//! the kernel answer ENOSPC to writes, or EIO to syncs.

mod fault;

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::Value;
use sqlx::Connection;
use tokio::time::sleep;

use self::fault::{Fault, Kind};
use super::{
    dice::Dice,
    figure, full, percentile,
    proxy::Proxy,
    reader::{Manners, Reader},
    scale,
    talk::{MODEL, Talk, Turn, stored},
    witness::Witness,
};
use crate::harness::{Engine, Server};

/// Long, thoughts first, over with the provider while nothing can be stored.
const REPLIES: [&str; 3] = [
    "words-300@200",
    "think-40+words-150@150 please",
    "words-50@100",
];
const CLIENTS: usize = 2;
/// For what was on its way when the disk stopped.
const ON_ITS_WAY: Duration = Duration::from_millis(200);

/// What happens when the disk has failed for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// It works again.
    Space,
    /// It works again, and the server is killed a moment later.
    SpaceAndKill,
    /// The server is killed, and finds the disk well when it is back.
    Kill,
}

/// Conversations with their readers, over a server that may be killed.
struct House {
    server: Server,
    proxy: Proxy,
    tables: Vec<(Talk, Vec<Reader>)>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_shown_that_the_disk_did_not_take() {
    let mut dice = Dice::of("disk");
    let kinds = if full() {
        &Kind::ALL[..]
    } else {
        &[Kind::Limit]
    };
    for kind in kinds {
        let mut house = House::open(*kind, &mut dice).await;
        let (mut resumed, mut refused, mut fates) = (Vec::new(), Vec::new(), [0, 0]);
        let rounds = scale(1, 7);
        for then in [Then::Space, Then::SpaceAndKill, Then::Kill].repeat(rounds) {
            // The first answer that no server can give: there is nothing to stop a disk with.
            let Some(round) = house.round(*kind, then, &mut dice).await else {
                figure(
                    "D23",
                    Engine::Sqlite,
                    format!("{}: not tried, it cannot be had here", kind.name()),
                );
                break;
            };
            resumed.extend(round.resumed);
            refused.push(round.refused);
            fates[0] += round.completed;
            fates[1] += round.interrupted;
        }
        if refused.is_empty() {
            continue;
        }
        figure(
            "D23",
            Engine::Sqlite,
            format!(
                "{}, {} times in mid-reply: 0 shown that is not in the journal, 0 lost, quick_check ok; {} × no restart, text \
             goes on after p50 {}, max {} ms; {rounds} × a kill afterwards, {rounds} × meanwhile; {} replies completed, {} \
             interrupted; sends refused in max {} ms (503), reads go on",
                kind.name(),
                refused.len(),
                resumed.len(),
                percentile(&mut resumed, 50),
                percentile(&mut resumed, 100),
                fates[0],
                fates[1],
                percentile(&mut refused, 100),
            ),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_waits_too_long_for_the_disk_is_sealed_when_there_is_space() {
    let patience = scale(600, 10_000).to_string();
    let settings = [("PARLANCE_JOURNAL_PATIENCE_MS", patience.as_str())];
    let server = Server::start_with(Engine::Sqlite, MODEL, &settings).await;
    let talk = Talk::begin(&server, "ann").await;
    let dice = Dice::of("patience");
    let reader = talk.reader("reader", &server.base, Manners::default(), dice);
    let witness = Witness::follow(&talk.person, &talk.id).await;
    let turn = talk.say("words-100000@100 please").await;
    shows(&reader, &turn).await;
    let Some(fault) = Fault::begin(Kind::Limit, &server).await else {
        return;
    };
    let frozen = Instant::now() + ON_ITS_WAY;
    sleep(Duration::from_millis(scale(1500, 15_000) as u64)).await;
    // Nobody pays a provider for text that has no place.
    assert_eq!(
        server.upstream.stats().active_streams,
        0,
        "the provider is still listened to"
    );
    let back = Instant::now();
    fault.end().await;
    let end = reader.end_of(&turn.g).await;
    let took = back.elapsed().as_millis();
    assert_eq!(end["status"], "interrupted", "{end}");
    let meanwhile = witness.between(frozen, back);
    assert!(meanwhile.iter().all(|sight| sight.text().is_none()));
    let fare = meanwhile.iter().rev().find_map(|sight| sight.status());
    assert!(fare.is_none_or(|fare| fare == "saving"), "{fare:?}");
    assert!(
        witness
            .seen()
            .iter()
            .any(|sight| sight.status() == Some("saving"))
    );
    assert!(!witness.is_cut(), "the stream was cut");
    let open = talk.judge(&[reader]).await;
    let reply = stored(&open, &turn).expect("stored");
    assert_eq!(reply["error"]["code"], "journal_failed");
    let next = talk.say("words-3").await;
    assert_eq!(
        stored(&talk.settled().await, &next).expect("stored")["status"],
        "completed"
    );
    figure(
        "D23",
        Engine::Sqlite,
        format!(
            "a disk full for longer than the {patience} ms of patience: status `saving`, provider let go, sealed as \
         `journal_failed` {took} ms after there is space; the next reply is completed",
        ),
    );
}

/// What one round was like.
struct Round {
    /// From space to new text (ms).
    resumed: Option<u64>,
    /// What a send took to be refused (ms).
    refused: u64,
    completed: u64,
    interrupted: u64,
}

impl House {
    async fn open(kind: Kind, dice: &mut Dice) -> Self {
        // Where syncs fail, each append of the journal has to have one.
        let level = if kind == Kind::Sync {
            "power"
        } else {
            "process"
        };
        let settings = [("PARLANCE_JOURNAL_DURABILITY", level)];
        let server = Server::start_with(Engine::Sqlite, MODEL, &settings).await;
        let proxy = Proxy::start(&server.base, dice.split()).await;
        let mut tables = Vec::new();
        for number in 0..REPLIES.len() {
            let talk = Talk::begin(&server, &format!("person{number}")).await;
            let readers = (0..CLIENTS).map(|client| {
                let name = format!("conversation {number}, client {client}");
                talk.reader(&name, &proxy.base(), Manners::default(), dice.split())
            });
            tables.push((talk.at(&server.base), readers.collect()));
        }
        Self {
            server,
            proxy,
            tables,
        }
    }

    /// `None` when this kind of fault cannot be had.
    async fn round(&mut self, kind: Kind, then: Then, dice: &mut Dice) -> Option<Round> {
        let base = self.server.base.clone();
        let sends = self.tables.iter().zip(REPLIES).map(|((talk, _), text)| {
            let talk = talk.at(&base);
            async move { talk.say(text).await }
        });
        let turns = join_all(sends).await;
        for ((_, readers), turn) in self.tables.iter().zip(&turns) {
            shows(&readers[0], turn).await;
        }
        sleep(dice.millis(0..=200)).await;
        let mine = self.tables[0].0.at(&base);
        let other = Talk {
            id: mine.person.conversation().await,
            person: mine.person.clone(),
        };
        let fault = Fault::begin(kind, &self.server).await?;
        sleep(ON_ITS_WAY).await;
        let seen: Vec<_> = self.readers().map(|reader| reader.screen().shown).collect();
        let refused = refuse(&other, &mine).await;
        sleep(dice.millis(0..=if full() { 8000 } else { 500 })).await;
        for (reader, before) in self.readers().zip(&seen) {
            assert_eq!(
                reader.screen().shown.seq,
                before.seq,
                "text goes on although the disk takes none"
            );
        }
        self.assert_journaled().await;
        let joins: Vec<u64> = self.readers().map(|reader| reader.tally().joins).collect();
        let mut resumed = None;
        if then == Then::Kill {
            self.server.kill();
            fault.end().await;
        } else {
            let back = Instant::now();
            fault.end().await;
            let g = &turns[0].g;
            let first = &self.tables[0].1[0];
            first
                .until("text after the fault", |screen, _| {
                    (screen.shown.seq > seen[0].seq || screen.ends.contains_key(g)).then_some(())
                })
                .await;
            resumed = Some(back.elapsed().as_millis() as u64);
        }
        if then == Then::SpaceAndKill {
            sleep(dice.millis(0..=400)).await;
            self.server.kill();
        }
        if then != Then::Space {
            resumed = None;
            self.server.restart();
            self.proxy.aim(&self.server.base);
            // Those whose reply was over before the kill, too: the next is to be seen from its first word.
            for (reader, before) in self.readers().zip(joins) {
                let back = reader.until("a greeting", |_, tally| {
                    (tally.joins > before).then_some(())
                });
                back.await;
            }
        }
        assert!(
            self.server.is_well().await,
            "it is the process that it was, and well"
        );
        assert_sound(&self.server).await;
        let mut round = Round {
            resumed,
            refused,
            completed: 0,
            interrupted: 0,
        };
        for ((talk, readers), turn) in self.tables.iter().zip(&turns) {
            join_all(readers.iter().map(|reader| reader.end_of(&turn.g))).await;
            let open = talk.at(&self.server.base).judge(readers).await;
            let reply = stored(&open, turn).expect("stored");
            match reply["status"].as_str() {
                Some("completed") => round.completed += 1,
                Some("interrupted") if then != Then::Space => round.interrupted += 1,
                _ => panic!("{then:?}: {reply}"),
            }
        }
        // What was refused is taken in now, once.
        let other = other.at(&self.server.base);
        let again = other
            .try_say("words-3 please", &other.id)
            .await
            .expect("taken in");
        let open = other.settled().await;
        let messages = open["messages"].as_array().expect("messages");
        let mine = messages.iter().filter(|said| said["id"] == again.message);
        assert_eq!(mine.count(), 1);
        match stored(&open, &again) {
            Some(reply) => assert_eq!(reply["status"], "completed"),
            // Written though not synced, so refused, and found there by the process that came after.
            None => {
                assert!(
                    kind == Kind::Sync && then != Then::Space,
                    "{kind:?}, {then:?}"
                );
                assert_eq!(open["failure"]["error"]["code"], "server_restart");
            }
        }
        Some(round)
    }

    fn readers(&self) -> impl Iterator<Item = &Reader> {
        self.tables.iter().flat_map(|(_, readers)| readers)
    }

    /// What every screen shows is in the file of the journal.
    async fn assert_journaled(&self) {
        for reader in self.readers() {
            let shown = reader.screen().shown;
            let kept = journaled(&self.server, &shown.message).await;
            let (seen, held) = (shown.text.len(), kept.len());
            assert!(
                kept.starts_with(&shown.text),
                "{seen} bytes are shown, {held} are in the journal"
            );
        }
    }
}

/// Says something that cannot be stored, and looks at something that can be read. What the answer took (ms).
async fn refuse(other: &Talk, readable: &Talk) -> u64 {
    let began = Instant::now();
    let response = other
        .person
        .send(&other.id, "words-3 please", &other.id)
        .await;
    let took = began.elapsed().as_millis() as u64;
    let status = response.status();
    let answer: Value = response.json().await.expect("JSON");
    assert_eq!(status, 503, "{answer}");
    assert_eq!(answer["code"], "storage_unavailable");
    assert!(readable.open().await["messages"].is_array());
    took
}

/// Waits until the reply's first words are on the screen.
async fn shows(reader: &Reader, turn: &Turn) {
    let what = format!("text of {}", turn.g);
    reader
        .until(&what, |screen, _| {
            (screen.shown.g == turn.g && screen.shown.seq > 1).then_some(())
        })
        .await;
}

async fn open(server: &Server, file: &str) -> sqlx::SqliteConnection {
    let url = format!("sqlite:{}", server.data_dir().join(file).display());
    sqlx::SqliteConnection::connect(&url).await.expect("opens")
}

/// The text of a reply as the files have it: its message if it has ended, its frames if it has not.
async fn journaled(server: &Server, reply: &str) -> String {
    let id = reply.replace('-', "");
    let mut main = open(server, "main.db").await;
    let message = "select content from messages where id = unhex($1)";
    let message: Option<String> = sqlx::query_scalar(message)
        .bind(&id)
        .fetch_optional(&mut main)
        .await
        .expect("read");
    if let Some(text) = message {
        return text;
    }
    let no = "select no from generations where reply_message_id = unhex($1)";
    let no: i64 = sqlx::query_scalar(no)
        .bind(&id)
        .fetch_one(&mut main)
        .await
        .expect("read");
    let frames =
        "select distinct seq, body from frames where gen_no = $1 and part = 'text' order by seq";
    let frames: Vec<(i64, String)> = sqlx::query_as(frames)
        .bind(no)
        .fetch_all(&mut open(server, "journal.db").await)
        .await
        .expect("read");
    frames.into_iter().map(|(_, body)| body).collect()
}

async fn assert_sound(server: &Server) {
    for file in ["main.db", "journal.db"] {
        let verdict: String = sqlx::query_scalar("pragma quick_check")
            .fetch_one(&mut open(server, file).await)
            .await
            .expect("checked");
        assert_eq!(verdict, "ok", "{file}");
    }
}
