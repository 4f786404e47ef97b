//! 77, looked at from below: the bytes of SQLite's files, the space in them that is free again, and their logs.
//!
//! When a row moves to another page, what lies between rows may keep a copy of its first bytes. So a long text is
//! looked for, of which next to nothing may be left.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use super::CANARY;
use crate::harness::{
    Browser, Engine, Server,
    browser::PASSWORD,
    events::Reply,
    intruder::{dump, execute},
};

const TIMES: usize = 1_000;
/// What one page may hold of it, and no more.
const TRACE: usize = 200;

fn times(bytes: &[u8]) -> usize {
    let found = bytes.windows(CANARY.len());
    found.filter(|window| *window == CANARY.as_bytes()).count()
}

/// A long text and its echo.
async fn say(browser: &Browser) -> String {
    let id = browser.conversation().await;
    let mut events = browser.follow(&id, None).await;
    browser.say(&id, &format!("{CANARY} ").repeat(TIMES)).await;
    events.read_to_final(&mut Reply::default()).await;
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_77_what_was_deleted_is_overwritten_in_the_file() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    say(&ann).await;
    let file = server.data_dir().join("main.db");
    let kept = async || {
        let mut db = SqliteConnection::connect(&format!("sqlite:{}", file.display()))
            .await
            .unwrap();
        let folded: (i64, i64, i64) = sqlx::query_as("pragma wal_checkpoint(truncate)")
            .fetch_one(&mut db)
            .await
            .unwrap();
        assert_eq!(folded.0, 0, "nobody was in the way");
        times(&std::fs::read(&file).unwrap())
    };
    // Less a few that lie on two pages.
    assert!(kept().await > 2 * TIMES - TRACE);
    let end = ann.request(Method::DELETE, "/api/account");
    let end = end.json(&json!({ "current_password": PASSWORD }));
    assert_eq!(end.send().await.unwrap().status(), 204);
    let left = kept().await;
    assert!(left < TRACE, "{left} times");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_77_what_left_the_bin_is_in_no_file_and_no_log() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let id = say(&ann).await;
    let delete = ann.request(Method::DELETE, &format!("/api/conversations/{id}"));
    assert_eq!(delete.send().await.unwrap().status(), 204);
    let back = "update conversations set deleted_at = deleted_at - 31 * 86400000000";
    assert_eq!(execute(&server, back).await.unwrap(), 1);
    assert!(times(&dump(&server).await) > 2 * TIMES - TRACE);
    server.kill();
    server.restart();
    // What sweeps begins with the server, beside it.
    let mut left = usize::MAX;
    for _ in 0..250 {
        left = times(&dump(&server).await);
        if left < TRACE {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(left < TRACE, "{left} times");
}
