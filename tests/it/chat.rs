//! A conversation through the API: sending, reading back, stopping.

use serde_json::json;

use crate::harness::{
    Engine, Server,
    events::{Reply, assert_whole, tokens},
    on_both,
};

on_both! {
    async fn a_reply_streams_and_is_stored_as_it_was_shown(engine: Engine) {
        let server = Server::start(engine, "think-5+words-40@200").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        assert_eq!(events.next().await.unwrap().kind, "hello");
        let accepted = ann.say(&id, "count, please").await;

        let mut reply = Reply::default();
        let last = events.read_to_final(&mut reply).await;
        assert_eq!(last["status"], "completed");
        assert_eq!(last["message"]["id"], accepted["reply_message_id"]);
        assert_eq!(last["message"]["finish_reason"], "stop");
        assert!(last["message"]["usage"]["completion_tokens"].as_i64().unwrap() > 0);
        assert_eq!(tokens(&reply.text).len(), 40);
        assert_whole(&reply.text);
        assert!(reply.reasoning.starts_with("r1 "));

        let open = ann.open(&id).await;
        assert_eq!(open["title"], "count, please");
        assert_eq!(open["messages"][0]["content"], "count, please");
        assert_eq!(open["messages"][1]["content"], reply.text);
        assert_eq!(open["messages"][1]["reasoning"], reply.reasoning);
        assert_eq!(open["active"], json!(null));
    }

    async fn the_second_turn_carries_the_first_and_the_persona(engine: Engine) {
        let server = Server::start(engine, "history").await;
        let ann = server.member("ann").await;
        let response = ann.post("/api/conversations").json(&json!({ "persona_id": "tech_expert" })).send().await.unwrap();
        let id = response.json::<serde_json::Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
        for question in ["first", "second"] {
            let mut events = ann.follow(&id, None).await;
            ann.say(&id, question).await;
            loop {
                let last = events.read_to_final(&mut Reply::default()).await;
                assert_eq!(last["status"], "completed");
                let open = ann.open(&id).await;
                if open["messages"].as_array().unwrap().iter().any(|m| m["content"] == question) && open["active"].is_null() {
                    break;
                }
            }
        }
        let open = ann.open(&id).await;
        let heard: serde_json::Value = serde_json::from_str(open["messages"][3]["content"].as_str().unwrap()).unwrap();
        let roles: Vec<_> = heard.as_array().unwrap().iter().map(|turn| turn["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["system", "user", "assistant", "user"]);
        assert_eq!(heard[0]["content"], "你是一个资深的技术专家，精通各种编程语言和技术框架。");
        assert_eq!(heard[3]["content"], "second");
        let text = heard.to_string();
        assert!(!text.contains("created_at") && !text.contains("timestamp"), "{text}");
    }

    async fn the_same_message_sent_again_changes_nothing(engine: Engine) {
        let server = Server::start(engine, "words-5@0").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let sends = (0..20).map(|_| ann.send(&id, "once", "client-1"));
        let responses = futures::future::join_all(sends).await;
        let mut statuses: Vec<u16> = responses.iter().map(|response| response.status().as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses[19], 202);
        assert!(statuses[..19].iter().all(|status| *status == 200), "{statuses:?}");
        let mut ids = Vec::new();
        for response in responses {
            let body: serde_json::Value = response.json().await.unwrap();
            ids.push((body["message_id"].clone(), body["generation_id"].clone()));
        }
        assert!(ids.iter().all(|pair| *pair == ids[0]));
        assert_eq!(server.upstream.stats().requests, 1);
    }

    async fn a_second_message_waits_until_the_reply_is_over(engine: Engine) {
        let server = Server::start(engine, "words-1000@20").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let accepted = ann.say(&id, "one").await;
        let refused = ann.send(&id, "two", "client-2").await;
        assert_eq!(refused.status(), 409);
        let problem: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "generation_active");
        assert_eq!(problem["generation_id"], accepted["generation_id"]);
        assert_eq!(ann.open(&id).await["messages"].as_array().unwrap().len(), 1);
    }

    async fn stop_freezes_the_text_and_closes_the_providers_socket(engine: Engine) {
        let server = Server::start(engine, "words-10000@100").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        let accepted = ann.say(&id, "go on for ever").await;
        let mut reply = Reply::default();
        while reply.seq < 5 {
            reply.apply(&events.next().await.unwrap());
        }
        let path = format!("/api/generations/{}/stop", accepted["generation_id"].as_str().unwrap());
        let stopped: serde_json::Value = ann.post(&path).send().await.unwrap().json().await.unwrap();
        assert_eq!(stopped["status"], "stopped");
        assert_eq!(stopped["message_id"], accepted["reply_message_id"]);
        let frozen = ann.open(&id).await;
        let last = events.read_to_final(&mut reply).await;
        assert_eq!(last["status"], "stopped");
        assert_eq!(frozen["messages"][1]["content"], reply.text);
        assert_whole(&reply.text);
        let closed = server.upstream.wait_for(std::time::Duration::from_secs(5), |stats| stats.active_streams == 0).await;
        assert!(closed.is_ok(), "{closed:?}");
        // Again: the same end.
        let again: serde_json::Value = ann.post(&path).send().await.unwrap().json().await.unwrap();
        assert_eq!(again, stopped);
        assert_eq!(ann.open(&id).await["messages"], frozen["messages"]);
    }

    async fn a_reply_is_completed_though_nobody_looks(engine: Engine) {
        let server = Server::start(engine, "words-30@100").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        ann.say(&id, "I am leaving").await;
        let done = server.upstream.wait_for(std::time::Duration::from_secs(20), |stats| stats.completed == 1).await;
        assert!(done.is_ok(), "{done:?}");
        let mut reply = Reply::default();
        ann.follow(&id, None).await.read_to_final(&mut reply).await;
        assert_eq!(tokens(&reply.text).len(), 30);
    }

    async fn strangers_find_nothing(engine: Engine) {
        let server = Server::start(engine, "words-500@20").await;
        let ann = server.member("ann").await;
        let bob = server.member("bob").await;
        let id = ann.conversation().await;
        let accepted = ann.say(&id, "secret").await;
        let generation = accepted["generation_id"].as_str().unwrap();
        for path in [format!("/api/conversations/{id}"), format!("/api/conversations/{id}/stream"), format!("/api/v1/conversations/{id}")] {
            let response = bob.get(&path).send().await.unwrap();
            assert_eq!(response.status(), 404, "{path}");
        }
        assert_eq!(bob.send(&id, "hello", "x").await.status(), 404);
        let stop = bob.post(&format!("/api/generations/{generation}/stop")).send().await.unwrap();
        assert_eq!(stop.status(), 404);
        let delete = bob.request(reqwest::Method::DELETE, &format!("/api/conversations/{id}")).send().await.unwrap();
        assert_eq!(delete.status(), 404);
        assert!(ann.open(&id).await["active"].is_object());
        let list: serde_json::Value = bob.get("/api/conversations").send().await.unwrap().json().await.unwrap();
        assert_eq!(list["items"], json!([]));
    }

    async fn deleting_a_conversation_ends_its_reply_and_its_streams(engine: Engine) {
        let server = Server::start(engine, "words-10000@50").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "soon gone").await;
        let path = format!("/api/conversations/{id}");
        let deleted = ann.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(deleted.status(), 204);
        let bye = loop {
            let event = events.next().await.expect("bye");
            if event.kind == "bye" {
                break event;
            }
        };
        assert_eq!(bye.data["reason"], "gone");
        assert_eq!(ann.get(&path).send().await.unwrap().status(), 404);
        let closed = server.upstream.wait_for(std::time::Duration::from_secs(5), |stats| stats.active_streams == 0).await;
        assert!(closed.is_ok(), "{closed:?}");
    }
}
