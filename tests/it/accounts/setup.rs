//! The first admin.

use serde_json::{Value, json};

use super::{account, post, register};
use crate::harness::{Engine, Server, fields, on_both, problem, refused};

/// The token that the server said last.
async fn said(server: &Server, times: usize) -> String {
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

async fn is_open(server: &Server) -> bool {
    let response = server.visitor().get("/api/setup").send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    body["is_open"].as_bool().unwrap()
}

on_both! {
    async fn the_first_admin_is_made_by_the_token_once(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let first = said(&server, 1).await;
        assert!(!server.log().contains(&first), "the log is read by many");
        server.kill();
        server.restart_with(&[("PARLANCE_REGISTRATION", "closed")]);
        let token = said(&server, 2).await;
        assert_ne!(first, token);
        assert!(is_open(&server).await);
        let root = server.visitor();
        let setup = async |token: &str, name: &str| {
            let mut body = account(name);
            body["token"] = token.into();
            post(&root, "/api/setup", &body).await
        };
        for wrong in ["", "x", &first, &"A".repeat(43)] {
            assert_eq!(refused(setup(wrong, "root").await, 400).await, "token_invalid");
        }
        let bad = problem(setup(&token, "a").await, 422).await;
        assert_eq!(fields(&bad), ["username too_short"], "and the token is not used up by it");
        let made = setup(&token, "root").await;
        assert_eq!(made.status(), 201);
        let body: Value = made.json().await.unwrap();
        assert_eq!(body["user"]["group"], "admin");
        assert_eq!(refused(setup(&token, "second").await, 400).await, "token_invalid");
        assert!(!is_open(&server).await);
        assert_eq!(root.get("/api/admin/users").send().await.unwrap().status(), 200);
        server.kill();
        server.restart();
        assert!(!is_open(&server).await, "there is an admin");
        assert_eq!(server.said().matches("/setup?token=").count(), 2);
    }
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
pub(super) async fn admin(server: &Server) -> crate::harness::Browser {
    let token = said(server, 1).await;
    let mut body = account("root");
    body["token"] = token.into();
    let root = server.visitor();
    assert_eq!(post(&root, "/api/setup", &body).await.status(), 201);
    root
}
