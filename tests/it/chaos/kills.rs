//! The server is killed at any moment: nothing that was shown is lost or doubled, the databases stay sound, and
//! the journal is empty in the end (D1, D30).

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::{
    dice::Dice,
    figure, percentile,
    proxy::Proxy,
    reader::{Manners, Reader},
    scale,
    talk::{MODEL, Talk, Turn, stored},
};
use crate::harness::{Engine, Server, on_both};

const REPLIES: usize = 5;
const CLIENTS: usize = 3;
/// A round's replies are under way for about so long; kills fall before, in and after it (ms).
const ROUND: u64 = 900;
/// About what the binary needs to start (ms): further kills fall into recovery.
const START: u64 = 150;
/// Of each kind: long and slow, short and fast, thoughts first.
const REPLIES_SAID: [&str; 4] = [
    "words-400@500 please",
    "words-60@60 please",
    "think-40+words-100@200 please",
    "words-2000@0 please",
];

struct Table {
    talk: Talk,
    readers: Vec<Reader>,
}

/// What became of the replies of all rounds.
#[derive(Default)]
struct Count {
    completed: u64,
    interrupted: u64,
    failed: u64,
    bytes: u64,
}

on_both! {
    async fn nothing_shown_is_lost_when_the_server_is_killed(engine: Engine) {
        let (kills, mut dice) = (scale(5, 100), Dice::of("kills"));
        let mut server = Server::start_with(engine, MODEL, &[]).await;
        let proxy = Proxy::start(&server.base, dice.split()).await;
        let mut tables = Vec::new();
        for number in 0..REPLIES {
            let talk = Talk::begin(&server, &format!("person{number}")).await;
            let readers = (0..CLIENTS).map(|client| {
                let name = format!("conversation {number}, client {client}");
                talk.reader(&name, &proxy.base(), Manners::default(), dice.split())
            });
            tables.push(Table { readers: readers.collect(), talk });
        }
        let (mut count, mut starts, mut again) = (Count::default(), Vec::new(), 0);
        for round in 0..kills {
            let said: Vec<_> = tables.iter().map(|_| *dice.pick(&REPLIES_SAID)).collect();
            // Some before the provider has said a word, most when the first client has seen one.
            let early = dice.percent(20);
            let moment = if early { dice.millis(0..=40) } else { dice.millis(0..=ROUND) };
            let before: Vec<_> = tables.iter().map(Table::seen).collect();
            let base = server.base.clone();
            let sends = tables.iter().zip(&said).enumerate().map(|(number, (table, text))| {
                let talk = table.talk.at(&base);
                let id = format!("{round}-{number}");
                async move { talk.try_say(text, &id).await }
            });
            let (turns, ()) = tokio::join!(join_all(sends), async {
                while !early && tables.iter().zip(&before).all(|(table, before)| table.seen() == *before) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                tokio::time::sleep(moment).await;
                server.kill();
            });
            while dice.percent(35) {
                again += 1;
                server.stumble(dice.millis(0..=START)).await;
            }
            assert_sound_files(&server).await;
            let began = Instant::now();
            server.restart();
            starts.push(began.elapsed().as_millis() as u64);
            proxy.aim(&server.base);
            for (number, (table, turn)) in tables.iter().zip(turns).enumerate() {
                let turn = match turn {
                    Some(turn) => turn,
                    // No answer came: the browser says it again.
                    None => {
                        let id = format!("{round}-{number}");
                        let again = table.talk.at(&server.base).try_say(said[number], &id).await;
                        again.unwrap_or_else(|| panic!("round {round}: not taken in a second time"))
                    }
                };
                table.judge(&server.base, &turn, &mut count).await;
            }
        }
        assert!(count.bytes > 0);
        nothing_is_left(&server).await;
        figure("D1", engine, format!(
            "{kills} kills at random moments and {again} more during start and recovery, {REPLIES} replies, {CLIENTS} clients each: \
             0 lost, 0 doubled, quick_check ok; {} completed, {} interrupted, {} failed, {} KiB of text; restart p50 {} ms, max {} ms",
            count.completed, count.interrupted, count.failed, count.bytes / 1024,
            percentile(&mut starts, 50), percentile(&mut starts, 100),
        ));
        figure("D30", engine, format!("no frame and no open generation is left after {kills} kills"));
    }

    async fn a_server_killed_while_it_first_starts_still_starts(engine: Engine) {
        let (tries, mut dice) = (scale(2, 20), Dice::of("first start"));
        for _ in 0..tries {
            let stumbles: Vec<_> = (0..3).map(|_| dice.millis(0..=START)).collect();
            let server = Server::start_after(engine, MODEL, &[], &stumbles).await;
            let talk = Talk::begin(&server, "ann").await;
            let turn = talk.say("words-5 please").await;
            let open = talk.settled().await;
            assert_eq!(stored(&open, &turn).expect("stored")["status"], "completed", "{stumbles:?}");
        }
        figure("D1", engine, format!("{tries} first starts, each killed 3 times within {START} ms (migrations): all start"));
    }

    async fn the_journal_is_empty_after_the_last_reply(engine: Engine) {
        let server = Server::start(engine, MODEL).await;
        let talk = Talk::begin(&server, "ann").await;
        for said in ["words-50", "fault-reset@7", "fault-500", "fault-eof@3", "words-9+fault-length"] {
            talk.say(said).await;
            talk.settled().await;
        }
        let stopped = talk.say("words-100000@100").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let path = format!("/api/generations/{}/stop", stopped.generation);
        assert_eq!(talk.person.post(&path).send().await.expect("answers").status(), 200);
        let began = Instant::now();
        nothing_is_left(&server).await;
        figure("D30", engine, format!("journal empty {} ms after the last reply", began.elapsed().as_millis()));
    }
}

impl Table {
    /// What its first client shows: the reply and its frames.
    fn seen(&self) -> (String, u64) {
        let shown = self.readers[0].screen().shown;
        (shown.g, shown.seq)
    }

    /// Every client is told the end of the turn, and what they all saw agrees with what is stored.
    async fn judge(&self, base: &str, turn: &Turn, count: &mut Count) {
        let ends = join_all(self.readers.iter().map(|reader| reader.end_of(&turn.g))).await;
        let open = self.talk.at(base).judge(&self.readers).await;
        let reply = stored(&open, turn);
        for end in &ends {
            assert_eq!(end["message"].is_object(), reply.is_some(), "{end}");
        }
        match reply {
            Some(reply) => {
                count.bytes += reply["content"].as_str().map_or(0, str::len) as u64;
                match reply["status"].as_str() {
                    Some("completed") => count.completed += 1,
                    Some("interrupted") => count.interrupted += 1,
                    other => panic!("{other:?}"),
                }
            }
            None => {
                assert_eq!(ends[0]["status"], "failed");
                count.failed += 1;
            }
        }
    }
}

/// `quick_check` of copies, so that looking changes nothing. PostgreSQL was not killed: nothing to check.
async fn assert_sound_files(server: &Server) {
    use sqlx::Connection;
    if server.database_url.is_some() {
        return;
    }
    let copies = tempfile::tempdir().expect("temporary directory");
    for name in ["main.db", "journal.db"] {
        for suffix in ["", "-wal"] {
            let file = format!("{name}{suffix}");
            let from = server.data_dir().join(&file);
            if from.exists() {
                std::fs::copy(from, copies.path().join(&file)).expect("copied");
            }
        }
        let url = format!("sqlite:{}", copies.path().join(name).display());
        let mut db = sqlx::SqliteConnection::connect(&url).await.expect("opens");
        let verdict: String = sqlx::query_scalar("pragma quick_check")
            .fetch_one(&mut db)
            .await
            .expect("checked");
        assert_eq!(verdict, "ok", "{name}");
        db.close().await.expect("closes");
    }
}

/// Waits until no frame and no open generation is left.
async fn nothing_is_left(server: &Server) {
    let mut left = (0, 0);
    for _ in 0..300 {
        left = leftovers(server).await;
        if left == (0, 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "{} frames and {} open generations are left behind",
        left.0, left.1
    );
}

/// Frames in the journal, and generations that have not ended.
async fn leftovers(server: &Server) -> (i64, i64) {
    use sqlx::Connection;
    const OPEN: &str =
        "select count(*) from generations where status in ('queued', 'starting', 'streaming')";
    if let Some(url) = &server.database_url {
        // The seal stays, so that a late writer still collides with it.
        let frames = "select count(*) from generation_frames where kind <> 'seal'";
        let mut db = sqlx::PgConnection::connect(url).await.expect("connects");
        let frames = sqlx::query_scalar(frames)
            .fetch_one(&mut db)
            .await
            .expect("counted");
        let open = sqlx::query_scalar(OPEN)
            .fetch_one(&mut db)
            .await
            .expect("counted");
        return (frames, open);
    }
    let count = async |file: &str, sql: &'static str| -> i64 {
        let url = format!("sqlite:{}", server.data_dir().join(file).display());
        let mut db = sqlx::SqliteConnection::connect(&url)
            .await
            .expect("connects");
        sqlx::query_scalar(sql)
            .fetch_one(&mut db)
            .await
            .expect("counted")
    };
    let frames = count("journal.db", "select count(*) from frames").await;
    (frames, count("main.db", OPEN).await)
}
