//! 13: API keys, through either header.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    accounts::keys::{make, with},
    harness::{Engine, Server, browser::PASSWORD, on_both, refused},
};

on_both! {
    async fn row_13_a_key_has_no_say_over_the_account_in_either_header(engine: Engine) {
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

    async fn row_13_a_key_is_judged_the_same_wherever_it_stands(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (_, secret) = make(&ann, "k").await;
        let id = ann.conversation().await;
        let foreign = server.member("bob").await.conversation().await;
        for (method, path) in [
            (Method::GET, "/api/session".to_owned()),
            (Method::GET, "/api/conversations".to_owned()),
            (Method::GET, format!("/api/conversations/{id}")),
            (Method::GET, format!("/api/conversations/{foreign}")),
            (Method::GET, "/api/account/keys".to_owned()),
            (Method::GET, "/api/account/export".to_owned()),
            (Method::GET, "/api/admin/audit".to_owned()),
            (Method::POST, "/api/ws/ticket".to_owned()),
            (Method::GET, "/api/nothing".to_owned()),
        ] {
            let mut told = Vec::new();
            for header in ["Authorization", "X-API-Key"] {
                let answer = with(&server, header, &secret, method.clone(), &path).await;
                let status = answer.status().as_u16();
                let body: Value = answer.json().await.unwrap_or_default();
                told.push((status, body["code"].clone()));
            }
            assert_eq!(told[0], told[1], "{method} {path}");
            assert_ne!(told[0].0, 401, "{method} {path}");
        }
        // It is a key and nothing else: no cookie, no access token's cookie, no address.
        for (name, value) in [
            ("Cookie", format!("parlance={secret}")),
            ("Cookie", format!("__Host-parlance={secret}")),
            ("Cookie", format!("refresh_token={secret}")),
            ("X-Refresh-Token", secret.clone()),
            ("Authorization", format!("Basic {secret}")),
        ] {
            let request = server.visitor().get("/api/session").header(name, value);
            assert_eq!(refused(request.send().await.unwrap(), 401).await, "unauthenticated", "{name}");
        }
        let request = server.visitor().get(&format!("/api/session?api_key={secret}&key={secret}"));
        assert_eq!(refused(request.send().await.unwrap(), 401).await, "unauthenticated");
    }
}
