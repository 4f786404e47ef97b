//! `POST /api/v1/chat`: the message is stored at once, the reply is streamed and then stored as one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{answered, id, post, read_turn};
use crate::harness::{
    Engine, Events, Server,
    events::{Reply, assert_whole, tokens},
    fields, on_both, problem, refused,
};

fn ask(conversation: &str, content: &str) -> Value {
    json!({ "conversation_id": conversation, "content": content })
}

on_both! {
    async fn the_reply_streams_in_real_time_and_is_stored_as_one_message(engine: Engine) {
        let server = Server::start(engine, "words-30@30").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        for path in ["/api/v1/chat", "/api/chat"] {
            let began = Instant::now();
            let response = post(&ann, path, &ask(&conversation, "count")).await;
            let mut events = Events::of(response);
            let mut reply = Reply::default();
            while reply.text.is_empty() {
                reply.apply(&events.next().await.unwrap());
            }
            assert!(began.elapsed() < Duration::from_millis(900), "the first piece waits for nothing");
            let last = events.read_to_final(&mut reply).await;
            assert!(began.elapsed() > Duration::from_millis(900), "a second of text takes a second");
            assert_eq!(last["status"], "completed");
            assert_eq!(tokens(&reply.text).len(), 30);
            let open = ann.open(&conversation).await;
            let stored = open["messages"].as_array().unwrap().last().unwrap();
            assert_eq!((&stored["content"], &stored["id"]), (&json!(reply.text), &last["message"]["id"]));
        }
        assert_eq!(ann.open(&conversation).await["messages"].as_array().unwrap().len(), 4);
    }

    async fn the_whole_conversation_goes_to_the_model(engine: Engine) {
        let server = Server::start(engine, "history").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        read_turn(post(&ann, "/api/v1/chat", &ask(&conversation, "first")).await).await;
        let (reply, _) = read_turn(post(&ann, "/api/v1/chat", &ask(&conversation, "second")).await).await;
        let heard: Value = serde_json::from_str(&reply.text).unwrap();
        let said: Vec<&str> = heard.as_array().unwrap().iter().filter(|turn| turn["role"] == "user").map(|turn| turn["content"].as_str().unwrap()).collect();
        assert_eq!(said, ["first", "second"]);
    }

    async fn the_message_is_stored_before_the_model_says_anything(engine: Engine) {
        let server = Server::start(engine, "fault-stall-before").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let response = post(&ann, "/api/v1/chat", &ask(&conversation, "are you there?")).await;
        assert_eq!(response.status(), 200);
        let open = ann.open(&conversation).await;
        assert_eq!(open["messages"][0]["content"], "are you there?");
        let running = id(&open["active"], "generation_id");
        let busy = problem(post(&ann, "/api/v1/chat", &ask(&conversation, "hello?")).await, 409).await;
        assert_eq!((busy["code"].as_str(), busy["generation_id"].as_str()), (Some("generation_active"), Some(running)));
        // Stopped before the first word: the stream says so and ends.
        let stop = ann.post(&format!("/api/generations/{running}/stop")).send().await.unwrap();
        assert_eq!(answered(stop, 200).await["status"], "cancelled");
        let (reply, last) = read_turn(response).await;
        assert_eq!((reply.text.as_str(), last["status"].as_str()), ("", Some("cancelled")));
    }

    async fn a_reader_that_left_finds_everything(engine: Engine) {
        let server = Server::start(engine, "words-80@100").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let mut events = Events::of(post(&ann, "/api/v1/chat", &ask(&conversation, "count")).await);
        let mut reply = Reply::default();
        while reply.seq < 5 {
            reply.apply(&events.next().await.unwrap());
        }
        let cursor = events.cursor.clone().unwrap();
        drop(events);
        let mut events = ann.follow(&conversation, Some(&cursor)).await;
        assert_eq!(events.next().await.unwrap().data["resume"], "exact");
        let last = events.read_to_final(&mut reply).await;
        assert_eq!(last["status"], "completed");
        assert_eq!(tokens(&reply.text).len(), 80);
        assert_whole(&reply.text);
    }

    async fn the_same_message_again_streams_the_same_reply(engine: Engine) {
        let server = Server::start(engine, "words-8@0").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let mut body = ask(&conversation, "once");
        body["client_message_id"] = json!("chat-1");
        let (_, first) = read_turn(post(&ann, "/api/v1/chat", &body).await).await;
        let (_, again) = read_turn(post(&ann, "/api/v1/chat", &body).await).await;
        assert_eq!(first["message"], again["message"]);
        assert_eq!(server.upstream.stats().requests, 1);
    }

    async fn conversations_of_others_are_none(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let conversation = ann.conversation().await;
        assert_eq!(refused(post(&bob, "/api/v1/chat", &ask(&conversation, "x")).await, 404).await, "not_found");
        let nobodys = uuid::Uuid::now_v7().to_string();
        assert_eq!(refused(post(&ann, "/api/v1/chat", &ask(&nobodys, "x")).await, 404).await, "not_found");
        let visitor = server.visitor();
        assert_eq!(refused(post(&visitor, "/api/v1/chat", &ask(&conversation, "x")).await, 401).await, "unauthenticated");
        assert_eq!(ann.open(&conversation).await["messages"], json!([]));
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let conversation = ann.conversation().await;
    for (wrong, expected) in [
        (json!({ "content": "x" }), "conversation_id required"),
        (ask("mine", "x"), "conversation_id malformed"),
        (
            json!({ "conversation_id": conversation }),
            "content required",
        ),
        (ask(&conversation, "  "), "content required"),
        (
            json!({ "conversation_id": conversation, "content": 7 }),
            "content malformed",
        ),
        (
            json!({ "conversation_id": conversation, "content": "x", "stream": true }),
            "stream unknown",
        ),
        (
            json!({ "conversation_id": conversation, "content": "x", "client_message_id": "no spaces" }),
            "client_message_id malformed",
        ),
        (
            json!({ "conversation_id": conversation, "content": "x", "persona_id": "nobody" }),
            "persona_id unknown",
        ),
    ] {
        let problem = problem(post(&ann, "/api/v1/chat", &wrong).await, 422).await;
        assert_eq!(fields(&problem), [expected], "{wrong}");
    }
    let broken = ann
        .post("/api/v1/chat")
        .header("Content-Type", "application/json")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(refused(broken, 400).await, "bad_request");
    assert_eq!(ann.open(&conversation).await["messages"], json!([]));
}
