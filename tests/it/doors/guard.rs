//! Who may open a socket, and how it ends.

use std::time::Duration;

use super::{
    post,
    socket::{Heard, Socket, ticket},
};
use crate::harness::{
    Engine, Server,
    browser::{PASSWORD, email},
    on_both, refused,
};
use serde_json::json;

const CHAT: &str = "/api/chat/ws/chat";

on_both! {
    async fn a_ticket_opens_one_socket_once(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let token = ticket(&ann).await;
        let path = format!("/ws/chat/{session}?token={token}");
        let mut first = Socket::open(&server.base, &path, &[]).await.unwrap();
        first.find("hello").await;
        let mut second = Socket::open(&server.base, &path, &[]).await.unwrap();
        assert_eq!(second.closed().await, Some(4401));
        assert!(!server.log().contains(&token), "tickets are not logged");
        // The first is none the worse for it.
        first.say(&json!({ "type": "ping" })).await;
        first.find("pong").await;
    }

    async fn bad_tickets_and_none_are_shown_out(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let origin = [("origin", server.base.as_str())];
        for query in ["?token=", "?token=rubbish", "?token=%00", ""] {
            for path in [format!("/ws/chat/{session}{query}"), format!("{CHAT}{query}")] {
                let mut socket = Socket::open(&server.base, &path, &origin).await.unwrap();
                assert_eq!(socket.closed().await, Some(4401), "{path}");
            }
        }
        assert_eq!(refused(post(&server.visitor(), "/api/ws/ticket", &json!({})).await, 401).await, "unauthenticated");
    }

    async fn sessions_of_others_are_none(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let hers = ann.conversation().await;
        for session in [hers, uuid::Uuid::now_v7().to_string(), "rubbish".to_owned()] {
            let mut socket = Socket::session(&server, &bob, &session).await;
            assert_eq!(socket.closed().await, Some(4404), "{session}");
        }
    }

    async fn signing_out_closes_both_sockets(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let unused = ticket(&ann).await;
        let mut sockets = [Socket::session(&server, &ann, &session).await, Socket::chat(&server, &ann).await];
        for socket in &mut sockets {
            socket.find("hello").await;
        }
        ann.post("/api/auth/logout").send().await.unwrap();
        for socket in &mut sockets {
            assert_eq!(socket.find("bye").await["data"]["reason"], "revoked");
            assert_eq!(socket.closed().await, Some(4401));
        }
        let mut late = Socket::open(&server.base, &format!("{CHAT}?token={unused}"), &[]).await.unwrap();
        assert_eq!(late.closed().await, Some(4401), "a ticket ends with its session");
    }

    async fn a_server_that_ends_says_so(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut sockets = [Socket::session(&server, &ann, &session).await, Socket::chat(&server, &ann).await];
        for socket in &mut sockets {
            socket.find("hello").await;
        }
        let ended = tokio::spawn(async move { server.terminate().await });
        for socket in &mut sockets {
            assert_eq!(socket.find("bye").await["data"]["reason"], "drain");
            assert_eq!(socket.closed().await, Some(1012));
        }
        assert!(ended.await.unwrap().success());
    }
}

#[tokio::test]
async fn a_cookie_counts_on_our_own_pages_only() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let session = ann.conversation().await;
    let login = json!({ "email": email("ann"), "password": PASSWORD });
    let response = post(&ann, "/api/auth/login", &login).await;
    let cookie = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let own = server.base.as_str();
    for path in [format!("/ws/chat/{session}"), CHAT.to_owned()] {
        let open = async |headers: &[(&'static str, &str)]| {
            let headers: Vec<_> = headers
                .iter()
                .copied()
                .chain([("cookie", cookie.as_str())])
                .collect();
            Socket::open(&server.base, &path, &headers).await
        };
        let mut socket = open(&[("origin", own)]).await.unwrap();
        socket.find("hello").await;
        let mut socket = open(&[("origin", own), ("sec-fetch-site", "same-origin")])
            .await
            .unwrap();
        socket.find("hello").await;
        for foreign in [
            &[][..],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", own), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
        ] {
            assert_eq!(open(foreign).await.err(), Some(403), "{path} {foreign:?}");
        }
        // Nor does a ticket help another site.
        let path = format!("{path}?token={}", ticket(&ann).await);
        let foreign =
            Socket::open(&server.base, &path, &[("origin", "https://evil.example")]).await;
        assert_eq!(foreign.err(), Some(403));
    }
}

#[tokio::test]
async fn what_asks_for_no_socket_is_told() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let session = ann.conversation().await;
    for path in [format!("/ws/chat/{session}"), CHAT.to_owned()] {
        assert_eq!(
            refused(ann.get(&path).send().await.unwrap(), 400).await,
            "bad_request",
            "{path}"
        );
        assert_eq!(
            refused(server.visitor().get(&path).send().await.unwrap(), 401).await,
            "unauthenticated",
            "{path}"
        );
    }
}

#[tokio::test]
async fn sockets_count_among_a_persons_streams() {
    let server = Server::start_with(
        Engine::Sqlite,
        "echo",
        &[("PARLANCE_STREAMS_PER_USER", "2")],
    )
    .await;
    let ann = server.member("ann").await;
    let session = ann.conversation().await;
    let mut held = vec![
        Socket::session(&server, &ann, &session).await,
        Socket::chat(&server, &ann).await,
    ];
    for socket in &mut held {
        socket.find("hello").await;
    }
    let mut third = Socket::chat(&server, &ann).await;
    assert_eq!(third.closed().await, Some(4429));
    drop(held);
    for _ in 0..50 {
        let mut socket = Socket::chat(&server, &ann).await;
        if matches!(socket.hear().await, Heard::Said(_)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the places were not given back");
}

#[tokio::test]
async fn a_peer_that_gives_no_sign_of_life_is_dropped() {
    let settings = [
        ("PARLANCE_STREAM_HEARTBEAT_MS", "200"),
        ("PARLANCE_STREAMS_PER_USER", "1"),
    ];
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    let ann = server.member("ann").await;
    let session = ann.conversation().await;
    // One that answers pings stays, however little it says.
    let mut alive = Socket::session(&server, &ann, &session).await;
    for _ in 0..8 {
        alive.find("ping").await;
    }
    drop(alive);
    // One that is never read answers none; its place is free again soon.
    let dead = loop {
        let mut socket = Socket::session(&server, &ann, &session).await;
        if matches!(socket.hear().await, Heard::Said(_)) {
            break socket;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let began = std::time::Instant::now();
    loop {
        let mut socket = Socket::session(&server, &ann, &session).await;
        if matches!(socket.hear().await, Heard::Said(_)) {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "the dead one is still held"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(began.elapsed() > Duration::from_millis(200));
    drop(dead);
}

#[tokio::test]
async fn a_message_beyond_a_mebibyte_ends_the_socket() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let session = ann.conversation().await;
    let mut socket = Socket::session(&server, &ann, &session).await;
    socket.find("hello").await;
    let huge = json!({ "type": "user_message", "data": { "message": "x".repeat(1024 * 1024) } });
    socket.say(&huge).await;
    let code = socket.closed().await;
    assert!(matches!(code, Some(1009) | None), "{code:?}");
    assert_eq!(ann.open(&session).await["messages"], json!([]));
    assert!(server.is_well().await);
}
