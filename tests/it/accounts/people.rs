//! What admins do with other people's accounts.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{cut, program, setup::admin, sign_in};
use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    on_both, refused,
};

async fn id_of(browser: &Browser) -> String {
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

async fn change(root: &Browser, id: &str, body: &Value) -> reqwest::Response {
    let request = root.request(Method::PATCH, &format!("/api/admin/users/{id}"));
    request.json(body).send().await.unwrap()
}

on_both! {
    async fn another_group_reaches_open_streams_at_once(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let id = id_of(&ann).await;
        let conversation = ann.conversation().await;
        let stream = ann.follow(&conversation, None).await;
        let response = change(&root, &id, &json!({ "group": "pro" })).await;
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["group"], &body["is_active"]), (&json!("pro"), &json!(true)));
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401, "a new session for new rights");
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        let me: Value = ann.get("/api/user/me").send().await.unwrap().json().await.unwrap();
        assert_eq!(me["group"], "pro");

        for (body, status) in [(json!({ "group": "root" }), 422), (json!({}), 422), (json!({ "role": "x" }), 422)] {
            assert_eq!(change(&root, &id, &body).await.status(), status, "{body}");
        }
        let oneself = change(&root, &id_of(&root).await, &json!({ "group": "user" })).await;
        assert_eq!(refused(oneself, 409).await, "conflict");
        let nobody = change(&root, &uuid::Uuid::now_v7().to_string(), &json!({ "group": "pro" })).await;
        assert_eq!(nobody.status(), 404);
    }

    async fn who_is_shut_out_loses_everything_at_once_and_nothing_for_good(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let root = admin(&server).await;
        let ann = server.member("ann").await;
        let far = program(&server, "ann").await;
        let id = id_of(&ann).await;
        let conversation = ann.conversation().await;
        ann.say(&conversation, "hello").await;
        let stream = ann.follow(&conversation, None).await;
        let shut = change(&root, &id, &json!({ "is_active": false })).await;
        assert_eq!(shut.status(), 200);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401);
        assert_eq!((far.get("/api/session").await.status().as_u16(), far.renew(far.refresh()).await.status().as_u16()), (401, 401));
        let refusal = sign_in(&ann, &email("ann"), PASSWORD).await;
        assert_eq!(refused(refusal, 401).await, "invalid_credentials");

        assert_eq!(change(&root, &id, &json!({ "is_active": true })).await.status(), 200);
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        let opened = ann.open(&conversation).await;
        assert_eq!(opened["messages"][0]["content"], "hello");
    }

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
        let path = format!("/api/admin/users/{id}/sessions");
        let ended = root.request(Method::DELETE, &path).send().await.unwrap();
        let body: Value = ended.json().await.unwrap();
        assert_eq!(body["ended"], 1);
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401);

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
}
