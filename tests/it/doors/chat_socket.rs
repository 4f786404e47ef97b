//! `/api/chat/ws/chat`: messages for any conversation, the events of their turns back.

use serde_json::{Value, json};

use super::{id, socket::Socket};
use crate::harness::{
    Engine, Server,
    events::{Applied, Event, Reply, assert_whole, tokens},
    on_both,
};

fn event(saying: &Value) -> Event {
    Event {
        kind: saying["type"].as_str().unwrap().to_owned(),
        data: saying["data"].clone(),
    }
}

/// Applies sayings about this conversation to a reply, up to its end.
async fn read(socket: &mut Socket, conversation: &str, reply: &mut Reply) -> Value {
    loop {
        let saying = socket
            .until(|saying| {
                saying["data"]["conversation_id"] == conversation && saying["type"] == "message"
            })
            .await
            .pop()
            .unwrap();
        if reply.apply(&event(&saying)) == Applied::Final {
            return saying;
        }
    }
}

on_both! {
    async fn a_message_is_answered_by_its_turn_and_both_ids(engine: Engine) {
        let server = Server::start(engine, "words-40@200").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let mut socket = Socket::chat(&server, &ann).await;
        // Bare, as `POST /api/chat/send` takes it; and wrapped, as the other socket does.
        let bare = json!({ "conversation_id": conversation, "message": "count", "model_name": "any", "params": {} });
        let wrapped = json!({ "type": "user_message", "data": bare });
        for (turn, saying) in [bare, wrapped].iter().enumerate() {
            socket.say(saying).await;
            let accepted = socket.find("accepted").await;
            let mut reply = Reply::default();
            let last = read(&mut socket, &conversation, &mut reply).await;
            assert!(last["id"].is_string(), "the cursor stands beside it");
            let last = &last["data"];
            assert_eq!((&last["status"], tokens(&reply.text).len()), (&json!("completed"), 40));
            let open = ann.open(&conversation).await;
            assert_eq!(last["user_message_id"], open["messages"][2 * turn]["id"]);
            assert_eq!(last["message"]["id"], open["messages"][2 * turn + 1]["id"]);
            assert_eq!(accepted["data"]["reply_message_id"], last["message"]["id"]);
        }
    }

    async fn several_conversations_share_one_socket(engine: Engine) {
        let server = Server::start(engine, "words-30@100").await;
        let ann = server.member("ann").await;
        let (one, two) = (ann.conversation().await, ann.conversation().await);
        let mut socket = Socket::chat(&server, &ann).await;
        for conversation in [&one, &two] {
            socket.say(&json!({ "conversation_id": conversation, "message": "count" })).await;
        }
        let mut replies = [(one, Reply::default()), (two, Reply::default())];
        let mut ended = 0;
        while ended < 2 {
            let saying = socket.find("message").await;
            let about = id(&saying["data"], "conversation_id").to_owned();
            let (_, reply) = replies.iter_mut().find(|(id, _)| *id == about).unwrap();
            if reply.apply(&event(&saying)) == Applied::Final {
                ended += 1;
            }
        }
        for (_, reply) in &replies {
            assert_eq!(tokens(&reply.text).len(), 30);
        }
    }

    async fn a_broken_socket_loses_no_text(engine: Engine) {
        let server = Server::start(engine, "words-80@100").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let mut socket = Socket::chat(&server, &ann).await;
        socket.say(&json!({ "conversation_id": conversation, "message": "count" })).await;
        let mut reply = Reply::default();
        let mut cursor = Value::Null;
        while reply.seq < 5 {
            let saying = socket.find("message").await;
            reply.apply(&event(&saying));
            cursor = saying["id"].clone();
        }
        drop(socket);
        let mut socket = Socket::chat(&server, &ann).await;
        socket.say(&json!({ "type": "resume", "data": { "conversation_id": conversation, "cursor": cursor } })).await;
        read(&mut socket, &conversation, &mut reply).await;
        assert_eq!(tokens(&reply.text).len(), 80);
        assert_whole(&reply.text);
    }

    async fn stop_freezes_the_text(engine: Engine) {
        let server = Server::start(engine, "words-100000@100").await;
        let ann = server.member("ann").await;
        let conversation = ann.conversation().await;
        let mut socket = Socket::chat(&server, &ann).await;
        socket.say(&json!({ "conversation_id": conversation, "message": "for ever" })).await;
        let mut reply = Reply::default();
        while reply.seq < 5 {
            reply.apply(&event(&socket.find("message").await));
        }
        socket.say(&json!({ "type": "stop", "data": { "conversation_id": conversation } })).await;
        let last = read(&mut socket, &conversation, &mut reply).await;
        assert_eq!(last["data"]["status"], "stopped");
        assert_eq!(ann.open(&conversation).await["messages"][1]["content"], reply.text);
    }

    async fn what_is_refused_is_answered(engine: Engine) {
        let server = Server::start(engine, "words-100000@20").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let (hers, his) = (ann.conversation().await, bob.conversation().await);
        let running = ann.say(&hers, "secret").await;
        let mut socket = Socket::chat(&server, &bob).await;
        for (saying, code) in [
            (json!({ "conversation_id": hers, "message": "x" }), "not_found"),
            (json!({ "conversation_id": his, "message": "x", "model_url": "http://10.0.0.1", "model": "m" }), "endpoint_blocked"),
            (json!({ "conversation_id": his, "message": "x", "api_key": "sk" }), "validation"),
            (json!({ "conversation_id": his }), "validation"),
            (json!({ "message": "x" }), "validation"),
            (json!({ "type": "resume", "data": { "conversation_id": hers } }), "not_found"),
            (json!({ "type": "resume" }), "validation"),
            (json!({ "type": "stop", "data": { "conversation_id": hers } }), "not_found"),
            (json!({ "type": "stop", "data": { "generation_id": running["generation_id"] } }), "not_found"),
            (json!({ "type": "stop" }), "validation"),
        ] {
            socket.say(&saying).await;
            assert_eq!(socket.find("error").await["data"]["code"], code, "{saying}");
        }
        assert!(ann.open(&hers).await["active"].is_object(), "hers goes on");
        assert_eq!(bob.open(&his).await["messages"], json!([]));
    }
}
