//! What one request, one pattern or one slow client can do to all others: 69, 70 and 72.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::own;
use crate::{
    doors::socket::Socket,
    harness::{
        Browser, Engine, Server, browser::PASSWORD, browser::email, events::Reply,
        intruder::number, on_both,
    },
    security::routes::operations,
};

const BODIES: [&[u8]; 16] = [
    b"",
    b"\0",
    b"\xff\xfe\xfd",
    b"{",
    b"[]",
    b"null",
    b"7",
    b"\"text\"",
    b"{\"\":{\"\":[null]}}",
    b"{\"content\":\"\\ud800\",\"client_message_id\":\"\\u0000\"}",
    b"{\"email\":{},\"password\":[],\"token\":0,\"id\":-1,\"limit\":1e999}",
    b"{\"conversation_id\":\"019a0000-0000-7000-8000-00000000000\",\"message\":\"\\uffff\"}",
    b"{\"expires_at\":\"9999999-99-99T99:99:99Z\",\"name\":\"x\",\"current_password\":\"x\"}",
    b"{\"expires_at\":\"-262143-01-01T00:00:00Z\",\"name\":\"x\",\"current_password\":\"y\"}",
    b"{\"challenge\":\"\",\"code\":\"\xe4\xbd\xa0\"}",
    b"{\"a\":18446744073709551616,\"b\":-0.0,\"c\":1E-400}",
];

const WORDS: [&str; 11] = [
    "",
    "%00",
    "%ff",
    "%F0%9F%98",
    "-1",
    "18446744073709551616",
    "..%2f..%2fetc",
    "%0d%0a",
    "null",
    "019a0000-0000-7000-8000-00000000000g",
    "%E2%80%AE",
];

/// How often the same process has come to life on this database, where that is written down.
async fn boots(server: &Server, engine: Engine) -> i64 {
    match engine {
        Engine::Sqlite => 1,
        Engine::Postgres => number(server, "select count(*) from instances").await,
    }
}

/// The least of nine times that this takes: what the machine does besides only adds to it.
async fn time(browser: &Browser, path: &str, query: &[(&str, &str)]) -> (u16, Duration) {
    let (mut status, mut least) = (0, Duration::MAX);
    for _ in 0..9 {
        let begun = Instant::now();
        let answer = browser.get(path).query(query).send().await.unwrap();
        status = answer.status().as_u16();
        answer.bytes().await.unwrap();
        least = least.min(begun.elapsed());
    }
    (status, least)
}

on_both! {
    async fn row_69_no_body_of_an_operation_harms_more_than_its_own_request(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let (pid, booted) = (server.pid(), boots(&server, engine).await);
        let ann = server.member("ann").await;
        let own = own(&ann).await;
        let mut tried = 0;
        for operation in operations(&ann).await {
            if operation.is_stream || operation.path.contains("/ws/") {
                continue;
            }
            for body in BODIES {
                let mut request = operation.request(&ann, &own, None).build().unwrap();
                *request.body_mut() = Some(body.into());
                let headers = request.headers_mut();
                headers.remove("content-length");
                headers.insert("content-type", "application/json".parse().unwrap());
                let status = ann.http.execute(request).await.unwrap().status().as_u16();
                assert!(status < 500, "{status} for {} {body:?}", operation.words());
                tried += 1;
            }
            for word in WORDS {
                let mut path = format!("/api/v1{}?", operation.path);
                for slot in ["id", "group", "session_id"] {
                    path = path.replace(&format!("{{{slot}}}"), word);
                }
                for name in ["limit", "cursor", "sort", "before", "after", "page", "since_rev", "session_id", "c", "pace"] {
                    path.push_str(&format!("{name}={word}&"));
                }
                let status = ann.request(operation.method.clone(), &path).send().await.unwrap().status().as_u16();
                assert!(status < 500, "{status} for {} {path}", operation.method);
                tried += 1;
            }
            // Some of these sign out.
            if ann.get("/api/session").send().await.unwrap().status() == 401 {
                let again = json!({ "email": email("ann"), "password": PASSWORD });
                let status = ann.post("/api/auth/login").json(&again).send().await.unwrap().status();
                assert_eq!(status, 200, "after {}", operation.words());
            }
        }
        assert!(tried > 1_000, "{tried}");
        assert!(server.is_well().await, "nothing has panicked either");
        assert_eq!((server.pid(), boots(&server, engine).await), (pid, booted), "the same process, and one life of it");
    }

    async fn row_69_no_saying_on_a_socket_harms_more_than_itself(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let (pid, booted) = (server.pid(), boots(&server, engine).await);
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        for body in BODIES {
            for mut socket in [Socket::session(&server, &ann, &session).await, Socket::chat(&server, &ann).await] {
                socket.find("hello").await;
                socket.say_raw(&String::from_utf8_lossy(body)).await;
                socket.say(&json!({ "type": "ping" })).await;
                socket.find("pong").await;
            }
        }
        assert!(server.is_well().await);
        assert_eq!((server.pid(), boots(&server, engine).await), (pid, booted));
    }

    async fn row_70_what_is_looked_for_is_a_text_and_costs_what_a_text_costs(engine: Engine) {
        const FIND: &str = "/rpc/parlance_ui/rpc/find/find_in_conversation";
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let mut ids = Vec::new();
        // What takes engines that go back and try again longer than anybody waits.
        for many in [50_000, 100_000] {
            let id = ann.conversation().await;
            let mut events = ann.follow(&id, None).await;
            ann.say(&id, &format!("{}!", "a".repeat(many))).await;
            events.read_to_final(&mut Reply::default()).await;
            ids.push(id);
        }
        let stars = "(a*)*b".repeat(30);
        for pattern in [
            "(a+)+$", "(a|aa)+$", "(a|a?)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){25}", "((a{1,30}){1,30}){1,30}b",
            "a%a%a%a%a%a%a%a%b", "_%_%_%_%_%", "[a-z", "\\", "' or 1=1 --", &stars, &"a".repeat(150),
        ] {
            let (one, first) = time(&ann, FIND, &[("id", &ids[0]), ("text", pattern)]).await;
            let (two, second) = time(&ann, FIND, &[("id", &ids[1]), ("text", pattern)]).await;
            assert_eq!((one, two), (200, 200), "{pattern}");
            // Twice the text is twice the time; four times were a square.
            let most = first * 3 + Duration::from_millis(50);
            assert!(second < most, "{pattern}: {first:?}, then {second:?}");
        }
        // It is no pattern: what would match everything matches nothing.
        for nothing in ["(a+)+$", "a%", "_", ".*", "[a]"] {
            let answer = ann.get(FIND).query(&[("id", ids[0].as_str()), ("text", nothing)]).send().await.unwrap();
            assert_eq!(answer.json::<Value>().await.unwrap(), json!([]), "{nothing}");
        }
        let long = ann.get(FIND).query(&[("id", ids[0].as_str()), ("text", &"a".repeat(2_000))]).send().await.unwrap();
        assert_eq!(long.status(), 422);
        // Filters take known words, however long the other ones are.
        for name in ["sort", "cursor", "limit"] {
            let (short, long) = ("(a+)+$".repeat(300), "(a+)+$".repeat(600));
            let (one, first) = time(&ann, "/api/conversations", &[(name, &short)]).await;
            let (two, second) = time(&ann, "/api/conversations", &[(name, &long)]).await;
            assert!(matches!((one, two), (400..=422, 400..=422)), "{name}: {one} {two}");
            assert!(second < first * 3 + Duration::from_millis(50), "{name}: {first:?}, then {second:?}");
        }
    }

    async fn row_72_a_person_holds_at_most_twelve_streams(engine: Engine) {
        let server = Server::start(engine, "words-10@0").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut held = Vec::new();
        for _ in 0..12 {
            held.push(ann.follow(&id, None).await);
        }
        let path = format!("/api/conversations/{id}/stream");
        let refused = ann.get(&path).send().await.unwrap();
        assert_eq!(refused.status(), 429);
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "stream_limit");
        drop(held);
        for _ in 0..50 {
            if ann.get(&path).send().await.unwrap().status() == 200 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the places were not given back");
    }

    async fn row_72_who_does_not_read_keeps_nobody_waiting(engine: Engine) {
        let mut server = Server::start(engine, "words-20000@0").await;
        let ann = server.member("ann").await;
        let login = json!({ "email": email("ann"), "password": PASSWORD });
        let signed = server.visitor().post("/api/auth/login").json(&login).send().await.unwrap();
        let cookie = signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let id = ann.conversation().await;
        // Eight who ask for everything and take nothing.
        let mut silent = Vec::new();
        for _ in 0..8 {
            let mut socket = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
            let ask = format!("GET /api/conversations/{id}/stream HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n",
                server.base.trim_start_matches("http://"));
            socket.write_all(ask.as_bytes()).unwrap();
            let mut head = [0; 15];
            socket.read_exact(&mut head).unwrap();
            assert_eq!(&head, b"HTTP/1.1 200 OK");
            silent.push(socket);
        }
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "count").await;
        let mut reply = Reply::default();
        events.read_to_final(&mut reply).await;
        assert!(reply.text.contains("w20000@"), "whole, beside those who do not read");
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 200);
        drop(silent);
        assert!(server.is_well().await);
    }

    async fn row_72_who_writes_no_end_of_a_request_is_left(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let address = server.base.trim_start_matches("http://").to_owned();
        let mut slow = Vec::new();
        for start in ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX: "] {
            let mut socket = TcpStream::connect(&address).unwrap();
            socket.write_all(start.as_bytes()).unwrap();
            slow.push(socket);
        }
        // A byte now and then is no life of it.
        let begun = Instant::now();
        while !slow.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{} are still listened to", slow.len());
            tokio::time::sleep(Duration::from_millis(500)).await;
            slow.retain_mut(|socket| {
                socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
                if socket.write_all(b"x").is_err() {
                    return false;
                }
                match socket.read(&mut [0; 512]) {
                    Ok(length) => length > 0,
                    Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
                }
            });
        }
        assert!(server.is_well().await);
    }
}

/// What makes a panic the end of its own request and not of the process: stacks are unwound in what is shipped.
#[test]
fn row_69_the_server_that_is_shipped_unwinds() {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let profiles: Vec<_> = manifest.split("\n[profile.").skip(1).collect();
    let release = profiles
        .iter()
        .find(|profile| profile.starts_with("release]"))
        .expect("a profile");
    assert!(!release.contains("panic"), "{release}");
    let aborting: Vec<_> = profiles
        .iter()
        .filter(|profile| profile.contains("\npanic = \"abort\""))
        .map(|profile| profile.split(']').next().unwrap())
        .collect();
    assert_eq!(aborting, ["wasm-release"], "what runs in browsers alone");
}
