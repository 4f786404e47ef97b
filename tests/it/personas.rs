//! Personas that people and admins make: what they may say, who sees them, and what the model reads of them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::setup::admin,
    harness::{
        Browser, Engine, Server,
        events::Reply,
        on_both,
        problem::{fields, problem, refused},
    },
};

/// A persona with everything that one can have.
fn whole() -> Value {
    json!({
        "name": "Nell",
        "description": "Knows gardens",
        "system_prompt": "You are a gardener.",
        "avatar_url": "https://pictures.example/nell.png",
        "personality": { "tone": "dry", "traits": [1, { "deep": null }] },
        "preset_messages": [
            { "role": "user", "content": "What grows in shade?" },
            { "role": "assistant", "content": "Ferns." },
        ],
        "app_preset": {
            "greetings": ["Good morning from the garden"],
            "suggested_questions": ["When do I prune?"],
            "creation_date": "2025-01-02",
            "of a later version": { "kept": true },
        },
        "is_active": true,
        "sort_order": 9,
    })
}

async fn make(browser: &Browser, body: &Value) -> Value {
    let made = browser
        .post("/api/v1/roles")
        .json(body)
        .send()
        .await
        .unwrap();
    let status = made.status();
    let made: Value = made.json().await.unwrap();
    assert_eq!(status, 201, "{made}");
    made
}

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

fn names(roles: &Value) -> Vec<&str> {
    let roles = roles["roles"].as_array().unwrap().iter();
    roles.map(|role| role["name"].as_str().unwrap()).collect()
}

on_both! {
    async fn a_persona_is_made_changed_taken_along_and_deleted(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let made = make(&ann, &whole()).await;
        let id = made["id"].as_str().unwrap();
        assert_eq!((&made["slug"], &made["shared"]), (&json!(id), &json!(false)));

        assert_eq!(names(&read(&ann, "/api/roles").await).last(), Some(&"Nell"));
        assert!(!names(&read(&bob, "/api/roles").await).contains(&"Nell"), "only hers");

        let one = format!("/api/v1/roles/{id}");
        let file = ann.get(&format!("{one}/export")).send().await.unwrap();
        assert!(file.headers()["content-disposition"].to_str().unwrap().contains("persona.json"));
        let file: Value = file.json().await.unwrap();
        assert_eq!(file, whole(), "unknown members too");
        let copy = make(&bob, &file).await;
        assert_ne!(copy["id"], made["id"]);

        let mut other = whole();
        other["name"] = json!("Nora");
        other["is_active"] = json!(false);
        let changed = ann.request(Method::PUT, &one).json(&other).send().await.unwrap();
        assert_eq!(changed.status(), 200);
        assert!(!names(&read(&ann, "/api/roles").await).contains(&"Nora"), "inactive");
        assert_eq!(names(&read(&ann, "/api/roles?kept=true").await), ["Nora"]);
        assert_eq!(read(&ann, &one).await["name"], "Nora");

        for answer in [
            bob.get(&one).send().await.unwrap(),
            bob.request(Method::PUT, &one).json(&whole()).send().await.unwrap(),
            bob.request(Method::DELETE, &one).send().await.unwrap(),
        ] {
            assert_eq!(refused(answer, 404).await, "not_found");
        }
        assert_eq!(ann.request(Method::DELETE, &one).send().await.unwrap().status(), 204);
        assert_eq!(refused(ann.request(Method::DELETE, &one).send().await.unwrap(), 404).await, "not_found");
        assert!(names(&read(&ann, "/api/roles?kept=true").await).is_empty());
    }

    async fn the_model_reads_prompt_and_presets_and_nothing_of_what_people_see(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let made = make(&ann, &whole()).await;
        let body = json!({ "persona_id": made["id"] });
        let begun = ann.post("/api/v1/conversations").json(&body).send().await.unwrap();
        let begun: Value = begun.json().await.unwrap();
        let id = begun["id"].as_str().unwrap();
        let mut events = ann.follow(id, None).await;
        ann.say(id, "And in the sun?").await;
        events.read_to_final(&mut Reply::default()).await;

        let asked = server.upstream.requests().pop().unwrap().body;
        assert_eq!(asked["messages"], json!([
            { "role": "system", "content": "You are a gardener." },
            { "role": "user", "content": "What grows in shade?" },
            { "role": "assistant", "content": "Ferns." },
            { "role": "user", "content": "And in the sun?" },
        ]));
        let asked = asked.to_string();
        for unsent in ["Good morning", "prune", "Knows gardens", "dry", "creation_date"] {
            assert!(!asked.contains(unsent), "{unsent} was sent");
        }

        let path = format!("/api/v1/roles/{}", made["id"].as_str().unwrap());
        let mut off = whole();
        off["is_active"] = json!(false);
        let off = ann.request(Method::PUT, &path).json(&off).send().await.unwrap();
        assert_eq!(off.status(), 200);
        ann.say(id, "Switched off?").await;
        events.read_to_final(&mut Reply::default()).await;
        let asked = server.upstream.requests().pop().unwrap().body.to_string();
        assert!(asked.contains("gardener"), "who replies goes on: {asked}");
        assert_eq!(ann.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
        let page = ann.page(&format!("/chat/{id}")).await.source;
        assert!(page.contains("Nell"), "its name stays above what it said");
        ann.say(id, "Still there?").await;
        events.read_to_final(&mut Reply::default()).await;
        let asked = server.upstream.requests().pop().unwrap().body.to_string();
        assert!(!asked.contains("gardener"), "{asked}");
        let open = ann.open(id).await;
        let last = open["messages"].as_array().unwrap().last().unwrap();
        assert!(last["persona_id"].is_null(), "and nothing is put into its mouth: {last}");
    }

    async fn everybodys_personas_are_the_admins(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let mut body = whole();
        body["shared"] = json!(true);
        body["slug"] = json!("gardener");
        let refusal = ann.post("/api/v1/roles").json(&body).send().await.unwrap();
        assert_eq!(refused(refusal, 403).await, "forbidden");
        let made = make(&root, &body).await;
        assert_eq!(made["shared"], true);
        let one = format!("/api/v1/roles/{}", made["id"].as_str().unwrap());
        assert_eq!(read(&ann, &one).await["name"], "Nell");
        for answer in [
            ann.request(Method::PUT, &one).json(&whole()).send().await.unwrap(),
            ann.request(Method::DELETE, &one).send().await.unwrap(),
        ] {
            assert_eq!(refused(answer, 403).await, "forbidden");
        }
        let again = root.post("/api/v1/roles").json(&body).send().await.unwrap();
        assert_eq!(refused(again, 409).await, "conflict");
        // The same word for one's own is no conflict, and means that one.
        body["shared"] = json!(false);
        body["name"] = json!("Nelly");
        make(&ann, &body).await;
        assert_eq!(root.request(Method::DELETE, &one).send().await.unwrap().status(), 204);
        assert!(names(&read(&ann, "/api/roles").await).contains(&"Nelly"));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_persona_is_told_by_field() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let with = |field: &str, value: Value| {
        let mut body = whole();
        body[field] = value;
        body
    };
    for (body, field, code) in [
        (with("name", json!("")), "name", "required"),
        (with("name", json!("n".repeat(101))), "name", "too_long"),
        (
            with("system_prompt", json!(" ")),
            "system_prompt",
            "required",
        ),
        (
            with("avatar_url", json!("javascript:x")),
            "avatar_url",
            "malformed",
        ),
        (with("personality", json!([1])), "personality", "malformed"),
        (with("created_by", json!("me")), "created_by", "unknown"),
        (with("slug", json!("No Slug")), "slug", "malformed"),
        (
            with(
                "preset_messages",
                json!([{ "role": "robot", "content": "x" }]),
            ),
            "preset_messages[0].role",
            "malformed",
        ),
    ] {
        let refusal = ann.post("/api/v1/roles").json(&body).send().await.unwrap();
        let told = fields(&problem(refusal, 422).await);
        assert_eq!(told, [format!("{field} {code}")]);
    }
    assert!(names(&read(&ann, "/api/roles?kept=true").await).is_empty());
}
