//! API keys: the person's rights, but those over the account.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{cut, post};
use crate::harness::{
    Browser, Engine, Events, Server, browser::PASSWORD, fields, on_both, problem, refused,
};

async fn make(browser: &Browser, name: &str) -> (String, String) {
    let body = json!({ "name": name, "current_password": PASSWORD });
    let response = post(browser, "/api/account/keys", &body).await;
    assert_eq!(response.status(), 201);
    let body: Value = response.json().await.unwrap();
    let secret = body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("plk_") && secret.ends_with(body["key"]["last4"].as_str().unwrap()));
    (body["key"]["id"].as_str().unwrap().to_owned(), secret)
}

async fn with(server: &Server, header: &str, secret: &str, method: Method, path: &str) -> Response {
    let value = match header {
        "Authorization" => format!("Bearer {secret}"),
        _ => secret.to_owned(),
    };
    let request = reqwest::Client::new().request(method, format!("{}{path}", server.base));
    request
        .header(header, value)
        .json(&json!({}))
        .send()
        .await
        .unwrap()
}

on_both! {
    async fn a_key_acts_for_its_person_through_either_header(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (id, secret) = make(&ann, "my script").await;
        for header in ["Authorization", "X-API-Key"] {
            let session = with(&server, header, &secret, Method::GET, "/api/session").await;
            let body: Value = session.json().await.unwrap();
            assert_eq!(body["user"]["username"], "ann", "{header}");
            let made = with(&server, header, &secret, Method::POST, "/api/conversations").await;
            assert_eq!(made.status(), 201, "{header}");
        }
        let listed: Value = ann.get("/api/account/keys").send().await.unwrap().json().await.unwrap();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!(listed["items"][0]["name"], "my script");
        assert!(!listed.to_string().contains(&secret));
        let devices: Value = ann.get("/api/account/devices").send().await.unwrap().json().await.unwrap();
        assert_eq!(devices["items"].as_array().unwrap().len(), 1, "a key is no device");

        let stream = with(&server, "X-API-Key", &secret, Method::GET, "/api/stream").await;
        assert_eq!(stream.status(), 200);
        let bob = server.member("bob").await;
        let path = format!("/api/account/keys/{id}");
        let foreign = bob.request(Method::DELETE, &path).send().await.unwrap();
        assert_eq!(refused(foreign, 404).await, "not_found");
        let own = ann.request(Method::DELETE, &path).send().await.unwrap();
        assert_eq!(own.status(), 204);
        let took = cut(Events::of(stream)).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        for header in ["Authorization", "X-API-Key"] {
            let gone = with(&server, header, &secret, Method::GET, "/api/session").await;
            assert_eq!(refused(gone, 401).await, "unauthenticated", "{header}");
        }
    }

    async fn a_key_has_no_say_over_the_account(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (id, secret) = make(&ann, "k").await;
        let client = reqwest::Client::new();
        for header in ["Authorization", "X-API-Key"] {
            for (method, path, body) in [
                (Method::POST, "/api/user/me/username", json!({ "username": "other" })),
                (Method::POST, "/api/user/me/email", json!({ "email": "o@x.yz", "current_password": PASSWORD })),
                (Method::POST, "/api/user/me/password", json!({ "password": "other-horse-3", "current_password": PASSWORD })),
                (Method::GET, "/api/account/devices", json!({})),
                (Method::DELETE, "/api/account/devices", json!({})),
                (Method::DELETE, &format!("/api/account/devices/{id}"), json!({})),
                (Method::GET, "/api/account/keys", json!({})),
                (Method::POST, "/api/account/keys", json!({ "name": "n", "current_password": PASSWORD })),
                (Method::DELETE, &format!("/api/account/keys/{id}"), json!({})),
                (Method::POST, "/api/account/factor", json!({ "current_password": PASSWORD })),
                (Method::POST, "/api/account/factor/confirm", json!({ "code": "000000" })),
                (Method::POST, "/api/account/factor/codes", json!({ "code": "000000" })),
                (Method::POST, "/api/account/factor/disable", json!({ "code": "000000", "current_password": PASSWORD })),
                (Method::POST, "/api/auth/logout", json!({})),
                (Method::POST, "/api/auth/logout/everywhere", json!({})),
                (Method::GET, "/api/admin/users", json!({})),
                (Method::DELETE, "/api/account", json!({ "current_password": PASSWORD })),
            ] {
                let value = if header == "Authorization" { format!("Bearer {secret}") } else { secret.clone() };
                let request = client.request(method.clone(), format!("{}{path}", server.base));
                let response = request.header(header, value).json(&body).send().await.unwrap();
                assert_eq!(refused(response, 403).await, "forbidden", "{method} {path} by {header}");
            }
        }
        assert_eq!(with(&server, "X-API-Key", &secret, Method::GET, "/api/session").await.status(), 200);
    }

    async fn a_key_ends_when_it_was_said_to(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for (body, expected) in [
            (json!({ "name": " " }), "name required"),
            (json!({ "name": "x".repeat(101) }), "name too_long"),
            (json!({ "name": "a\u{7}" }), "name malformed"),
            (json!({ "name": "k", "expires_at": "2001-01-01T00:00:00Z" }), "expires_at malformed"),
        ] {
            let mut body = body;
            body["current_password"] = PASSWORD.into();
            let refusal = problem(post(&ann, "/api/account/keys", &body).await, 422).await;
            assert_eq!(fields(&refusal), [expected]);
        }
        let body = json!({ "name": "k", "expires_at": "2099-01-01T00:00:00Z", "current_password": PASSWORD });
        let made: Value = post(&ann, "/api/account/keys", &body).await.json().await.unwrap();
        assert_eq!(made["key"]["expires_at"], "2099-01-01T00:00:00Z");
        assert_eq!(made["key"]["last_used_at"], Value::Null);
    }
}
