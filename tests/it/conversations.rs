//! Conversations through the API: making, listing, reading, deleting.

mod bin;
mod history;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{
    Browser, Engine, Server, events::Reply, fields, header, on_both, problem, refused,
};

async fn create(browser: &Browser, body: &Value) -> Response {
    browser
        .post("/api/conversations")
        .json(body)
        .send()
        .await
        .unwrap()
}

async fn read(browser: &Browser, path: &str) -> Value {
    let response = browser.get(path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

async fn delete(browser: &Browser, id: &str) -> Response {
    browser
        .request(Method::DELETE, &format!("/api/conversations/{id}"))
        .send()
        .await
        .unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Sends a message and waits for the reply's end.
async fn turn(browser: &Browser, id: &str, text: &str) {
    let mut events = browser.follow(id, None).await;
    let accepted = browser.say(id, text).await;
    loop {
        let last = events.read_to_final(&mut Reply::default()).await;
        if last["message"]["id"] == accepted["reply_message_id"] {
            return;
        }
    }
}

on_both! {
    async fn a_conversation_is_made_read_listed_and_deleted(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let roles = read(&ann, "/api/roles").await;
        let expert = roles["roles"].as_array().unwrap().iter().find(|role| role["slug"] == "tech_expert").unwrap();

        let response = create(&ann, &json!({ "title": "  茶 & tea ", "persona_id": "tech_expert" })).await;
        assert_eq!(response.status(), 201);
        let location = header(&response, "location").to_owned();
        let made: Value = response.json().await.unwrap();
        let id = made["id"].as_str().unwrap();
        assert_eq!(made["title"], "茶 & tea");
        assert_eq!(made["persona_id"], expert["id"], "a short name is as good as the id");
        assert_eq!(made["status"], "active");
        assert!(made["rev"].is_u64());
        for moment in ["created_at", "updated_at"] {
            assert!(made[moment].as_str().unwrap().ends_with('Z'), "{made}");
        }

        assert_eq!(location, format!("/api/v1/conversations/{id}"));
        let open = read(&ann, &location).await;
        for (name, value) in made.as_object().unwrap() {
            assert_eq!(&open[name], value, "{name}");
        }
        assert_eq!((&open["messages"], &open["deleted"], &open["active"]), (&json!([]), &json!([]), &json!(null)));
        assert!(open["cursor"].is_string());
        assert_eq!(read(&ann, "/api/conversations").await, json!({ "items": [made], "next_cursor": null }));

        let accepted = ann.say(id, "soon gone").await;
        assert_eq!(delete(&ann, id).await.status(), 204);
        let path = format!("/api/conversations/{id}");
        for path in [path.clone(), format!("{path}/stream")] {
            assert_eq!(refused(ann.get(&path).send().await.unwrap(), 404).await, "not_found", "{path}");
        }
        assert_eq!(refused(delete(&ann, id).await, 404).await, "not_found");
        assert_eq!(refused(ann.send(id, "hello?", "late").await, 404).await, "not_found");
        let stop = format!("/api/generations/{}/stop", accepted["generation_id"].as_str().unwrap());
        let stopped = ann.post(&stop).send().await.unwrap().status().as_u16();
        assert!(matches!(stopped, 200 | 404), "{stopped}");
        assert_eq!(read(&ann, "/api/conversations").await, json!({ "items": [], "next_cursor": null }));
    }

    async fn a_list_is_paged_without_gap_or_repeat_while_new_ones_appear(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let mut expected = Vec::new();
        for _ in 0..7 {
            expected.insert(0, ann.conversation().await);
        }
        let mut page = read(&ann, "/api/conversations?limit=3").await;
        let mut seen = ids(&page);
        assert_eq!(seen.len(), 3);
        while let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) {
            ann.conversation().await;
            page = read(&ann, &format!("/api/conversations?limit=3&cursor={cursor}")).await;
            seen.extend(ids(&page));
        }
        assert_eq!(seen, expected);
        assert_eq!(ids(&read(&ann, "/api/conversations").await).len(), 9);
    }

    async fn what_was_used_last_stands_first_and_is_named_by_its_first_message(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (older, newer) = (ann.conversation().await, ann.conversation().await);
        assert_eq!(ids(&read(&ann, "/api/conversations").await), [newer.clone(), older.clone()]);
        let question = format!("Why\n  is {}?", "the sky blue ".repeat(9));
        turn(&ann, &older, &question).await;
        let page = read(&ann, "/api/conversations").await;
        assert_eq!(ids(&page), [older, newer]);
        assert_eq!(page["items"][0]["title"], "Why is the sky blue the sky blue the sky");
        assert_eq!(page["items"][1]["title"], "");
    }

    async fn since_rev_brings_only_what_came_later(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        turn(&ann, &id, "one").await;
        let rev = ann.open(&id).await["rev"].as_u64().unwrap();
        turn(&ann, &id, "two").await;
        let since = async |rev: &str| {
            let open = read(&ann, &format!("/api/conversations/{id}?since_rev={rev}")).await;
            let messages = open["messages"].as_array().unwrap().clone();
            messages.iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(since(&rev.to_string()).await, ["two", "two"]);
        assert_eq!(since("0").await, ["one", "one", "two", "two"]);
        assert!(since("1000000").await.is_empty());
        assert!(since(&u64::MAX.to_string()).await.is_empty());
    }

    async fn the_client_may_choose_the_id(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let id = uuid::Uuid::now_v7().to_string();
        let made: Value = create(&ann, &json!({ "id": id, "title": "mine" })).await.json().await.unwrap();
        assert_eq!(made["id"], id);
        // A repeated request changes nothing.
        let again = create(&ann, &json!({ "id": id, "title": "other" })).await;
        assert_eq!(again.status(), 201);
        assert_eq!(again.json::<Value>().await.unwrap(), made);
        assert_eq!(ids(&read(&ann, "/api/conversations").await), [id.as_str()]);

        let theft = create(&bob, &json!({ "id": id })).await;
        assert_eq!(refused(theft, 404).await, "not_found");
        assert_eq!(ids(&read(&bob, "/api/conversations").await), Vec::<String>::new());
        assert_eq!(ann.open(&id).await["title"], "mine");
    }

    async fn many_at_once_with_one_id_make_one_conversation(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let body = json!({ "id": uuid::Uuid::now_v7(), "title": "once" });
        let responses = futures::future::join_all((0..8).map(|_| create(&ann, &body))).await;
        let statuses: Vec<u16> = responses.iter().map(|one| one.status().as_u16()).collect();
        assert_eq!(statuses, [201; 8]);
        assert_eq!(ids(&read(&ann, "/api/conversations").await).len(), 1);
    }

    async fn titles_and_personas_are_checked(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let unknown = uuid::Uuid::now_v7().to_string();
        for (body, expected) in [
            (json!({ "persona_id": "nobody" }), "persona_id unknown"),
            (json!({ "persona_id": unknown }), "persona_id unknown"),
            (json!({ "persona_id": "a\u{0}b" }), "persona_id unknown"),
            (json!({ "title": "汉".repeat(201) }), "title too_long"),
            (json!({ "title": "a\u{0}b" }), "title malformed"),
        ] {
            let problem = problem(create(&ann, &body).await, 422).await;
            assert_eq!(fields(&problem), [expected], "{body}");
        }
        let longest = "汉".repeat(200);
        let made: Value = create(&ann, &json!({ "title": longest })).await.json().await.unwrap();
        assert_eq!(made["title"], longest);
        assert_eq!(ids(&read(&ann, "/api/conversations").await).len(), 1);
    }

    async fn the_four_personas_stand_in_their_order(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let roles = read(&ann, "/api/v1/roles").await;
        assert_eq!(roles["success"], true);
        let roles = roles["roles"].as_array().unwrap();
        let slugs: Vec<_> = roles.iter().map(|role| role["slug"].as_str().unwrap()).collect();
        assert_eq!(slugs, ["assistant", "creative_writer", "tech_expert", "casual_chat"]);
        let places: Vec<_> = roles.iter().map(|role| role["sort_order"].as_i64().unwrap()).collect();
        assert_eq!(places, [1, 2, 3, 4]);
        for role in roles {
            for name in ["id", "name", "description", "system_prompt"] {
                assert!(role[name].as_str().is_some_and(|text| !text.is_empty()), "{name} of {role}");
            }
        }
    }
}

#[tokio::test]
async fn both_prefixes_lead_to_the_same_with_and_without_a_slash() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let mut made = Vec::new();
    for path in [
        "/api/conversations/",
        "/api/v1/conversations",
        "/api/v1/conversations/",
    ] {
        // No body at all is an empty one.
        let response = ann.post(path).send().await.unwrap();
        assert_eq!(response.status(), 201, "{path}");
        made.insert(
            0,
            response.json::<Value>().await.unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    for path in [
        "/api/conversations/",
        "/api/v1/conversations",
        "/api/v1/conversations/?limit=50",
    ] {
        assert_eq!(ids(&read(&ann, path).await), made, "{path}");
    }
    for path in [
        format!("/api/conversations/{}/", made[0]),
        format!("/api/v1/conversations/{}", made[0]),
    ] {
        assert_eq!(read(&ann, &path).await["id"], made[0], "{path}");
    }
}

#[tokio::test]
async fn a_page_holds_what_was_asked_for_within_bounds() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    for _ in 0..52 {
        ann.conversation().await;
    }
    for (query, count, more) in [
        ("", 50, true),
        ("?limit=", 50, true),
        ("?limit=1", 1, true),
        ("?limit=100", 52, false),
        ("?limit=52", 52, false),
    ] {
        let page = read(&ann, &format!("/api/conversations{query}")).await;
        assert_eq!(
            (ids(&page).len(), page["next_cursor"].is_string()),
            (count, more),
            "{query}"
        );
    }
    for limit in ["0", "101", "-1", "1.5", "ten", "4294967296"] {
        let response = ann
            .get(&format!("/api/conversations?limit={limit}"))
            .send()
            .await
            .unwrap();
        assert_eq!(
            fields(&problem(response, 422).await),
            ["limit malformed"],
            "{limit}"
        );
    }
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_see_or_make() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    let visitor = server.visitor();
    assert_eq!(
        refused(create(&visitor, &json!({})).await, 401).await,
        "unauthenticated"
    );
    assert_eq!(
        refused(delete(&visitor, &id).await, 401).await,
        "unauthenticated"
    );
    assert_eq!(
        refused(visitor.send(&id, "hello", "x").await, 401).await,
        "unauthenticated"
    );
    for path in [
        "/api/conversations".to_owned(),
        format!("/api/conversations/{id}"),
        "/api/roles".to_owned(),
    ] {
        assert_eq!(
            refused(visitor.get(&path).send().await.unwrap(), 401).await,
            "unauthenticated",
            "{path}"
        );
    }
}
