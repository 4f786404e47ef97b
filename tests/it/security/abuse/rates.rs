//! How often: 66 and 67.

use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    doors::socket::Socket,
    harness::{Engine, Server, header, on_both, problem},
    security::routes::functions,
};

/// The problem of a refusal for too many requests, whose scope is this.
async fn too_many(response: Response, scope: &str) -> Value {
    let policy = header(&response, "ratelimit-policy").to_owned();
    assert!(policy.starts_with(&format!("\"{scope}\";q=")), "{policy}");
    let wait: u64 = header(&response, "retry-after")
        .parse()
        .expect("Retry-After in seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    let problem = problem(response, 429).await;
    assert_eq!(
        (&problem["code"], &problem["retryable"]),
        (&json!("rate_limited"), &json!(true))
    );
    assert!(
        problem["retry_after_ms"]
            .as_u64()
            .is_some_and(|ms| ms <= wait * 1_000)
    );
    problem
}

on_both! {
    async fn row_66_an_address_that_asks_too_much_waits_and_others_do_not(engine: Engine) {
        let settings = [
            ("PARLANCE_RATE_ADDRESS_READS", "5"),
            ("PARLANCE_TRUSTED_PROXIES", "127.0.0.0/8"),
        ];
        let server = Server::start_with(engine, "echo", &settings).await;
        let visitor = server.visitor();
        let ask = async |from: &str, path: &str| {
            visitor
                .get(path)
                .header("X-Forwarded-For", from)
                .send()
                .await
                .unwrap()
        };
        for _ in 0..5 {
            assert_eq!(ask("203.0.113.9", "/api/session").await.status(), 401);
        }
        let problem = too_many(ask("203.0.113.9", "/api/session").await, "address").await;
        assert!(
            problem["detail"].as_str().unwrap().contains("address"),
            "{problem}"
        );
        // Pages are reads too, and their refusal is a page.
        let page = visitor
            .get("/login")
            .header("X-Forwarded-For", "203.0.113.9")
            .header("Accept", "text/html");
        let page = page.send().await.unwrap();
        assert_eq!(
            (page.status().as_u16(), header(&page, "content-type")),
            (429, "text/html; charset=utf-8")
        );
        assert_eq!(
            ask("198.51.100.7", "/api/session").await.status(),
            401,
            "another address"
        );
        for path in ["/healthz", "/readyz", "/sw.js", "/pkg/x"] {
            for _ in 0..10 {
                let status = ask("203.0.113.9", path).await.status().as_u16();
                assert_ne!(status, 429, "{path} is free");
            }
        }
        for host in 0..5 {
            assert_eq!(
                ask(&format!("2001:db8:1:2::{host:x}"), "/api/session")
                    .await
                    .status(),
                401
            );
        }
        too_many(ask("2001:db8:1:2:ffff::1", "/api/session").await, "address").await;
        assert_eq!(
            ask("2001:db8:1:3::1", "/api/session").await.status(),
            401,
            "another network"
        );
    }
}

on_both! {
    async fn row_66_a_person_who_sends_too_much_waits_at_every_sibling_door(engine: Engine) {
        let settings = [
            ("PARLANCE_RATE_USER_SENDS", "3"),
            ("PARLANCE_TRUSTED_PROXIES", "127.0.0.1"),
        ];
        let server = Server::start_with(engine, "words-3@0", &settings).await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let id = ann.conversation().await;
        let mut socket = Socket::chat(&server, &ann).await;
        for turn in 0..3 {
            let sent = ann.send(&id, "hello", &format!("turn{turn}")).await;
            assert!(
                matches!(sent.status().as_u16(), 202 | 409),
                "{}",
                sent.status()
            );
        }
        let message = loop {
            let open = ann.open(&id).await;
            if let Some(reply) = open["messages"].get(1) {
                break reply["id"].as_str().unwrap().to_owned();
            }
        };
        let turn = json!({ "conversation_id": id, "content": "more", "client_message_id": "x" });
        let session = json!({ "session_id": id, "message": "more", "role_id": "assistant" });
        for (path, body) in [
            (
                format!("/api/conversations/{id}/messages"),
                json!({ "content": "x", "client_message_id": "y" }),
            ),
            (format!("/api/messages/{message}/regenerate"), json!({})),
            (format!("/api/messages/{message}/continue"), json!({})),
            ("/api/chat".to_owned(), turn),
            ("/api/v1/chat/send".to_owned(), session),
            (
                "/api/conversation/generate_title".to_owned(),
                json!({ "conversation_id": id }),
            ),
        ] {
            // From wherever: it is the person.
            let request = ann.post(&path).header("X-Forwarded-For", "198.51.100.7");
            let problem = too_many(request.json(&body).send().await.unwrap(), "user").await;
            assert!(
                problem["detail"].as_str().unwrap().contains("account"),
                "{path} {problem}"
            );
        }
        let form = ann
            .page(&format!("/chat/{id}"))
            .await
            .form("form.composer")
            .with("text", "more");
        assert_eq!(ann.submit(&form).await.status, 429);
        socket
            .say(&json!({ "conversation_id": id, "message": "more" }))
            .await;
        let error = socket.find("error").await;
        assert_eq!(error["data"]["code"], "rate_limited", "{error}");
        // Reading and stopping go on, and so does everybody else.
        assert_eq!(
            ann.get("/api/conversations").send().await.unwrap().status(),
            200
        );
        let his = bob.conversation().await;
        assert_eq!(bob.send(&his, "hello", "a").await.status(), 202);
    }
}

on_both! {
    async fn row_66_strangers_come_in_one_after_the_other(engine: Engine) {
        let settings = [("PARLANCE_RATE_ADDRESS_ENTRANCE", "3")];
        let server = Server::start_with(engine, "echo", &settings).await;
        for name in ["ann", "bob", "eve"] {
            server.member(name).await;
        }
        let visitor = server.visitor();
        let body =
            json!({ "username": "joe", "email": "joe@example.com", "password": "correct-horse-1" });
        too_many(
            visitor
                .post("/api/auth/register")
                .json(&body)
                .send()
                .await
                .unwrap(),
            "address",
        )
        .await;
        too_many(
            visitor
                .post("/api/auth/login")
                .json(&body)
                .send()
                .await
                .unwrap(),
            "address",
        )
        .await;
        for function in functions().iter().filter(|function| !function.is_read) {
            let answer = visitor
                .post(&function.path)
                .form(&body)
                .send()
                .await
                .unwrap();
            too_many(answer, "address").await;
        }
        assert_eq!(visitor.page("/login").await.status, 200);
    }
}

on_both! {
    async fn row_67_an_address_that_is_only_claimed_changes_nothing(engine: Engine) {
        let server = Server::start_with(
            engine,
            "echo",
            &[("PARLANCE_RATE_ADDRESS_READS", "5")],
        )
        .await;
        let visitor = server.visitor();
        for number in 0..8 {
            let request = visitor.get("/api/session");
            let request = request
                .header("X-Forwarded-For", format!("203.0.113.{number}"))
                .header("Forwarded", format!("for=203.0.113.{number}"))
                .header("X-Real-IP", format!("203.0.113.{number}"))
                .header("CF-Connecting-IP", format!("203.0.113.{number}"))
                .header("True-Client-IP", format!("203.0.113.{number}"));
            let status = request.send().await.unwrap().status().as_u16();
            assert_eq!(status, if number < 5 { 401 } else { 429 }, "{number}");
        }
        assert!(
            server.log().contains("PARLANCE_TRUSTED_PROXIES"),
            "the operator is told of a proxy that is not listed"
        );
    }
}

on_both! {
    async fn row_67_both_headers_are_read_from_listed_networks(engine: Engine) {
        let settings = [
            ("PARLANCE_RATE_ADDRESS_READS", "2"),
            ("PARLANCE_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/24"),
        ];
        let server = Server::start_with(engine, "echo", &settings).await;
        let visitor = server.visitor();
        let ask = async |headers: &[(&str, &str)]| {
            let mut request = visitor.get("/api/session");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.send().await.unwrap().status().as_u16()
        };
        let chain = [("X-Forwarded-For", "1.2.3.4, 203.0.113.7, 10.0.0.9")];
        let formal = [(
            "Forwarded",
            "for=1.2.3.4, for=203.0.113.7;proto=https, for=\"10.0.0.9:80\"",
        )];
        assert_eq!(
            (ask(&chain).await, ask(&formal).await, ask(&chain).await),
            (401, 401, 429)
        );
        // Nothing that stands further left, and nothing that the proxies do not agree on, makes a new client.
        for number in 0..4 {
            let left = format!("9.9.9.{number}, 203.0.113.7");
            assert_eq!(ask(&[("X-Forwarded-For", &left)]).await, 429, "{left}");
        }
        let mut through = 0;
        for number in 0..6 {
            let other = format!("for=9.9.9.{number}");
            let status = ask(&[("X-Forwarded-For", "203.0.113.7"), ("Forwarded", &other)]).await;
            through += u32::from(status == 401);
        }
        assert!(
            through <= 2,
            "{through} got through under names of their own"
        );
    }
}
