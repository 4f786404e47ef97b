//! What admins do with other people's accounts.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    keys::{make, with},
    setup::admin,
    sign_in,
};
use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    header,
    intruder::{execute, number},
    on_both, problem, refused,
};

pub(crate) async fn id_of(browser: &Browser) -> String {
    let me: Value = browser
        .get("/api/user/me")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    me["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn change(root: &Browser, id: &str, body: &Value) -> reqwest::Response {
    let request = root.request(Method::PATCH, &format!("/api/admin/users/{id}"));
    request.json(body).send().await.unwrap()
}

on_both! {
    async fn an_admin_sees_all_accounts_and_signs_people_out(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        server.member("bob").await;
        let page = async |query: &str| -> Value {
            root.get(&format!("/api/admin/users{query}")).send().await.unwrap().json().await.unwrap()
        };
        let first = page("?limit=2").await;
        let names = |page: &Value| -> Vec<String> {
            let items = page["items"].as_array().unwrap();
            items.iter().map(|one| one["username"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&first), ["root", "ann"]);
        let rest = page(&format!("?limit=2&after={}", first["next"].as_str().unwrap())).await;
        assert_eq!((names(&rest), &rest["next"]), (vec!["bob".to_owned()], &Value::Null));
        assert!(!first.to_string().contains("argon2"));

        let id = id_of(&ann).await;
        let (_, secret) = make(&ann, "k").await;
        let path = format!("/api/admin/users/{id}/sessions");
        let ended = root.request(Method::DELETE, &path).send().await.unwrap();
        let body: Value = ended.json().await.unwrap();
        assert_eq!(body["ended"], 2, "the device and the key");
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401);
        let by_key = with(&server, "X-API-Key", &secret, Method::GET, "/api/session").await;
        assert_eq!(refused(by_key, 401).await, "unauthenticated");

        sign_in(&ann, &email("ann"), PASSWORD).await;
        for (method, path) in [
            (Method::GET, "/api/admin/users".to_owned()),
            (Method::PATCH, format!("/api/admin/users/{id}")),
            (Method::DELETE, path),
        ] {
            let request = ann.request(method.clone(), &path).json(&json!({ "group": "admin" }));
            let refusal = refused(request.send().await.unwrap(), 403).await;
            assert_eq!(refusal, "forbidden", "{method} {path}");
        }
    }

    async fn an_admin_says_what_a_group_may_use(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let set = async |browser: &Browser, group: &str, body: &Value| {
            let request = browser.request(Method::PUT, &format!("/api/admin/groups/{group}"));
            request.json(body).send().await.unwrap()
        };
        let body = json!({ "model_configs": 3, "own_endpoints": false, "requests_per_minute": 5, "tokens_per_day": 99 });
        assert_eq!(refused(set(&ann, "user", &body).await, 403).await, "forbidden");
        assert_eq!(set(&root, "gods", &body).await.status(), 404);
        for bad in [
            json!({ "own_endpoints": true, "requests_per_minute": 0 }),
            json!({ "own_endpoints": true, "model_configs": -1 }),
            json!({ "own_endpoints": true, "model_configs": 4_000_000_000_u64 }),
            json!({ "own_endpoints": true, "tokens_per_day": u64::MAX }),
            json!({}),
        ] {
            assert!(matches!(set(&root, "user", &bad).await.status().as_u16(), 413 | 422), "{bad}");
        }
        assert_eq!(set(&root, "user", &body).await.status(), 200);
        let groups: Value = root.get("/api/admin/groups").send().await.unwrap().json().await.unwrap();
        let items = groups["items"].as_array().unwrap();
        assert_eq!(items.len(), 3);
        assert_eq!((&items[0]["group"], &items[0]["requests_per_minute"]), (&json!("user"), &json!(5)));
        assert_eq!((&items[0]["tokens_per_day"], &items[1]["tokens_per_day"]), (&json!(99), &Value::Null));
        // It counts within seconds.
        let mut limited = false;
        for _ in 0..200 {
            limited |= ann.get("/api/session").send().await.unwrap().status() == 429;
            if limited {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(limited, "five in a minute");
    }

    async fn who_has_used_up_the_tokens_of_a_day_waits(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let allow = async |tokens: Value| {
            let body = json!({ "own_endpoints": true, "tokens_per_day": tokens });
            let request = root.request(Method::PUT, "/api/admin/groups/user").json(&body);
            assert_eq!(request.send().await.unwrap().status(), 200);
        };
        allow(json!(1_000)).await;
        let conversation = ann.conversation().await;
        assert_eq!(ann.send(&conversation, "hello", "one").await.status(), 202);
        while ann.open(&conversation).await["messages"].as_array().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let reply = ann.open(&conversation).await["messages"][1]["id"].as_str().unwrap().to_owned();
        let spend = "update messages set prompt_tokens = 900, completion_tokens = 100 where role = 'assistant'";
        assert_eq!(execute(&server, spend).await.unwrap(), 1);

        let refusal = ann.send(&conversation, "more", "two").await;
        let wait: u64 = header(&refusal, "retry-after").parse().unwrap();
        assert!((86_000..=86_400).contains(&wait), "{wait}");
        let refusal = problem(refusal, 429).await;
        assert_eq!((&refusal["code"], &refusal["retryable"]), (&json!("token_limit"), &json!(true)));
        let again = ann.post(&format!("/api/messages/{reply}/regenerate")).json(&json!({}));
        assert_eq!(refused(again.send().await.unwrap(), 429).await, "token_limit");
        let repeated = ann.send(&conversation, "hello", "one").await;
        assert!(repeated.status().is_success(), "what was taken in is answered: {}", repeated.status());
        let theirs = bob.conversation().await;
        assert_eq!(bob.send(&theirs, "hello", "one").await.status(), 202, "each has their own");

        allow(json!(1_001)).await;
        assert_eq!(ann.send(&conversation, "more", "two").await.status(), 202);
    }

    async fn refusals_of_rights_and_numbers_are_in_the_log_once_a_minute(engine: Engine) {
        let settings = [("PARLANCE_RATE_USER_READS", "30"), ("PARLANCE_TRIES_ACCOUNT", "5")];
        let server = Server::start_with(engine, "echo", &settings).await;
        let ann = server.member("ann").await;
        let id = id_of(&ann).await;
        for _ in 0..3 {
            assert_eq!(change(&ann, &id, &json!({ "group": "admin" })).await.status(), 403);
        }
        let count = async |kind: &str| {
            number(&server, &format!("select count(*) from audit_events where kind = '{kind}'")).await
        };
        assert_eq!(count("denied").await, 1);
        for _ in 0..3 {
            let request = server.visitor().get("/api/session").header("X-API-Key", format!("plk_{}", "A".repeat(43)));
            assert_eq!(request.send().await.unwrap().status(), 401);
        }
        assert_eq!(count("api_key_refused").await, 1);
        let mut limited = 0;
        for _ in 0..60 {
            limited += u32::from(ann.get("/api/session").send().await.unwrap().status() == 429);
        }
        assert!(limited > 1, "{limited}");
        for _ in 0..250 {
            if count("rate_limited").await > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(count("rate_limited").await, 1);

        // A password that was tried too often, from an address and for nobody in particular.
        let visitor = server.visitor();
        let mut waits = 0;
        for _ in 0..10 {
            waits += u32::from(sign_in(&visitor, &email("nobody"), "wrong-horse-1").await.status() == 429);
        }
        assert!(waits > 1, "{waits}");
        assert_eq!(count("rate_limited").await, 2);
        assert_eq!(ann.post("/api/account/verification").send().await.unwrap().status(), 204);
        assert_eq!(count("verification_asked").await, 1);
    }
}
