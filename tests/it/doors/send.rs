//! `POST /api/chat/send` in both forms, and titles on demand.

use serde_json::{Value, json};

use super::{answered, id, post, read_turn, turn};
use crate::harness::{
    Engine, Server,
    events::{assert_whole, tokens},
    fields, on_both, problem, refused,
};

const SEND: &str = "/api/chat/send";

fn whole(session: &str, message: &str) -> Value {
    json!({ "message": message, "session_id": session, "role_id": "tech_expert" })
}

fn streamed(conversation: &str, message: &str) -> Value {
    json!({ "conversation_id": conversation, "message": message, "model_name": "any", "params": { "temperature": 0 } })
}

/// A refusal in the envelope of these routes.
async fn refusal(response: reqwest::Response, status: u16) -> Value {
    let problem = problem(response, status).await;
    assert_eq!(problem["success"], false);
    assert!(
        problem["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{problem}"
    );
    problem
}

on_both! {
    async fn the_form_with_a_session_waits_for_the_whole_reply(engine: Engine) {
        let server = Server::start(engine, "words-20@200").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let answer = answered(post(&ann, SEND, &whole(&session, "count")).await, 200).await;
        assert_eq!(answer["success"], true);
        assert_eq!(tokens(answer["ai_response"].as_str().unwrap()).len(), 20);
        assert_eq!(answer["status"], "completed");
        let open = ann.open(&session).await;
        let (question, reply) = (&open["messages"][0], &open["messages"][1]);
        assert_eq!((&answer["message_id"], &answer["user_message_id"]), (&reply["id"], &question["id"]));
        assert_eq!(answer["ai_response"], reply["content"]);
        let usage = &reply["usage"];
        let used = usage["prompt_tokens"].as_i64().unwrap() + usage["completion_tokens"].as_i64().unwrap();
        assert_eq!(answer["tokens_used"], used);
        assert!(reply["persona_id"].is_string(), "the role replies");
    }

    async fn the_form_with_a_conversation_streams_and_ends_with_both_ids(engine: Engine) {
        let server = Server::start(engine, "words-20@200").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let (reply, last) = read_turn(post(&ann, SEND, &streamed(&conversation, "count")).await).await;
        assert_whole(&reply.text);
        let open = ann.open(&conversation).await;
        assert_eq!(last["user_message_id"], open["messages"][0]["id"]);
        assert_eq!(last["message"]["id"], open["messages"][1]["id"]);
        assert_eq!(open["messages"][1]["content"], reply.text);
    }

    async fn accept_overrules_the_form(engine: Engine) {
        let server = Server::start(engine, "words-5@0").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let with = |accept: &str, body: Value| ann.post("/api/v1/chat/send").header("Accept", accept).json(&body).send();
        let answer = answered(with("application/json", streamed(&conversation, "a")).await.unwrap(), 200).await;
        assert_eq!(answer["success"], true);
        let (reply, _) = read_turn(with("text/event-stream", whole(&conversation, "b")).await.unwrap()).await;
        assert_eq!(tokens(&reply.text).len(), 5);
        let answer = answered(with("*/*", whole(&conversation, "c")).await.unwrap(), 200).await;
        assert_eq!(answer["status"], "completed");
        assert_eq!(ann.open(&conversation).await["messages"].as_array().unwrap().len(), 6);
    }

    async fn a_client_that_leaves_does_not_end_the_reply(engine: Engine) {
        let server = Server::start(engine, "words-40@100").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut message = whole(&session, "count");
        message["client_message_id"] = json!("send-1");
        let impatient = ann.post(SEND).json(&message).timeout(std::time::Duration::from_millis(150)).send().await;
        assert!(impatient.is_err_and(|error| error.is_timeout()));
        // The same message again waits for the same reply.
        let answer = answered(post(&ann, SEND, &message).await, 200).await;
        assert_eq!(tokens(answer["ai_response"].as_str().unwrap()).len(), 40);
        assert_eq!(server.upstream.stats().requests, 1);
        // And once more when all is over.
        assert_eq!(answered(post(&ann, SEND, &message).await, 200).await, answer);
    }

    async fn a_stop_is_an_answer(engine: Engine) {
        let server = Server::start(engine, "words-100000@50").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let stop = async {
            let path = loop {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                let open = ann.open(&session).await;
                if open["active"]["parts"][0]["text"].as_str().is_some_and(|text| text.len() > 20) {
                    break format!("/api/generations/{}/stop", id(&open["active"], "generation_id"));
                }
            };
            ann.post(&path).send().await.unwrap()
        };
        let message = whole(&session, "for ever");
        let (answer, _) = tokio::join!(post(&ann, SEND, &message), stop);
        let answer = answered(answer, 200).await;
        assert_eq!((&answer["success"], &answer["status"]), (&json!(true), &json!("stopped")));
        assert_whole(answer["ai_response"].as_str().unwrap());
    }

    async fn failures_keep_their_status_in_the_envelope(engine: Engine) {
        let server = Server::start(engine, "fault-401").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let session = ann.conversation().await;
        let failed = refusal(post(&ann, SEND, &whole(&session, "x")).await, 502).await;
        assert_eq!(failed["code"], "upstream_auth");
        for form in [whole(&session, "mine"), streamed(&session, "mine")] {
            assert_eq!(refusal(post(&bob, SEND, &form).await, 404).await["code"], "not_found");
            assert_eq!(refusal(post(&server.visitor(), SEND, &form).await, 401).await["code"], "unauthenticated");
        }
        assert_eq!(ann.open(&session).await["messages"].as_array().unwrap().len(), 1);
    }

    async fn a_model_of_the_callers_own_at_an_inner_address_is_refused(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        for (name, value) in [("model_url", "http://169.254.169.254/"), ("base_url", "https://10.0.0.1/v1"), ("url", "http://localhost:11434/v1")] {
            let mut message = streamed(&conversation, "x");
            message[name] = json!(value);
            message["model_name"] = json!("m");
            let problem = refusal(post(&ann, SEND, &message).await, 403).await;
            assert_eq!(problem["code"], "endpoint_blocked", "{name}");
            assert!(!problem.to_string().contains(value));
            let mut title = json!({ "conversation_id": conversation, "messages": [] });
            title[name] = json!(value);
            title["model_name"] = json!("m");
            let response = post(&ann, "/api/conversation/generate_title", &title).await;
            assert_eq!(refused(response, 403).await, "endpoint_blocked", "{name}");
        }
        assert_eq!(ann.open(&conversation).await["messages"], json!([]));
        assert_eq!(server.upstream.stats().requests, 0);
    }

    async fn a_title_is_made_on_demand_and_stored(engine: Engine) {
        let server = Server::start(engine, "words-3@0").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let conversation = ann.conversation().await;
        turn(&ann, &conversation, "why is the sky blue").await;
        let ask = json!({ "conversation_id": conversation, "messages": [{ "role": "user", "content": "why is the sky blue" }], "model_name": "x" });
        let made = answered(post(&ann, "/api/v1/conversation/generate_title", &ask).await, 200).await;
        assert_eq!(made["conversation_id"], conversation.as_str());
        let title = made["title"].as_str().unwrap();
        assert!(!title.is_empty());
        assert_eq!(ann.open(&conversation).await["title"], title);
        // A person's own title stands.
        let path = format!("/api/conversations/{conversation}");
        ann.request(reqwest::Method::PATCH, &path).json(&json!({ "title": "mine" })).send().await.unwrap();
        let kept = answered(post(&ann, "/api/conversation/generate_title", &ask).await, 200).await;
        assert_eq!(kept["title"], "mine");
        assert_eq!(refused(post(&bob, "/api/conversation/generate_title", &ask).await, 404).await, "not_found");
        assert_eq!(refused(post(&server.visitor(), "/api/conversation/generate_title", &ask).await, 401).await, "unauthenticated");
        let nothing = post(&ann, "/api/conversation/generate_title", &json!({})).await;
        assert_eq!(fields(&problem(nothing, 422).await), ["conversation_id required"]);
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_as_the_form_names_it() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let session = ann.conversation().await;
    for (wrong, expected) in [
        (json!({}), "conversation_id required"),
        (json!({ "message": "x" }), "conversation_id required"),
        (
            json!({ "session_id": session, "role_id": "assistant" }),
            "message required",
        ),
        (
            json!({ "session_id": session, "message": "x" }),
            "role_id required",
        ),
        (
            json!({ "session_id": session, "message": "x", "role_id": "nobody" }),
            "role_id unknown",
        ),
        (
            json!({ "session_id": "mine", "message": "x", "role_id": "assistant" }),
            "session_id malformed",
        ),
        (
            json!({ "session_id": session, "message": 7, "role_id": "assistant" }),
            "message malformed",
        ),
        (json!({ "conversation_id": session }), "message required"),
        (
            json!({ "conversation_id": session, "message": "" }),
            "message required",
        ),
        (
            json!({ "conversation_id": session, "message": ["x"] }),
            "message malformed",
        ),
    ] {
        let problem = refusal(post(&ann, SEND, &wrong).await, 422).await;
        assert_eq!(fields(&problem), [expected], "{wrong}");
    }
    for broken in ["", "{", "[]"] {
        let response = ann
            .post(SEND)
            .header("Content-Type", "application/json")
            .body(broken)
            .send()
            .await
            .unwrap();
        assert!(response.status().is_client_error(), "{broken}");
    }
    assert_eq!(ann.open(&session).await["messages"], json!([]));
}
