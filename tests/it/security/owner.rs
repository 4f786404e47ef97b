//! Whose things are whose: only the session's cookie says who somebody is.

use reqwest::{Method, Response};
use serde_json::Value;

use crate::harness::{Browser, Engine, Server, on_both, refused};

async fn ask(
    browser: &Browser,
    method: &Method,
    path: &str,
    claim: Option<(&str, &str)>,
) -> Response {
    let mut request = browser.request(method.clone(), path);
    if let Some((name, value)) = claim {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

on_both! {
    async fn row_33_headers_that_name_a_person_are_nobodys_word(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let session: Value = ann
            .get("/api/session")
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let ann_id = session["user"]["id"].as_str().unwrap();
        let id = ann.conversation().await;
        let path = format!("/api/conversations/{id}");
        for name in [
            "X-User-ID",
            "X-User-Id",
            "X-Forwarded-User",
            "X-Remote-User",
            "Remote-User",
            "X-Auth-Request-User",
        ] {
            for value in [ann_id, "ann", "ann@example.com"] {
                let claim = Some((name, value));
                let stranger = ask(&server.visitor(), &Method::GET, &path, claim).await;
                assert_eq!(refused(stranger, 401).await, "unauthenticated", "{name}");
                let other = ask(&bob, &Method::GET, &path, claim).await;
                assert_eq!(refused(other, 404).await, "not_found", "{name}");
            }
        }
        for value in [
            format!("Bearer {ann_id}"),
            "Basic YW5uOmNvcnJlY3QtaG9yc2UtMQ==".to_owned(),
        ] {
            let stranger = ask(
                &server.visitor(),
                &Method::GET,
                &path,
                Some(("Authorization", &value)),
            )
            .await;
            assert_eq!(refused(stranger, 401).await, "unauthenticated", "{value}");
        }
    }
}

on_both! {
    /// CVE-2026-31950: whoever knew a stream's id could read it.
    async fn row_26_a_cursor_of_another_conversation_opens_nothing(engine: Engine) {
        let server = Server::start(engine, "words-1000@50").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let (hers, his) = (ann.conversation().await, bob.conversation().await);
        let cursor = ann.say(&hers, "secret").await["cursor"]
            .as_str()
            .unwrap()
            .to_owned();
        let path = format!("/api/conversations/{hers}/stream");
        let response = bob
            .get(&path)
            .header("Last-Event-ID", &cursor)
            .send()
            .await
            .unwrap();
        assert_eq!(refused(response, 404).await, "not_found");
        // With her cursor on his own stream he gets his own, empty state.
        let mut events = bob.follow(&his, Some(&cursor)).await;
        let hello = events.next().await.unwrap();
        assert_ne!(hello.data["resume"], "exact");
        bob.request(Method::DELETE, &format!("/api/conversations/{his}"))
            .send()
            .await
            .unwrap();
        while let Some(event) = events.next().await {
            assert!(!event.data.to_string().contains("w1@"), "{event:?}");
        }
    }
}
