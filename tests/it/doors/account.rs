//! The stream of the whole account, and what the probes say.

use std::time::Duration;

use super::{get, socket::Socket};
use crate::harness::{
    Browser, Engine, Events, Server,
    events::{Applied, Event, Reply, assert_whole},
    fields, on_both, problem, refused,
};

async fn follow(browser: &Browser, query: &str) -> Events {
    let response = browser
        .get(&format!("/api/stream{query}"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Events::of(response)
}

/// Reads on to an event that fits.
async fn find(events: &mut Events, fits: impl Fn(&Event) -> bool) -> Event {
    loop {
        let event = events.next().await.expect("not the end");
        if fits(&event) {
            return event;
        }
    }
}

on_both! {
    async fn one_stream_brings_the_list_and_several_conversations(engine: Engine) {
        let server = Server::start(engine, "words-20@200").await;
        let ann = server.member("ann").await;
        let (one, two) = (ann.conversation().await, ann.conversation().await);
        let nobodys = uuid::Uuid::now_v7().to_string();
        let cursor = ann.open(&one).await["cursor"].as_str().unwrap().to_owned();
        let mut events = follow(&ann, &format!("?c={one}:{cursor},{two},{nobodys}:1::0")).await;
        let unknown = find(&mut events, |event| event.kind == "error").await;
        assert_eq!(unknown.data["conversation_id"], nobodys.as_str());
        assert_eq!(unknown.data["code"], "not_found");

        // The stream goes on: replies of both, each with its name.
        ann.say(&one, "first").await;
        ann.say(&two, "second").await;
        let mut replies = [(one.clone(), Reply::default()), (two.clone(), Reply::default())];
        let (mut ended, mut listed) = (0, 0);
        while ended < 2 || listed < 2 {
            let event = events.next().await.unwrap();
            if event.kind == "conversation" && event.data["title"] != "" {
                listed += 1;
            }
            let about = event.data["conversation_id"].as_str().unwrap_or_default().to_owned();
            if let Some((_, reply)) = replies.iter_mut().find(|(id, _)| *id == about)
                && reply.apply(&event) == Applied::Final
            {
                ended += 1;
            }
        }
        for (_, reply) in &replies {
            assert_whole(&reply.text);
        }
    }

    async fn a_foreign_conversation_is_an_error_about_it(engine: Engine) {
        let server = Server::start(engine, "words-10@0").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let hers = ann.conversation().await;
        let cursor = ann.say(&hers, "secret").await["cursor"].as_str().unwrap().to_owned();
        let mut events = follow(&bob, &format!("?c={hers}:{cursor}")).await;
        let error = find(&mut events, |event| event.kind == "error").await;
        assert_eq!((error.data["code"].as_str(), error.data["conversation_id"].as_str()), (Some("not_found"), Some(hers.as_str())));
        let his = bob.conversation().await;
        bob.say(&his, "mine").await;
        let told = find(&mut events, |event| event.kind == "conversation" || event.kind == "message").await;
        assert_eq!(told.data["id"], his.as_str());
    }

    async fn probes_tell_the_machine_itself_what_is_promised_and_by_whom(engine: Engine) {
        let server = Server::start_with(engine, "echo", &[("PARLANCE_JOURNAL_DURABILITY", "power")]).await;
        let response = server.visitor().get("/readyz").send().await.unwrap();
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["ready", "durability: power"]);
        let instance = lines.get(2).and_then(|line| line.strip_prefix("instance: "));
        match engine {
            Engine::Sqlite => assert_eq!(instance, None),
            Engine::Postgres => assert!(uuid::Uuid::parse_str(instance.unwrap()).is_ok()),
        }
    }
}

#[tokio::test]
async fn a_process_that_holds_enough_streams_asks_to_come_back() {
    let server = Server::start_with(Engine::Sqlite, "echo", &[("PARLANCE_STREAMS", "1")]).await;
    let [ann, ben] = [server.member("ann").await, server.member("ben").await];
    let id = ben.conversation().await;
    let held = follow(&ann, "").await;
    for path in ["/api/stream", &format!("/api/conversations/{id}/stream")] {
        let mut events = Events::of(ben.get(path).send().await.unwrap());
        let bye = events.next().await.unwrap();
        assert_eq!(
            (&*bye.kind, &bye.data["reason"]),
            ("bye", &"overload".into())
        );
        let retry = bye.data["retry_ms"].as_u64().unwrap();
        assert!((5_000..=15_000).contains(&retry), "{retry}");
        assert!(events.next().await.is_none());
    }
    let mut socket = Socket::chat(&server, &ben).await;
    assert_eq!(socket.closed().await, Some(1013));
    // What is no stream is answered as always.
    assert_eq!(get(&ben, "/api/session").await["user"]["username"], "ben");
    drop(held);
    let mut kind = String::new();
    while kind != "hello" {
        tokio::time::sleep(Duration::from_millis(20)).await;
        kind = follow(&ben, "").await.next().await.unwrap().kind;
    }
}

#[tokio::test]
async fn a_stream_takes_so_many_conversations_and_refuses_rubbish() {
    let server = Server::start_with(
        Engine::Sqlite,
        "echo",
        &[("PARLANCE_STREAMS_PER_USER", "2")],
    )
    .await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    let nine: Vec<_> = (0..9).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    for (c, expected) in [
        (nine.join(","), "c too_long"),
        ("mine:1::0".to_owned(), "c malformed"),
    ] {
        let response = ann.get(&format!("/api/stream?c={c}")).send().await.unwrap();
        assert_eq!(fields(&problem(response, 422).await), [expected]);
    }
    let visitor = server.visitor();
    assert_eq!(
        refused(visitor.get("/api/stream").send().await.unwrap(), 401).await,
        "unauthenticated"
    );
    // Rubbish for a cursor is no error: the state is sent anew.
    let mut first = follow(&ann, &format!("?c={id}:rubbish")).await;
    assert_eq!(first.next().await.unwrap().kind, "hello");
    let _second = follow(&ann, "").await;
    let refusal = ann.get("/api/stream").send().await.unwrap();
    assert_eq!(refusal.headers()["retry-after"], "5");
    let refusal = problem(refusal, 429).await;
    assert_eq!(
        (&refusal["code"], &refusal["retry_after_ms"]),
        (&"stream_limit".into(), &5_000.into())
    );
    assert_eq!(get(&ann, "/api/session").await["user"]["username"], "ann");
}

#[tokio::test]
async fn signing_out_closes_the_accounts_stream() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let mut events = follow(&ann, "").await;
    events.next().await.unwrap();
    ann.post("/api/auth/logout").send().await.unwrap();
    let bye = find(&mut events, |event| event.kind == "bye").await;
    assert_eq!(bye.data["reason"], "revoked");
    assert!(events.next().await.is_none());
}
