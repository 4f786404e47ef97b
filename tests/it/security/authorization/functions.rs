//! 25 beyond the described operations: server functions, sockets and the account's one stream; and 29, things that hang
//! on other things.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::matrix::{Person, SECRET, told};
use crate::{
    doors::socket::Socket,
    harness::{Browser, Engine, Events, Server, browser::email, on_both},
    security::routes::{Function, functions},
};

/// One of each id that a person has, by the name of its type.
fn ids(person: &Person) -> [(&'static str, Vec<String>); 6] {
    [
        (
            "ConversationId",
            vec![person.own.conversation.clone(), person.stopped.clone()],
        ),
        ("MessageId", vec![person.own.message.clone()]),
        ("GenerationId", vec![person.own.generation.clone()]),
        ("SessionId", vec![person.device.clone()]),
        ("ApiKeyId", vec![person.key.clone()]),
        ("ContextId", vec![person.context.clone()]),
    ]
}

/// The arguments that stand for things: their names and the types of their ids.
fn slots(function: &Function) -> Vec<(&str, &str)> {
    let known = |kind: &str| {
        let kinds = [
            "ConversationId",
            "MessageId",
            "GenerationId",
            "SessionId",
            "ApiKeyId",
            "ContextId",
        ];
        kinds.into_iter().find(|known| kind.contains(known))
    };
    let arguments = function.arguments.iter();
    arguments
        .filter_map(|(name, kind)| {
            let kind = match name.as_str() {
                "parent_id" => Some("MessageId"),
                _ => known(kind),
            };
            Some((name.as_str(), kind?))
        })
        .collect()
}

/// A call with one argument varied; the other things are the caller's own, but for what would begin or end something of
/// theirs.
fn call(
    browser: &Browser,
    function: &Function,
    own: &str,
    varied: &str,
    id: &str,
) -> RequestBuilder {
    let mut arguments = Vec::new();
    for (name, kind) in &function.arguments {
        let is_many = kind.contains("Vec<");
        let is_id = slots(function).iter().any(|(slot, _)| slot == name);
        let value = if name == varied {
            id.to_owned()
        } else if is_id && kind.contains("ConversationId") {
            own.to_owned()
        } else if is_id || name == "client_message_id" {
            uuid::Uuid::now_v7().to_string()
        } else if kind.contains("Option") {
            continue;
        } else {
            "words of bob".to_owned()
        };
        let name = if is_many {
            format!("{name}[0]")
        } else {
            name.clone()
        };
        arguments.push((name, value));
    }
    if function.is_read {
        browser.get(&function.path).query(&arguments)
    } else {
        browser.post(&function.path).form(&arguments)
    }
}

/// What a socket says to this, without the id.
async fn answer(socket: &mut Socket, saying: &Value, id: &str) -> String {
    socket.say(saying).await;
    let said = socket.find("error").await;
    let mut data = said["data"].clone();
    if let Some(data) = data.as_object_mut() {
        data.remove("request_id");
    }
    data.to_string().replace(id, "ID")
}

on_both! {
    async fn row_25_a_foreign_id_is_an_unknown_one_to_every_server_function(engine: Engine) {
        let settings = [("PARLANCE_QUEUE_PER_USER", "1000")];
        let server = Server::start_with(engine, "words-100000@5", &settings).await;
        let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
        let before = ann.state().await;
        let mut tried = 0;
        for function in functions() {
            for (slot, kind) in slots(&function) {
                let hers = ids(&ann).into_iter().find(|(known, _)| *known == kind).unwrap().1;
                for id in hers {
                    let words = format!("{id} as {slot} of {}", function.path);
                    let ask = async |id: &str| {
                        let request = call(&bob.browser, &function, &bob.stopped, slot, id);
                        told(request.send().await.unwrap(), id).await
                    };
                    let foreign = ask(&id).await;
                    assert!(!matches!(foreign.0, 401 | 403 | 405 | 415), "{words}: {foreign:?}");
                    assert!(!foreign.1.contains(SECRET) && !foreign.1.contains(&email("ann")), "{words}: {foreign:?}");
                    assert_eq!(foreign, ask(&uuid::Uuid::now_v7().to_string()).await, "{words}");
                    tried += 1;
                }
            }
        }
        assert!(tried >= 20, "{tried}");
        assert_eq!(ann.state().await, before, "nothing of hers has changed");
    }

    async fn row_25_a_foreign_id_is_an_unknown_one_to_sockets_and_streams(engine: Engine) {
        let server = Server::start(engine, "words-100000@5").await;
        let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
        let before = ann.state().await;
        for id in [&ann.own.conversation, &ann.stopped, &uuid::Uuid::now_v7().to_string()] {
            let mut socket = Socket::session(&server, &bob.browser, id).await;
            assert_eq!(socket.closed().await, Some(4404), "{id}");
        }
        let mut socket = Socket::chat(&server, &bob.browser).await;
        socket.find("hello").await;
        for (kind, member, id) in [
            ("user_message", "conversation_id", &ann.own.conversation),
            ("user_message", "conversation_id", &ann.stopped),
            ("resume", "conversation_id", &ann.own.conversation),
            ("stop", "conversation_id", &ann.own.conversation),
            ("stop", "generation_id", &ann.own.generation),
        ] {
            let mut told = Vec::new();
            for id in [id, &uuid::Uuid::now_v7().to_string()] {
                let mut saying = json!({ "type": kind, "data": { (member): id } });
                if kind == "user_message" {
                    saying["data"]["message"] = json!("x");
                }
                told.push(answer(&mut socket, &saying, id).await);
            }
            assert!(told[0].contains("not_found"), "{kind} {member}: {}", told[0]);
            assert_eq!(told[0], told[1], "{kind} {member}");
        }
        // The account's one stream, which carries conversations that are named.
        let path = format!("/api/stream?c={}", ann.own.conversation);
        let mut events = Events::of(bob.browser.get(&path).send().await.unwrap());
        let mut heard = String::new();
        while let Ok(Some(event)) = events.within(Duration::from_millis(700)).await {
            heard.push_str(&format!("{} {}\n", event.kind, event.data));
            if heard.len() > 16_384 {
                break;
            }
        }
        assert!(heard.contains("not_found"), "{heard}");
        for hers in [&ann.own.generation, &ann.own.message, &ann.stopped] {
            assert!(!heard.contains(hers.as_str()), "{heard}");
        }
        assert_eq!(ann.state().await, before, "nothing of hers has changed");
    }

    /// A thing is looked up by its owner, not by what it hangs on: hers is not found under what is his.
    async fn row_29_what_hangs_on_something_is_its_owners_too(engine: Engine) {
        let server = Server::start(engine, "words-100000@5").await;
        let (ann, bob) = (Person::new(&server, "ann").await, Person::new(&server, "bob").await);
        let before = ann.state().await;
        let his = &bob.stopped;
        let stranger = uuid::Uuid::now_v7().to_string();
        let say = |parent: &str| json!({
            "content": "under hers", "client_message_id": uuid::Uuid::now_v7().to_string(), "parent_id": parent,
        });
        let asks: [(Method, String); 10] = [
            (Method::POST, format!("/api/conversations/{his}/messages")),
            (Method::GET, format!("/api/conversations/{his}/messages?before=MESSAGE")),
            (Method::POST, "/api/messages/MESSAGE/select".to_owned()),
            (Method::POST, "/api/messages/MESSAGE/keep".to_owned()),
            (Method::POST, "/api/messages/MESSAGE/regenerate".to_owned()),
            (Method::POST, "/api/messages/MESSAGE/continue".to_owned()),
            (Method::POST, "/api/generations/GENERATION/stop".to_owned()),
            (Method::DELETE, "/api/account/devices/DEVICE".to_owned()),
            (Method::DELETE, "/api/account/keys/KEY".to_owned()),
            (Method::GET, format!("/rpc/parlance_ui/rpc/window/read_stretch?id={his}&message=MESSAGE")),
        ];
        for (method, path) in asks {
            let mut answers = Vec::new();
            for is_hers in [true, false] {
                let mut path = path.clone();
                for (word, id) in [
                    ("MESSAGE", &ann.own.message), ("GENERATION", &ann.own.generation),
                    ("DEVICE", &ann.device), ("KEY", &ann.key),
                ] {
                    path = path.replace(word, if is_hers { id } else { &stranger });
                }
                let request = bob.browser.request(method.clone(), &path);
                let parent = if is_hers { &ann.own.message } else { &stranger };
                let request = if path.ends_with("/messages") { request.json(&say(parent)) } else { request };
                let (status, text) = told(request.send().await.unwrap(), parent).await;
                assert!(!text.contains(SECRET), "{path}: {text}");
                for id in [&ann.own.generation, &ann.device, &ann.key] {
                    assert!(!text.contains(id.as_str()), "{path}: {text}");
                }
                answers.push((status, text));
            }
            assert!(matches!(answers[0].0, 404 | 422), "{method} {path}: {:?}", answers[0]);
            assert_eq!(answers[0], answers[1], "{method} {path}");
        }
        assert_eq!(ann.state().await, before, "nothing of hers has changed");
        assert!(server.upstream.stats().active_streams >= 2, "nobody stopped a reply");
    }
}
