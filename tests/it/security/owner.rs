//! Whose things are whose: only the session's cookie says who somebody is.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Server, problem, refused};

/// Every described operation with an id in its address: method and address with these ids filled in.
async fn operations(
    browser: &Browser,
    conversation: &str,
    generation: &str,
) -> Vec<(Method, String, bool)> {
    let api: Value = browser
        .get("/api/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        let id = if path.starts_with("/generations/") {
            generation
        } else {
            conversation
        };
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let is_private = operation["security"].is_array();
            all.push((
                method,
                format!("/api/v1{}", path.replace("{id}", id)),
                is_private,
            ));
        }
    }
    all
}

async fn ask(
    browser: &Browser,
    method: &Method,
    path: &str,
    claim: Option<(&str, &str)>,
) -> Response {
    let mut request = browser.request(method.clone(), path);
    if path.ends_with("/messages") {
        request = request.json(&json!({ "content": "mine now", "client_message_id": "b" }));
    }
    if let Some((name, value)) = claim {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

/// Two people, every operation, every kind of id: taken from the description, so none is forgotten.
#[tokio::test]
async fn somebody_elses_things_look_like_none_at_all() {
    let server = Server::start(Engine::Sqlite, "words-100000@20").await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let id = ann.conversation().await;
    let generation = ann.say(&id, "secret").await["generation_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let nobodys = uuid::Uuid::now_v7().to_string();
    let hers = operations(&bob, &id, &generation).await;
    let unknown = operations(&bob, &nobodys, &nobodys).await;
    let mut tried = 0;
    for ((method, path, _), (_, elsewhere, _)) in hers.iter().zip(&unknown) {
        if !path.contains(&id) && !path.contains(&generation) {
            continue;
        }
        tried += 1;
        let (foreign, missing) = (
            ask(&bob, method, path, None).await,
            ask(&bob, method, elsewhere, None).await,
        );
        let (mut foreign, mut missing) = (problem(foreign, 404).await, problem(missing, 404).await);
        (foreign["request_id"], missing["request_id"]) = (json!(null), json!(null));
        assert_eq!(foreign, missing, "{method} {path}");
    }
    assert!(tried >= 5, "{tried}");
    let open = ann.open(&id).await;
    assert_eq!(open["messages"].as_array().unwrap().len(), 1);
    assert!(open["active"].is_object(), "the reply goes on");
}

#[tokio::test]
async fn headers_that_name_a_person_are_nobodys_word() {
    let server = Server::start(Engine::Sqlite, "echo").await;
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

#[tokio::test]
async fn what_is_described_as_private_wants_a_session() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    let mut private = 0;
    for (method, path, is_private) in operations(&ann, &id, &id).await {
        if is_private {
            private += 1;
            let response = ask(&server.visitor(), &method, &path, None).await;
            assert_eq!(
                refused(response, 401).await,
                "unauthenticated",
                "{method} {path}"
            );
        } else {
            assert!(path.contains("/auth/"), "{method} {path} is open to all");
        }
    }
    assert!(private >= 8, "{private}");
}

/// CVE-2026-31950: whoever knew a stream's id could read it.
#[tokio::test]
async fn a_cursor_of_another_conversation_opens_nothing() {
    let server = Server::start(Engine::Sqlite, "words-1000@50").await;
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
