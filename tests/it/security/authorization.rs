//! E3: whose things are whose.

mod functions;
mod matrix;
mod search;

use reqwest::Method;
use serde_json::{Value, json};

use self::matrix::Person;
use super::routes::operations;
use crate::harness::{Engine, Server, browser::email, events::Reply, on_both};

on_both! {
    async fn row_25_what_is_private_wants_a_session(engine: Engine) {
        let server = Server::start(engine, "words-100000@5").await;
        let ann = Person::new(&server, "ann").await;
        let stranger = server.visitor();
        let mut private = 0;
        for operation in operations(&ann.browser).await {
            if !operation.is_private {
                let first = operation.path.split('/').nth(1).unwrap();
                let is_door = matches!(first, "auth" | "user" | "setup");
                assert!(is_door, "{} is open to all", operation.words());
                continue;
            }
            private += 1;
            let request = operation.request(&stranger, &ann.own, None);
            let status = request.send().await.unwrap().status();
            assert_eq!(status, 401, "{}", operation.words());
        }
        assert!(private >= 20, "{private}");
    }
}

on_both! {
    async fn row_27_nobody_stops_or_lists_the_replies_of_others(engine: Engine) {
        let server = Server::start(engine, "words-100000@20").await;
        let (ann, bob) = (
            Person::new(&server, "ann").await,
            server.member("bob").await,
        );
        for path in [
            format!("/api/generations/{}/stop", ann.own.generation),
            format!("/api/messages/{}/regenerate", ann.own.message),
            format!("/api/messages/{}/continue", ann.own.message),
            format!("/api/conversations/{}/messages", ann.own.conversation),
        ] {
            let body = json!({ "content": "mine", "client_message_id": "b" });
            let request = bob.post(&path);
            let request = if path.ends_with("/messages") {
                request.json(&body)
            } else {
                request
            };
            assert_eq!(request.send().await.unwrap().status(), 404, "{path}");
        }
        for path in [
            "/api/generations",
            "/api/tasks",
            "/api/v1/generations",
            "/api/streams",
            "/api/users",
        ] {
            let status = bob.get(path).send().await.unwrap().status().as_u16();
            assert!(matches!(status, 403..=405), "{status} for {path}");
        }
        assert_eq!(
            server.upstream.stats().active_streams,
            1,
            "it is still being written"
        );
    }
}

on_both! {
    async fn row_31_there_are_no_forgotten_routes(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for path in [
            "/api/test",
            "/api/debug",
            "/api/dev",
            "/api/admin",
            "/api/internal",
            "/api/_test",
            "/api/all",
            "/api/conversations/all",
            "/api/v1/export",
            "/api/users/all",
            "/api/config",
            "/api/env",
            "/api/chats/all",
            "/actuator",
            "/actuator/env",
            "/debug",
            "/debug/pprof/",
            "/metrics",
            "/.env",
            "/.git/config",
            "/server-status",
            "/graphql",
            "/admin",
            "/test",
            "/rpc/",
            "/rpc/parlance_ui/rpc/test",
        ] {
            for browser in [&ann, &server.visitor()] {
                let response = browser.get(path).send().await.unwrap();
                let status = response.status().as_u16();
                assert!(
                    matches!(status, 303 | 308 | 401 | 403 | 404 | 405),
                    "{status} for {path}"
                );
            }
        }
    }
}

/// Members that only the server may set.
const OURS: [&str; 10] = [
    "user_id",
    "role",
    "owner",
    "owner_id",
    "group",
    "is_admin",
    "email_verified",
    "created_at",
    "tokens_used",
    "rev",
];
/// Doors of other front ends, whose bodies may hold anything; what they do not know has no effect, as described.
const LENIENT: [&str; 2] = ["/chat/send", "/conversation/generate_title"];

on_both! {
    async fn row_32_members_that_belong_to_the_server_are_refused(engine: Engine) {
        let server = Server::start(engine, "words-100000@5").await;
        let bob = Person::new(&server, "bob").await;
        let before = bob.state().await;
        let mut tried = 0;
        for operation in operations(&bob.browser).await {
            if operation.bodies.is_empty() || LENIENT.contains(&operation.path.as_str()) {
                continue;
            }
            for name in OURS {
                let body = operation
                    .request(&bob.browser, &bob.own, None)
                    .build()
                    .unwrap();
                let mut members: Value =
                    serde_json::from_slice(body.body().unwrap().as_bytes().unwrap()).unwrap();
                if members
                    .as_object_mut()
                    .unwrap()
                    .insert(name.to_owned(), json!("admin"))
                    .is_some()
                {
                    continue;
                }
                tried += 1;
                let request = bob.browser.request(
                    operation.method.clone(),
                    &format!("{}{}", body.url().path(), query(body.url())),
                );
                let response = request.json(&members).send().await.unwrap();
                let words = format!("{} with {name}", operation.words());
                let status = response.status().as_u16();
                let text = response.text().await.unwrap();
                // An operation that is somebody else's altogether is refused before its body is read.
                assert!(matches!(status, 403 | 422), "{status} for {words}: {text}");
                assert!(
                    status == 403 || text.contains(&format!("\"{name}\"")),
                    "{words}: {text}"
                );
            }
        }
        assert!(tried >= 50, "{tried}");
        assert_eq!(bob.state().await, before);
        let id = json!(bob.own.conversation);
        for (path, body) in [
            (
                "/api/chat/send",
                json!({ "conversation_id": id, "message": "x", "user_id": "1", "status": "deleted" }),
            ),
            (
                "/api/conversation/generate_title",
                json!({ "conversation_id": id, "owner": "1", "title": "mine" }),
            ),
        ] {
            let _ = bob.browser.post(path).json(&body).send().await.unwrap();
        }
        let open = bob.browser.open(&bob.own.conversation).await;
        assert_ne!(open["title"], "mine");
        assert_eq!(open["status"], "active");
    }
}

fn query(url: &reqwest::Url) -> String {
    url.query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default()
}

on_both! {
    async fn row_35_answers_hold_nothing_that_the_reader_has_no_business_with(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let id = bob.conversation().await;
        bob.say(&id, "hello").await;
        let mut read = 0;
        for operation in operations(&bob).await {
            if operation.method != Method::GET || operation.path.contains("/ws/") || operation.is_stream
            {
                continue;
            }
            let path = format!("/api/v1{}", operation.path.replace("{id}", &id));
            let response = bob
                .get(&path)
                .query(&[("session_id", &id)])
                .send()
                .await
                .unwrap();
            let text = response.text().await.unwrap();
            read += 1;
            for word in [
                &email("ann"),
                "argon2",
                "password_hash",
                "token_hash",
                "sk-canary",
                "OPENAI",
            ] {
                assert!(!text.contains(word), "{word} in {path}: {text}");
            }
        }
        assert!(read >= 5, "{read}");
        drop(ann);
    }
}

on_both! {
    async fn row_30_what_is_used_twice_goes_with_none_of_its_uses(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let body = json!({ "name": "Nell", "system_prompt": "You are a gardener." });
        let made = ann.post("/api/v1/roles").json(&body).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let role = format!("/api/v1/roles/{}", made["id"].as_str().unwrap());
        let mut conversations = Vec::new();
        for _ in 0..2 {
            let body = json!({ "persona_id": made["id"] });
            let begun = ann.post("/api/v1/conversations").json(&body).send().await.unwrap();
            let begun: Value = begun.json().await.unwrap();
            let id = begun["id"].as_str().unwrap().to_owned();
            let mut events = ann.follow(&id, None).await;
            ann.say(&id, "What grows in shade?").await;
            events.read_to_final(&mut Reply::default()).await;
            conversations.push(id);
        }
        let delete = async |path: &str| {
            let request = ann.request(Method::DELETE, path);
            request.send().await.unwrap().status().as_u16()
        };
        assert!(matches!(delete(&format!("/api/v1/conversations/{}", conversations[0])).await, 200 | 204));
        assert_eq!(ann.get(&role).send().await.unwrap().status(), 200, "who spoke there speaks on");
        assert_eq!(delete(&role).await, 204);
        let open = ann.open(&conversations[1]).await;
        assert_eq!(open["messages"].as_array().unwrap().len(), 2, "{open}");
    }
}
