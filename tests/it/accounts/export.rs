//! Taking everything along: all of it, or visibly not.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::keys::{make, with};
use crate::harness::{
    Browser, Engine, Server,
    events::Reply,
    header,
    intruder::{execute, number},
    on_both, problem, refused,
};

const DOOR: &str = "/api/account/export";

async fn said(browser: &Browser, text: &str) -> String {
    let id = browser.conversation().await;
    let mut events = browser.follow(&id, None).await;
    browser.say(&id, text).await;
    events.read_to_final(&mut Reply::default()).await;
    id
}

/// So many more messages like the first one of the account's oldest conversation, as if they had been said there.
async fn multiply(server: &Server, engine: Engine, times: u32) {
    let id = match engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let statement = format!(
        "with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i < {times}), \
         first as (select * from messages where role = 'user' order by created_at limit 1) \
         insert into messages (id, conversation_id, parent_id, user_id, role, content, status, rev, created_at) \
         select {id}, conversation_id, id, user_id, role, content || ' ' || i, status, rev + 1000 + i, created_at \
         from first cross join numbers"
    );
    assert_eq!(execute(server, &statement).await.unwrap(), u64::from(times));
}

async fn export(browser: &Browser) -> Response {
    browser.get(DOOR).send().await.unwrap()
}

fn one<'a>(document: &'a Value, id: &str) -> &'a Value {
    let conversations = document["conversations"].as_array().unwrap();
    let mut found = conversations.iter().filter(|one| one["id"] == id);
    let one = found.next().expect("the conversation");
    assert!(found.next().is_none(), "it is there twice");
    one
}

on_both! {
    async fn everything_is_taken_along_however_much_it_is(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let long = said(&ann, "a \"first\" word\n的").await;
        multiply(&server, engine, 3_000).await;
        let (kept, binned) = (said(&ann, "kept").await, said(&ann, "binned").await);
        let empty = ann.conversation().await;
        let also_binned = said(&ann, "binned, too").await;
        for id in [&binned, &also_binned] {
            let path = format!("/api/conversations/{id}");
            assert_eq!(ann.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
        }
        // More conversations than are read at once.
        for _ in 0..120 {
            ann.conversation().await;
        }
        said(&server.member("bob").await, "a word of Bob's").await;

        let persona = json!({ "name": "Nell", "system_prompt": "Be kind." });
        let made = ann.post("/api/roles").json(&persona).send().await.unwrap();
        assert_eq!(made.status(), 201);

        let context = json!({ "name": "Work", "content": "I am a nurse." });
        let made = ann.post("/api/contexts").json(&context).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let model = json!({ "name": "Mine", "model": "gpt", "api_key": "sk-canary-0123456789", "price_in": 2.5 });
        let made = ann.post("/api/models").json(&model).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let told = json!({ "content": "Only of this one." });
        let path = format!("/api/conversations/{empty}/context");
        let told = ann.request(Method::PUT, &path).json(&told).send().await.unwrap();
        assert_eq!(told.status(), 200);

        let response = export(&ann).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "content-type"), "application/json");
        assert_eq!(header(&response, "content-disposition"), "attachment; filename=\"parlance-export.json\"");
        let text = response.text().await.unwrap();
        assert!(!text.contains("Bob") && !text.contains("canary"));
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&document["version"], &document["account"]["username"]), (&1.into(), &"ann".into()));
        assert!(document["exported_at"].is_string() && document.get("preferences").is_some());
        assert_eq!(document["personas"].as_array().unwrap().len(), 1);
        assert_eq!(document["personas"][0]["system_prompt"], "Be kind.");
        assert_eq!(document["contexts"][0]["content"], "I am a nurse.");
        let models = document["models"].as_array().unwrap();
        assert_eq!(models.len(), 1, "her own");
        assert_eq!((&models[0]["name"], &models[0]["price_in"]), (&"Mine".into(), &2.5.into()));
        assert_eq!((&models[0]["key_hint"], models[0].get("api_key")), (&"6789".into(), None));
        assert_eq!(document["conversations"].as_array().unwrap().len(), 125);
        assert_eq!(one(&document, &empty)["context"]["content"], "Only of this one.");

        let messages = one(&document, &long)["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 3_002);
        assert_eq!(messages[0]["content"], "a \"first\" word\n的");
        assert_eq!(messages[1]["role"], "assistant");
        for (number, message) in messages[2..].iter().enumerate() {
            assert_eq!(message["content"], format!("a \"first\" word\n的 {}", number + 1));
        }
        let others = [(&kept, 2, false), (&empty, 0, false), (&binned, 2, true), (&also_binned, 2, true)];
        for (id, count, is_binned) in others {
            let one = one(&document, id);
            assert_eq!(one["messages"].as_array().unwrap().len(), count);
            assert_eq!(one["deleted_at"].is_string(), is_binned, "{one}");
            assert_eq!(one["status"] == "deleted", is_binned);
        }
        let noted = "select count(*) from audit_events where kind = 'exported' \
                     and actor is not null and address is not null";
        assert_eq!(number(&server, noted).await, 1);
    }

    async fn one_at_a_time_and_the_next_when_its_reader_has_left(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        said(&ann, &"many words ".repeat(1_000)).await;
        // Far more than lies between a server and a client that does not read.
        multiply(&server, engine, 3_000).await;
        let held = export(&ann).await;
        assert_eq!(held.status(), 200);
        for _ in 0..2 {
            let refusal = problem(export(&ann).await, 429).await;
            assert_eq!(refusal["code"], "rate_limited");
            assert!(refusal["retry_after_ms"].as_u64().unwrap() > 0 && refusal["detail"].is_string());
        }
        assert_eq!(export(&bob).await.status(), 200, "others may");
        drop(held);
        let mut status = 0;
        for _ in 0..250 {
            status = export(&ann).await.status().as_u16();
            if status == 200 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(status, 200);
    }

    /// A document that lacks what could not be read must not look like one that is whole.
    async fn what_cannot_be_read_breaks_the_document_off(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        said(&ann, &"many words ".repeat(100)).await;
        multiply(&server, engine, 500).await;
        let spoil = "update messages set error = '{}' where rev = (select max(rev) from messages)";
        assert_eq!(execute(&server, spoil).await.unwrap(), 1);
        let response = export(&ann).await;
        assert_eq!(response.status(), 200, "until there all was well");
        let whole = response.text().await;
        assert!(whole.is_err(), "{}", whole.unwrap().len());
        assert!(server.log().contains("an export broke off"));
    }

    async fn who_is_signed_out_meanwhile_gets_no_more(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        said(&ann, &"many words ".repeat(1_000)).await;
        multiply(&server, engine, 3_000).await;
        let response = export(&ann).await;
        assert_eq!(response.status(), 200);
        let out = ann.post("/api/auth/logout").send().await.unwrap();
        assert!(out.status().is_success());
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(response.bytes().await.is_err());
    }

    async fn a_key_takes_nothing_along(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (_, secret) = make(&ann, "a program").await;
        let answer = with(&server, "Authorization", &secret, Method::GET, DOOR).await;
        assert_eq!(refused(answer, 403).await, "forbidden");
        assert_eq!(number(&server, "select count(*) from audit_events where kind = 'exported'").await, 0);
        assert_eq!(number(&server, "select count(*) from audit_events where kind = 'denied'").await, 1);
        assert_eq!(refused(export(&server.visitor()).await, 401).await, "unauthenticated");
    }
}
