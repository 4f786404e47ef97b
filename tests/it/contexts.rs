//! Contexts: what they may say, who sees them, and what the model is told of them.

mod pages;
mod window;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{
    Browser, Engine, Server,
    events::Reply,
    on_both,
    problem::{fields, problem, refused},
};

const CONTEXTS: &str = "/api/v1/contexts";

async fn make(browser: &Browser, body: Value) -> String {
    let made = browser.post(CONTEXTS).json(&body).send().await.unwrap();
    let status = made.status();
    let made: Value = made.json().await.unwrap();
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn put(browser: &Browser, path: &str, body: &Value) -> Response {
    browser
        .request(Method::PUT, path)
        .json(body)
        .send()
        .await
        .unwrap()
}

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

/// Sets a conversation's context by the address without a version, which other front ends use.
async fn tell(browser: &Browser, conversation: &str, body: &Value) -> Value {
    let answer = put(
        browser,
        &format!("/api/conversations/{conversation}/context"),
        body,
    )
    .await;
    let status = answer.status();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Says something and waits for the whole reply.
async fn say(browser: &Browser, conversation: &str, text: &str) {
    let open = browser.open(conversation).await;
    let mut events = browser.follow(conversation, open["cursor"].as_str()).await;
    browser.say(conversation, text).await;
    events.read_to_final(&mut Reply::default()).await;
}

/// What the provider was told last: role and words.
fn told(server: &Server) -> Vec<(String, String)> {
    let asked = server.upstream.requests().pop().unwrap().body;
    let turns = asked["messages"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    turns
        .map(|turn| (word(&turn["role"]), word(&turn["content"])))
        .collect()
}

fn turns(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let expected = expected.iter();
    expected
        .map(|(role, text)| ((*role).to_owned(), (*text).to_owned()))
        .collect()
}

async fn ids(browser: &Browser, conversation: &str) -> Vec<String> {
    let open = browser.open(conversation).await;
    let messages = open["messages"].as_array().unwrap().iter();
    messages
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    async fn a_context_is_made_changed_and_deleted_and_is_its_owners(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let work = make(&ann, json!({ "name": " Work ", "content": "I am a nurse.", "is_default": true })).await;
        let home = make(&ann, json!({ "name": "Home", "content": "I have cats.", "is_default": true })).await;
        let listed = read(&ann, "/api/contexts").await;
        assert_eq!(listed["items"], json!([
            { "id": home, "name": "Home", "content": "I have cats.", "is_default": true },
            { "id": work, "name": "Work", "content": "I am a nurse.", "is_default": false },
        ]));
        assert_eq!(read(&bob, CONTEXTS).await["items"], json!([]));
        let one = format!("{CONTEXTS}/{work}");
        let body = json!({ "name": "Work", "content": "I am a doctor." });
        for answer in [
            bob.get(&one).send().await.unwrap(),
            put(&bob, &one, &body).await,
            bob.request(Method::DELETE, &one).send().await.unwrap(),
            put(&ann, &format!("{CONTEXTS}/{}", uuid::Uuid::now_v7()), &body).await,
            ann.get(&format!("{CONTEXTS}/nonsense")).send().await.unwrap(),
        ] {
            assert_eq!(refused(answer, 404).await, "not_found");
        }
        let stranger = server.visitor().get(CONTEXTS).send().await.unwrap();
        assert_eq!(refused(stranger, 401).await, "unauthenticated");
        assert_eq!(put(&ann, &one, &body).await.status(), 200);
        assert_eq!(read(&ann, &one).await["content"], "I am a doctor.");
        assert_eq!(ann.request(Method::DELETE, &one).send().await.unwrap().status(), 204);
        assert_eq!(refused(ann.request(Method::DELETE, &one).send().await.unwrap(), 404).await, "not_found");
    }

    async fn a_new_chat_begins_with_a_copy_of_the_default(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let before = ann.conversation().await;
        let id = make(&ann, json!({ "name": "Me", "content": "I am a nurse.", "is_default": true })).await;
        let after = ann.conversation().await;
        say(&ann, &after, "Hello").await;
        let expected = turns(&[("system", "I am a nurse."), ("user", "Hello")]);
        assert_eq!(told(&server), expected);
        let changed = json!({ "name": "Me", "content": "Changed", "is_default": true });
        assert_eq!(put(&ann, &format!("{CONTEXTS}/{id}"), &changed).await.status(), 200);
        say(&ann, &after, "Again").await;
        assert_eq!(told(&server)[0].1, "I am a nurse.", "its own copy");
        say(&ann, &before, "Hello").await;
        assert_eq!(told(&server), turns(&[("user", "Hello")]));
        // A conversation that is made with its first message, as the page does it.
        let form = ann.page("/chat").await.press("button[type=submit].composer-send, .composer button[type=submit]");
        let answer = ann.submit(&form.with("text", "By a form")).await;
        let made = answer.location().to_owned();
        let id = made.trim_start_matches("/chat/").split(['?', '#']).next().unwrap().to_owned();
        let path = format!("/api/conversations/{id}/context");
        assert_eq!(read(&ann, &path).await["content"], "Changed");
    }

    async fn the_next_request_reflects_what_was_edited(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let persona = json!({
            "name": "Nell", "system_prompt": "You are a gardener.",
            "preset_messages": [{ "role": "user", "content": "What grows in shade?" }, { "role": "assistant", "content": "Ferns." }],
        });
        let made = ann.post("/api/v1/roles").json(&persona).send().await.unwrap();
        let made: Value = made.json().await.unwrap();
        let begun = ann.post("/api/v1/conversations").json(&json!({ "persona_id": made["id"] })).send().await.unwrap();
        let begun: Value = begun.json().await.unwrap();
        let id = begun["id"].as_str().unwrap();
        say(&ann, id, "one").await;
        say(&ann, id, "two").await;
        let message = ids(&ann, id).await;
        let body = json!({
            "content": "Answer in verse.", "excluded": [message[1], message[2]], "wordings": { message[0].clone(): "uno" },
        });
        let answer = tell(&ann, id, &body).await;
        assert_eq!(answer["rev"], 1);
        assert_eq!(answer["wordings"][&message[0]], "uno");
        say(&ann, id, "three").await;
        assert_eq!(told(&server), turns(&[
            ("system", "You are a gardener.\n\nAnswer in verse."),
            ("user", "What grows in shade?"),
            ("assistant", "Ferns."),
            ("user", "uno"),
            ("assistant", "two"),
            ("user", "three"),
        ]));
        let open = ann.open(id).await;
        assert_eq!(open["messages"][0]["content"], "one", "the message stays as it was said");
        assert_eq!(open["messages"].as_array().unwrap().len(), 6);
        // All of it anew: what is left out is empty.
        tell(&ann, id, &json!({ "context": "Short." })).await;
        say(&ann, id, "four").await;
        let told = told(&server);
        assert_eq!(told[0].1, "You are a gardener.\n\nShort.");
        assert_eq!(told[3].1, "one");
        assert_eq!(told.len(), 10);
    }

    async fn it_may_begin_with_a_named_one_and_whoever_comes_late_is_told(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let named = make(&ann, json!({ "name": "Me", "content": "I am a nurse." })).await;
        let his = make(&bob, json!({ "name": "Him", "content": "I am a cook." })).await;
        let id = ann.conversation().await;
        let path = format!("/api/v1/conversations/{id}/context");
        let answer = tell(&ann, &id, &json!({ "context_id": named, "rev": 0 })).await;
        assert_eq!((&answer["content"], &answer["rev"]), (&json!("I am a nurse."), &json!(1)));
        let late = put(&ann, &path, &json!({ "content": "Late", "rev": 0 })).await;
        assert_eq!(refused(late, 409).await, "conflict");
        assert_eq!(ann.request(Method::DELETE, &format!("{CONTEXTS}/{named}")).send().await.unwrap().status(), 204);
        assert_eq!(read(&ann, &path).await["content"], "I am a nurse.");
        for unknown in [his, uuid::Uuid::now_v7().to_string()] {
            let refusal = put(&ann, &path, &json!({ "context_id": unknown })).await;
            assert_eq!(fields(&problem(refusal, 422).await), ["context_id unknown"]);
        }
        for answer in [
            bob.get(&path).send().await.unwrap(),
            put(&bob, &path, &json!({ "content": "Mine" })).await,
        ] {
            assert_eq!(refused(answer, 404).await, "not_found");
        }
        assert_eq!(read(&ann, &path).await["rev"], 1);
        // Without a rev the last one wins.
        assert_eq!(tell(&ann, &id, &json!({ "content": "Last" })).await["rev"], 2);
        assert_eq!(ann.request(Method::DELETE, &format!("/api/conversations/{id}")).send().await.unwrap().status(), 204);
        assert_eq!(refused(ann.get(&path).send().await.unwrap(), 404).await, "not_found");
    }

    async fn a_reply_that_is_being_written_is_not_touched(engine: Engine) {
        let server = Server::start(engine, "words-40@40").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        tell(&ann, &id, &json!({ "content": "Before" })).await;
        let mut events = ann.follow(&id, None).await;
        ann.say(&id, "one").await;
        while server.upstream.requests().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        tell(&ann, &id, &json!({ "content": "After" })).await;
        let mut reply = Reply::default();
        events.read_to_final(&mut reply).await;
        assert_eq!(told(&server)[0].1, "Before");
        say(&ann, &id, "two").await;
        assert_eq!(told(&server)[0].1, "After");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_context_is_told_by_field() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    for (body, told) in [
        (json!({ "name": "", "content": "x" }), "name required"),
        (
            json!({ "name": "n".repeat(101), "content": "x" }),
            "name too_long",
        ),
        (json!({ "name": "n", "content": " " }), "content required"),
        (
            json!({ "name": "n", "content": "c".repeat(32_001) }),
            "content too_long",
        ),
        (
            json!({ "name": "n", "content": "x", "user_id": 1 }),
            "user_id unknown",
        ),
        (json!({ "name": "n", "content": 1 }), "content malformed"),
    ] {
        let refusal = ann.post(CONTEXTS).json(&body).send().await.unwrap();
        assert_eq!(fields(&problem(refusal, 422).await), [told]);
    }
    assert_eq!(read(&ann, CONTEXTS).await["items"], json!([]));
    let (id, elsewhere) = (ann.conversation().await, ann.conversation().await);
    say(&ann, &id, "one").await;
    say(&ann, &elsewhere, "two").await;
    let (own, foreign) = (ids(&ann, &id).await, ids(&ann, &elsewhere).await);
    let path = format!("/api/v1/conversations/{id}/context");
    for (body, told) in [
        (json!({ "content": "c".repeat(32_001) }), "content too_long"),
        (json!({ "content": "a\0" }), "content malformed"),
        (json!({ "excluded": [foreign[0]] }), "excluded unknown"),
        (
            json!({ "wordings": { foreign[0].clone(): "x" } }),
            "wordings unknown",
        ),
        (
            json!({ "wordings": { own[0].clone(): "" } }),
            "wordings required",
        ),
        (json!({ "text": "x" }), "text unknown"),
        (
            json!({ "content": "half", "excluded": [own[0], uuid::Uuid::now_v7()] }),
            "excluded unknown",
        ),
    ] {
        let refusal = put(&ann, &path, &body).await;
        assert_eq!(fields(&problem(refusal, 422).await), [told], "{body}");
    }
    let many: Vec<_> = (0..1_001).map(|_| uuid::Uuid::now_v7()).collect();
    let refusal = put(&ann, &path, &json!({ "excluded": many })).await;
    assert_eq!(fields(&problem(refusal, 422).await), ["excluded too_large"]);
    let broken = ann
        .request(Method::PUT, &path)
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(refused(broken, 400).await, "bad_request");
    let now = read(&ann, &path).await;
    assert_eq!(
        (&now["rev"], &now["content"]),
        (&json!(0), &json!("")),
        "nothing half-written"
    );
}

#[tokio::test]
async fn a_person_keeps_a_hundred_contexts_at_most() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    for number in 0..100 {
        make(&ann, json!({ "name": format!("{number}"), "content": "x" })).await;
    }
    let refusal = ann
        .post(CONTEXTS)
        .json(&json!({ "name": "n", "content": "x" }))
        .send()
        .await
        .unwrap();
    assert_eq!(refused(refusal, 409).await, "conflict");
}
