//! Following: joining at any moment, resuming after any cut, saying goodbye.

use parlance_core::domain::limits;

use crate::harness::{
    Engine, Events, Server,
    events::{Applied, Reply, assert_whole, tokens},
    on_both,
};

on_both! {
    async fn every_cut_is_resumed_without_a_gap(engine: Engine) {
        let server = Server::start(engine, "words-120@150").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let cursor = ann.say(&id, "go").await["cursor"].as_str().unwrap().to_owned();
        let (mut reply, mut cursor, mut joins) = (Reply::default(), Some(cursor), 0);
        'reply: loop {
            let mut events = ann.follow(&id, cursor.as_deref()).await;
            joins += 1;
            let hello = events.next().await.unwrap();
            assert_eq!(hello.data["resume"], "exact", "join {joins}");
            if joins == 1 {
                // The cursor of the answer stands on the generation, before its first frame.
                reply.g = cursor.as_deref().unwrap().split(':').nth(1).unwrap().to_owned();
            }
            for _ in 0..4 {
                let event = events.next().await.unwrap();
                if reply.apply(&event) == Applied::Final {
                    break 'reply;
                }
                cursor = events.cursor.clone().or(cursor);
            }
        }
        assert!(joins > 3);
        assert_eq!(tokens(&reply.text).len(), 120);
        assert_whole(&reply.text);
    }

    async fn whoever_joins_late_gets_the_same_text(engine: Engine) {
        let server = Server::start(engine, "words-80@100").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut first = ann.follow(&id, None).await;
        ann.say(&id, "go").await;
        let mut early = Reply::default();
        while early.seq < 10 {
            early.apply(&first.next().await.unwrap());
        }
        let mut second = ann.follow(&id, None).await;
        let mut late = Reply::default();
        // The page of a reload: text and the cursor that covers it, then the stream from there.
        let open = ann.open(&id).await;
        let shown = open["active"]["parts"][0]["text"].as_str().unwrap().to_owned();
        let cursor = open["cursor"].as_str().unwrap();
        let fields: Vec<&str> = cursor.split(':').collect();
        let mut reloaded = Reply { g: fields[1].to_owned(), seq: fields[2].parse().unwrap(), text: shown, ..Reply::default() };
        let mut third = ann.follow(&id, Some(cursor)).await;
        assert_eq!(third.next().await.unwrap().data["resume"], "exact");
        let (a, b, c) = tokio::join!(
            first.read_to_final(&mut early),
            second.read_to_final(&mut late),
            third.read_to_final(&mut reloaded),
        );
        assert_eq!(a["text_sha256"], b["text_sha256"]);
        assert_eq!(b["text_sha256"], c["text_sha256"]);
        assert_eq!((&early.text, &late.text), (&late.text, &reloaded.text));
        assert_whole(&late.text);
    }

    async fn whoever_is_far_behind_is_told_the_end_with_its_reply(engine: Engine) {
        let server = Server::start(engine, "words-1").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "go").await;
        events.read_to_final(&mut Reply::default()).await;
        let early = events.cursor.clone().unwrap();
        // Two messages a turn, and more of them than are told one by one.
        for _ in 0..=limits::CHANGES / 2 {
            ann.say(&id, "go").await;
            events.read_to_final(&mut Reply::default()).await;
        }
        let mut late = ann.follow(&id, Some(&early)).await;
        assert_eq!(late.next().await.unwrap().data["resume"], "snapshot");
        let end = late.read_to_final(&mut Reply::default()).await;
        assert!(end["message"]["content"].as_str().unwrap().starts_with("w1@"), "{end}");
    }

    async fn a_cursor_that_cannot_be_continued_starts_anew(engine: Engine) {
        let server = Server::start(engine, "words-10@0").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, "go").await;
        let mut reply = Reply::default();
        ann.follow(&id, None).await.read_to_final(&mut reply).await;
        for (cursor, resume) in [
            ("rubbish", "snapshot"),
            ("1", "snapshot"),
            ("999999:k7f2m9qd3x:3", "reset"),
            ("%F0%9F%99%82", "snapshot"),
            ("2:k7f2m9qd3x:1", "snapshot"),
        ] {
            let mut events = ann.follow(&id, Some(cursor)).await;
            let hello = events.next().await.unwrap();
            assert_eq!(hello.data["resume"], resume, "{cursor}");
            let mut again = Reply::default();
            events.read_to_final(&mut again).await;
            assert_eq!(again.text, reply.text, "{cursor}");
        }
    }

    async fn last_event_id_wins_over_the_address(engine: Engine) {
        let server = Server::start(engine, "words-10@0").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, "go").await;
        let mut events = ann.follow(&id, None).await;
        events.read_to_final(&mut Reply::default()).await;
        let cursor = events.cursor.clone().unwrap();
        let path = format!("/api/conversations/{id}/stream?after=rubbish");
        let response = ann.get(&path).header("Last-Event-ID", &cursor).send().await.unwrap();
        let hello = Events::of(response).next().await.unwrap();
        assert_eq!(hello.data["resume"], "exact");
        // Everything is delivered: with `once` there is nothing to wait for.
        let path = format!("/api/conversations/{id}/stream?once=1&after={cursor}");
        assert_eq!(ann.get(&path).send().await.unwrap().status(), 204);
    }

    async fn another_tab_sees_the_turn_live(engine: Engine) {
        let server = Server::start(engine, "words-20@100").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut other = ann.follow(&id, None).await;
        other.next().await.unwrap();
        let accepted = ann.say(&id, "from the first tab").await;
        let mut seen = Vec::new();
        let mut reply = Reply::default();
        loop {
            let event = other.next().await.unwrap();
            seen.push(format!("{} {}", event.kind, event.data["op"].as_str().unwrap_or_default()));
            if event.data["op"] == "upsert" {
                assert_eq!(event.data["message"]["id"], accepted["message_id"]);
            }
            if reply.apply(&event) == Applied::Final {
                break;
            }
        }
        let place = |what: &str| seen.iter().position(|kind| kind == what).unwrap_or_else(|| panic!("{what}: {seen:?}"));
        assert!(place("message upsert") < place("message snapshot"));
        assert!(place("message snapshot") < place("message delta"));
        assert_whole(&reply.text);
    }

    async fn the_answer_to_a_message_can_be_its_stream(engine: Engine) {
        let server = Server::start(engine, "words-15@100").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let response = ann
            .post(&format!("/api/conversations/{id}/messages"))
            .header("Accept", "text/event-stream")
            .json(&serde_json::json!({ "content": "go", "client_message_id": "c1" }))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        let mut events = Events::of(response);
        let mut reply = Reply::default();
        events.read_to_final(&mut reply).await;
        assert_eq!(tokens(&reply.text).len(), 15);
        while let Some(event) = events.next().await {
            assert_ne!(event.kind, "message", "nothing follows the end");
        }
    }

    async fn signing_out_closes_the_live_streams_of_that_session(engine: Engine) {
        let server = Server::start(engine, "words-10@0").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        // The greeting, and the conversation itself.
        for kind in ["hello", "conversation"] {
            assert_eq!(events.next().await.unwrap().kind, kind);
        }
        ann.post("/api/auth/logout").send().await.unwrap();
        let bye = events.next().await.unwrap();
        assert_eq!((bye.kind.as_str(), bye.data["reason"].as_str()), ("bye", Some("revoked")));
        assert!(events.next().await.is_none());
        let path = format!("/api/conversations/{id}/stream");
        assert_eq!(ann.get(&path).send().await.unwrap().status(), 401);
    }
}
