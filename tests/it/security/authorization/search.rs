//! 31: looking for words, and taking everything along.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Browser, Engine, Server, events::Reply, header, on_both, refused};

const FIND: &str = "/rpc/parlance_ui/rpc/find/find_in_conversation";
const UNIQUE: &str = "zyxwv-unique";

async fn said(browser: &Browser, text: &str) -> String {
    let id = browser.conversation().await;
    let mut events = browser.follow(&id, None).await;
    browser.say(&id, text).await;
    events.read_to_final(&mut Reply::default()).await;
    id
}

on_both! {
    async fn row_31_nobody_finds_the_words_of_others(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let hers = said(&ann, &format!("before {UNIQUE} after")).await;
        let his = said(&bob, "nothing to see").await;
        let find = async |browser: &Browser, id: &str, text: &str| {
            browser.get(FIND).query(&[("id", id), ("text", text)]).send().await.unwrap()
        };
        let found: Value = find(&ann, &hers, UNIQUE).await.json().await.unwrap();
        assert_eq!(found.as_array().map(Vec::len), Some(2), "her words and their echo: {found}");
        for text in [UNIQUE, "", "nothing that anybody said"] {
            let foreign = find(&bob, &hers, text).await;
            let foreign = (foreign.status(), foreign.json::<Value>().await.unwrap());
            let unknown = find(&bob, &uuid::Uuid::now_v7().to_string(), text).await;
            let unknown = (unknown.status(), unknown.json::<Value>().await.unwrap());
            assert_eq!(foreign.0, 404, "{text}");
            let bare = |mut body: Value| {
                if let Some(body) = body.as_object_mut() {
                    body.remove("request_id");
                }
                body
            };
            assert_eq!((foreign.0, bare(foreign.1)), (unknown.0, bare(unknown.1)), "not even whether it is there");
        }
        let own: Value = find(&bob, &his, UNIQUE).await.json().await.unwrap();
        assert_eq!(own, serde_json::json!([]));
        let stranger = find(&server.visitor(), &hers, UNIQUE).await;
        assert_eq!(stranger.status(), 401);
        // Whatever he reads.
        for path in [
            "/api/conversations?limit=100", "/api/account/export", "/api/session", "/api/user/me", "/api/preferences",
            "/api/roles", "/api/setup", "/chat", "/history", "/history?q=zyxwv-unique", "/profile/data",
        ] {
            let answer = bob.get(path).header("Accept", "text/html,application/json").send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            let text = answer.text().await.unwrap();
            // A page may show what was asked for, in the field where that was typed.
            assert!(!text.contains(&format!("before {UNIQUE}")) && !text.contains(&hers), "{path}");
        }
        for path in ["/api/admin/users", "/api/admin/audit", "/api/admin/groups"] {
            assert_eq!(refused(bob.get(path).send().await.unwrap(), 403).await, "forbidden", "{path}");
            assert_eq!(refused(server.visitor().get(path).send().await.unwrap(), 401).await, "unauthenticated", "{path}");
        }
    }

    async fn row_31_an_export_holds_what_the_person_said_and_no_secret(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let bob = server.member("bob").await;
        let theirs = bob.conversation().await;
        bob.say(&theirs, "a secret of Bob").await;
        for number in 0..3 {
            let conversation = ann.conversation().await;
            ann.say(&conversation, &format!("word {number}")).await;
            while ann.open(&conversation).await["messages"].as_array().unwrap().len() < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let response = ann.get("/api/account/export").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(header(&response, "content-disposition").starts_with("attachment"));
        let text = response.text().await.unwrap();
        let export: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(export["account"]["username"], "ann");
        let conversations = export["conversations"].as_array().unwrap();
        assert_eq!(conversations.len(), 3);
        for conversation in conversations {
            let messages = conversation["messages"].as_array().unwrap();
            let roles: Vec<_> = messages.iter().map(|one| one["role"].as_str().unwrap()).collect();
            assert_eq!(roles, ["user", "assistant"]);
        }
        for absent in ["Bob", "argon2", "pla_", "plr_"] {
            assert!(!text.contains(absent), "{absent}");
        }
    }
}
