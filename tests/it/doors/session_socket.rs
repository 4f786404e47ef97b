//! `/ws/chat/{session_id}`: `user_message` in, `ai_response` out.

use serde_json::{Value, json};

use super::{socket::Socket, turn};
use crate::harness::{
    Engine, Server,
    events::{assert_whole, tokens},
    on_both,
};

fn say(message: &str, role: &str) -> Value {
    json!({ "type": "user_message", "data": { "message": message, "role_id": role, "timestamp": "2025-01-01T12:00:00Z" } })
}

fn is_end(saying: &Value) -> bool {
    saying["type"] == "ai_response" && saying["data"]["status"] != "streaming"
}

/// What a screen shows after these frames, by the rules of `op`.
fn shown(mut text: String, said: &[Value]) -> String {
    for frame in said.iter().filter(|saying| saying["type"] == "ai_response") {
        let piece = frame["data"]["message"].as_str().unwrap();
        match frame["data"]["op"].as_str().unwrap() {
            "append" => text.push_str(piece),
            "replace" => {
                assert!(
                    piece.starts_with(&text) || text.is_empty(),
                    "text must not shrink"
                );
                piece.clone_into(&mut text);
            }
            op => panic!("{op}"),
        }
    }
    text
}

on_both! {
    async fn a_reply_comes_in_pieces_and_ends_whole(engine: Engine) {
        let server = Server::start(engine, "think-3+words-40@200").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        turn(&ann, &session, "an older one").await;
        let mut socket = Socket::session(&server, &ann, &session).await;
        socket.say(&say("count", "tech_expert")).await;
        let said = socket.until(is_end).await;
        let frames: Vec<&Value> = said.iter().filter(|saying| saying["type"] == "ai_response").collect();
        assert!(frames.len() > 2, "{said:?}");
        for frame in &frames {
            assert_eq!(frame["data"]["role_name"], "技术专家");
            assert!(frame["data"]["timestamp"].as_str().unwrap().ends_with('Z'));
            assert!(frame["data"]["message_id"].is_string());
        }
        let last = &frames.last().unwrap()["data"];
        assert_eq!(last["status"], "completed");
        let text = last["message"].as_str().unwrap();
        assert_eq!(tokens(text).len(), 40);
        assert_whole(text);
        let pieces = &said[..said.len() - 1];
        assert!(text.starts_with(&shown(String::new(), pieces)), "what was shown is the beginning of it");
        let open = ann.open(&session).await;
        assert_eq!(open["messages"][3]["content"], text);
        assert_eq!(last["message_id"], open["messages"][3]["id"]);
        assert_eq!(last["user_message_id"], open["messages"][2]["id"]);
        let accepted = said.iter().find(|saying| saying["type"] == "accepted").expect("the ids of the turn");
        assert_eq!(accepted["data"]["reply_message_id"], last["message_id"]);
    }

    async fn a_broken_socket_loses_no_text(engine: Engine) {
        let server = Server::start(engine, "words-100@100").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut socket = Socket::session(&server, &ann, &session).await;
        socket.say(&say("count", "assistant")).await;
        let enough = |saying: &Value| saying["data"]["message"].as_str().is_some_and(|text| text.contains("w9@"));
        let said = socket.until(enough).await;
        let text = shown(String::new(), &said);
        let cursor = said.last().unwrap()["data"]["cursor"].as_str().unwrap().to_owned();
        drop(socket);
        // By address, exactly from there.
        let mut socket = Socket::session_after(&server, &ann, &session, Some(&cursor)).await;
        let said = socket.until(|saying| saying["data"]["message"].as_str().is_some_and(|text| text.contains("w20@"))).await;
        assert!(said.iter().all(|saying| saying["data"]["op"] != "replace"), "{said:?}");
        let text = shown(text, &said);
        assert_whole(text.trim_end());
        let cursor = said.last().unwrap()["data"]["cursor"].clone();
        // By a saying, on another socket.
        let mut other = Socket::session(&server, &ann, &session).await;
        other.find("hello").await;
        other.say(&json!({ "type": "resume", "data": { "cursor": cursor } })).await;
        other.find("hello").await;
        let said = other.until(is_end).await;
        let text = shown(text, &said);
        assert_eq!(tokens(&text).len(), 100);
        assert_whole(&text);
    }

    async fn who_joins_late_sees_what_is_being_written(engine: Engine) {
        let server = Server::start(engine, "words-60@100").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut first = Socket::session(&server, &ann, &session).await;
        first.say(&say("count", "assistant")).await;
        first.until(|saying| saying["data"]["message"].as_str().is_some_and(|text| text.contains("w9@"))).await;
        let mut second = Socket::session(&server, &ann, &session).await;
        let said = second.until(is_end).await;
        let text = shown(String::new(), &said);
        assert_eq!(tokens(&text).len(), 60);
        assert_eq!(first.until(is_end).await.last().unwrap()["data"]["message"], text);
    }

    async fn stop_freezes_the_text(engine: Engine) {
        let server = Server::start(engine, "words-100000@100").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut socket = Socket::session(&server, &ann, &session).await;
        socket.say(&json!({ "type": "stop" })).await;
        assert_eq!(socket.find("error").await["data"]["code"], "not_found", "nothing to stop yet");
        socket.say(&say("for ever", "assistant")).await;
        let said = socket.until(|saying| saying["data"]["op"] == "append").await;
        socket.say(&json!({ "type": "stop" })).await;
        let rest = socket.until(is_end).await;
        let text = shown(shown(String::new(), &said), &rest);
        assert_eq!(rest.last().unwrap()["data"]["status"], "stopped");
        assert_eq!(ann.open(&session).await["messages"][1]["content"], text);
        assert_whole(&text);
        let closed = server.upstream.wait_for(std::time::Duration::from_secs(5), |stats| stats.active_streams == 0).await;
        assert!(closed.is_ok(), "{closed:?}");
    }

    async fn the_same_message_again_brings_the_same_reply(engine: Engine) {
        let server = Server::start(engine, "words-8@0").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut message = say("once", "assistant");
        message["data"]["client_message_id"] = json!("socket-1");
        let mut socket = Socket::session(&server, &ann, &session).await;
        socket.say(&message).await;
        let first = socket.until(is_end).await.pop().unwrap();
        socket.say(&message).await;
        let again = socket.until(is_end).await.pop().unwrap();
        assert_eq!(first["data"]["message"], again["data"]["message"]);
        assert_eq!(first["data"]["message_id"], again["data"]["message_id"]);
        assert_eq!(server.upstream.stats().requests, 1);
    }

    async fn a_reply_that_fails_is_an_end_with_a_reason(engine: Engine) {
        let server = Server::start(engine, "fault-401").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut socket = Socket::session(&server, &ann, &session).await;
        socket.say(&say("hello", "assistant")).await;
        let last = socket.until(is_end).await.pop().unwrap();
        assert_eq!((&last["data"]["status"], &last["data"]["error"]["code"]), (&json!("failed"), &json!("upstream_auth")));
    }

    async fn what_makes_no_sense_is_answered_and_no_reason_to_hang_up(engine: Engine) {
        let server = Server::start(engine, "words-100000@20").await;
        let ann = server.member("ann").await;
        let session = ann.conversation().await;
        let mut socket = Socket::session(&server, &ann, &session).await;
        for (text, code, field) in [
            ("", "bad_request", None),
            ("hello", "bad_request", None),
            ("[]", "validation", None),
            ("{}", "validation", Some("type")),
            (r#"{"type":"execute"}"#, "validation", Some("type")),
            (r#"{"type":"user_message","data":[]}"#, "validation", Some("data")),
            (r#"{"type":"user_message","data":{"message":7}}"#, "validation", Some("message")),
            (r#"{"type":"user_message","data":{"message":"  "}}"#, "validation", Some("message")),
            (r#"{"type":"user_message","data":{"message":"x","role_id":"nobody"}}"#, "validation", Some("role_id")),
        ] {
            socket.say_raw(text).await;
            let error = &socket.find("error").await["data"];
            assert_eq!(error["code"], code, "{text}: {error}");
            if let Some(field) = field {
                assert!(error["fields"][field].is_object(), "{text}: {error}");
            }
        }
        socket.say(&say("one", "assistant")).await;
        let accepted = socket.find("accepted").await;
        socket.say(&say("two", "assistant")).await;
        let error = socket.find("error").await;
        assert_eq!(error["data"]["code"], "generation_active");
        assert_eq!(error["data"]["generation_id"], accepted["data"]["generation_id"]);
        assert_eq!(ann.open(&session).await["messages"].as_array().unwrap().len(), 1);
    }
}
