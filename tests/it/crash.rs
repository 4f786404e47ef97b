//! The server dies in mid-reply; nothing that was shown may be lost.

use std::time::Duration;

use crate::harness::{
    Engine, Server,
    events::{Reply, assert_whole},
    on_both,
};

on_both! {
    async fn a_killed_server_keeps_what_it_had_shown(engine: Engine) {
        let mut server = Server::start(engine, "words-100000@200").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        for round in 1..=3_usize {
            let mut events = ann.at(&server.base).follow(&id, None).await;
            // The end of the round before is told first.
            if round > 1 {
                events.read_to_final(&mut Reply::default()).await;
            }
            let accepted = ann.at(&server.base).say(&id, "go").await;
            let mut shown = Reply::default();
            while shown.seq < 8 * round as u64 {
                shown.apply(&events.next().await.unwrap());
            }
            server.kill();
            // What was on its way when the process died counts as shown too.
            while let Some(event) = events.next().await {
                shown.apply(&event);
            }
            server.restart();

            let open = ann.at(&server.base).open(&id).await;
            let replies: Vec<_> =
                open["messages"].as_array().unwrap().iter().filter(|m| m["id"] == accepted["reply_message_id"]).collect();
            assert_eq!(replies.len(), 1, "exactly once");
            let reply = replies[0];
            assert_eq!(reply["status"], "interrupted");
            assert_eq!(reply["error"]["code"], "server_restart");
            let stored = reply["content"].as_str().unwrap();
            assert!(stored.starts_with(&shown.text), "shown text was lost in round {round}");
            assert_whole(stored);
            assert_eq!(open["messages"].as_array().unwrap().len(), 2 * round);
            assert!(open["active"].is_null());
        }
    }

    async fn a_viewer_resumes_over_the_crash_and_is_told_the_end(engine: Engine) {
        let mut server = Server::start(engine, "words-100000@200").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "go").await;
        let mut reply = Reply::default();
        while reply.seq < 10 {
            reply.apply(&events.next().await.unwrap());
        }
        server.kill();
        while let Some(event) = events.next().await {
            reply.apply(&event);
        }
        server.restart();
        let mut events = ann.at(&server.base).follow(&id, events.cursor.as_deref()).await;
        assert_eq!(events.next().await.unwrap().data["resume"], "exact");
        let last = events.read_to_final(&mut reply).await;
        assert_eq!(last["status"], "interrupted");
        assert_whole(&reply.text);
    }

    async fn a_reply_that_had_not_begun_fails_and_the_next_one_works(engine: Engine) {
        let mut server = Server::start(engine, "fault-stall-before").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, "anybody there?").await;
        server.kill();
        server.restart();
        let open = ann.at(&server.base).open(&id).await;
        assert_eq!(open["messages"].as_array().unwrap().len(), 1);
        assert_eq!(open["failure"]["status"], "failed");
        assert_eq!(open["failure"]["error"]["code"], "server_restart");
        ann.at(&server.base).say(&id, "again").await;
    }

    async fn asked_to_end_it_lets_a_short_reply_finish(engine: Engine) {
        let mut server = Server::start(engine, "words-40@40").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "go").await;
        let mut reply = Reply::default();
        while reply.seq < 2 {
            reply.apply(&events.next().await.unwrap());
        }
        assert!(server.terminate().await.success());
        let mut bye = None;
        while let Some(event) = events.next().await {
            bye = Some(event);
        }
        assert_eq!(bye.unwrap().data["reason"], "drain");
        server.restart();
        let open = ann.at(&server.base).open(&id).await;
        assert_eq!(open["messages"][1]["status"], "completed");
        assert!(open["messages"][1]["content"].as_str().unwrap().starts_with(&reply.text));
    }

    async fn the_journal_is_empty_after_the_reply(engine: Engine) {
        let server = Server::start(engine, "words-50@0").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, "go").await;
        ann.follow(&id, None).await.read_to_final(&mut Reply::default()).await;
        for _ in 0..100 {
            if journal_rows(&server).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("frames were left behind");
    }
}

async fn journal_rows(server: &Server) -> i64 {
    use sqlx::Connection;
    if let Some(url) = &server.database_url {
        // The seal stays, so that a late writer still collides with it.
        let count = "select count(*) from generation_frames where kind <> 'seal'";
        let mut db = sqlx::PgConnection::connect(url).await.unwrap();
        return sqlx::query_scalar(count).fetch_one(&mut db).await.unwrap();
    }
    let url = format!("sqlite:{}", server.data_dir().join("journal.db").display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query_scalar("select count(*) from frames")
        .fetch_one(&mut db)
        .await
        .unwrap()
}
