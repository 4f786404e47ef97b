//! API keys: the person's rights, but those over the account.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{cut, post};
use crate::harness::{
    Browser, Engine, Events, Server, browser::PASSWORD, fields, on_both, problem, refused,
};

pub(crate) async fn make(browser: &Browser, name: &str) -> (String, String) {
    let body = json!({ "name": name, "current_password": PASSWORD });
    let response = post(browser, "/api/account/keys", &body).await;
    assert_eq!(response.status(), 201);
    let body: Value = response.json().await.unwrap();
    let secret = body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("plk_") && secret.ends_with(body["key"]["last4"].as_str().unwrap()));
    (body["key"]["id"].as_str().unwrap().to_owned(), secret)
}

pub(crate) async fn with(
    server: &Server,
    header: &str,
    secret: &str,
    method: Method,
    path: &str,
) -> Response {
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
        // Neither verb ends what the other one is for.
        let device = devices["items"][0]["id"].as_str().unwrap();
        for path in [format!("/api/account/devices/{id}"), format!("/api/account/keys/{device}")] {
            let other = ann.request(Method::DELETE, &path).send().await.unwrap();
            assert_eq!(refused(other, 404).await, "not_found", "{path}");
        }
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
