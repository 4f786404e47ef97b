//! Having a deleted conversation back, through the API and the account's stream.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use super::{delete, ids, read, turn};
use crate::harness::{Browser, Engine, Events, Server, on_both, refused};

async fn restore(browser: &Browser, id: &str) -> Response {
    let path = format!("/api/v1/conversations/{id}/restore");
    browser.post(&path).send().await.unwrap()
}

/// Reads the account's stream until it tells of this conversation in this state.
async fn told(events: &mut Events, id: &str, status: &str) -> Value {
    loop {
        let event = events.next().await.expect("an event before the end");
        if event.kind == "conversation" && event.data["id"] == id && event.data["status"] == status
        {
            return event.data;
        }
    }
}

on_both! {
    async fn a_deleted_conversation_comes_back_as_it_was_in_every_tab(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (old, new) = (ann.conversation().await, ann.conversation().await);
        turn(&ann, &old, "one").await;
        turn(&ann, &new, "two").await;
        let before = ann.open(&old).await;
        let mut stream = Events::of(ann.get("/api/stream").send().await.unwrap());

        assert_eq!(delete(&ann, &old).await.status(), 204);
        told(&mut stream, &old, "deleted").await;
        let response = restore(&ann, &old).await;
        assert_eq!(response.status(), 200);
        let back: Value = response.json().await.unwrap();
        assert_eq!((&back["status"], &back["title"]), (&json!("active"), &before["title"]));
        let heard = told(&mut stream, &old, "active").await;
        assert_eq!(heard["rev"], back["rev"]);

        let after = ann.open(&old).await;
        assert_eq!(after["messages"], before["messages"]);
        assert_eq!(ids(&read(&ann, "/api/conversations").await), [new, old.clone()], "at its old place");
        turn(&ann, &old, "and it goes on").await;
    }

    async fn restoring_what_is_not_deleted_changes_nothing(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let before = read(&ann, "/api/conversations").await;
        let response = restore(&ann, &id).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.json::<Value>().await.unwrap(), before["items"][0]);
        assert_eq!(read(&ann, "/api/conversations").await, before);
    }

    async fn nobody_restores_what_is_somebody_elses(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let id = ann.conversation().await;
        assert_eq!(refused(restore(&bob, &id).await, 404).await, "not_found");
        assert_eq!(delete(&ann, &id).await.status(), 204);
        assert_eq!(refused(restore(&bob, &id).await, 404).await, "not_found");
        assert_eq!(refused(restore(&server.visitor(), &id).await, 401).await, "unauthenticated");
        let unknown = uuid::Uuid::now_v7().to_string();
        assert_eq!(refused(restore(&ann, &unknown).await, 404).await, "not_found");
        assert_eq!(ids(&read(&ann, "/api/conversations").await), Vec::<String>::new());
        assert_eq!(restore(&ann, &id).await.status(), 200);
    }

    async fn a_reply_that_ran_when_its_conversation_was_deleted_is_a_stopped_one_afterwards(engine: Engine) {
        let server = Server::start(engine, "words-100000@50").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, "go").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(delete(&ann, &id).await.status(), 204);
        assert_eq!(restore(&ann, &id).await.status(), 200);
        for _ in 0..200 {
            let open = ann.open(&id).await;
            if open["active"].is_null() {
                let last = open["messages"].as_array().unwrap().last().unwrap().clone();
                assert_eq!(last["role"], "assistant", "{open}");
                assert_eq!(last["status"], "stopped", "{open}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the reply goes on");
    }
}
