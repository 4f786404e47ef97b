//! The first admin.

use serde_json::{Value, json};

use super::{account, post, register};
use crate::harness::{Engine, Server, refused};

/// The token that the server said last.
pub(crate) async fn said(server: &Server, times: usize) -> String {
    loop {
        let text = server.said();
        let found: Vec<&str> = text.split("/setup?token=").skip(1).collect();
        if found.len() >= times
            && let Some(token) = found.last().and_then(|rest| rest.split_whitespace().next())
        {
            return token.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

pub(crate) async fn is_open(server: &Server) -> bool {
    let response = server.visitor().get("/api/setup").send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    body["is_open"].as_bool().unwrap()
}

#[tokio::test]
async fn nobody_becomes_admin_by_asking() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    for extra in ["group", "role", "is_admin", "email_verified", "id"] {
        let mut body = account("ann");
        body[extra] = json!("admin");
        let refusal = register(&visitor, &body).await;
        assert_eq!(refusal.status(), 422, "{extra}");
    }
    let ann = server.member("ann").await;
    let name = json!({ "username": "ann", "group": "admin" });
    assert_eq!(
        post(&ann, "/api/user/me/username", &name).await.status(),
        422
    );
    let refusal = ann.get("/api/admin/users").send().await.unwrap();
    assert_eq!(refused(refusal, 403).await, "forbidden");
}

/// Makes the first admin of a fresh server.
pub(crate) async fn admin(server: &Server) -> crate::harness::Browser {
    let token = said(server, 1).await;
    let mut body = account("root");
    body["token"] = token.into();
    let root = server.visitor();
    assert_eq!(post(&root, "/api/setup", &body).await.status(), 201);
    root
}
