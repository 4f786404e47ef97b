//! Access and refresh tokens: what programs sign with.

use reqwest::Method;
use serde_json::{Value, json};

use super::{account, post, program, register};
use crate::harness::{
    Engine, Server,
    browser::{PASSWORD, email},
    on_both, problem, refused,
};

pub(crate) const HASTY: [(&str, &str); 1] = [("PARLANCE_REFRESH_GRACE", "1s")];

on_both! {
    async fn a_program_signs_in_and_needs_no_cookie(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let registered = register(&server.visitor(), &account("ann")).await;
        let body: Value = registered.json().await.unwrap();
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["expires_in"], 900);
        assert!(body["access_token"].is_string() && body["refresh_token"].is_string());

        let ann = program(&server, "ann").await;
        for path in ["/api/session", "/api/v1/session"] {
            let session: Value = ann.get(path).await.json().await.unwrap();
            assert_eq!(session["user"]["username"], "ann", "{path}");
        }
        let me: Value = ann.get("/api/user/me").await.json().await.unwrap();
        assert_eq!((&me["username"], &me["group"]), (&json!("ann"), &json!("user")));
        assert_eq!((&me["email"], &me["email_verified"]), (&json!(email("ann")), &json!(false)));
        assert_eq!(ann.post("/api/conversations", &json!({})).await.status(), 201, "no origin needed");
        for rubbish in ["pla_x", "x", ann.refresh(), &"A".repeat(43)] {
            let request = ann.ask(Method::GET, "/api/session").bearer_auth(rubbish);
            assert_eq!(refused(request.send().await.unwrap(), 401).await, "unauthenticated");
        }
    }

    async fn a_browser_gets_its_cookie_and_no_token(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        let request = visitor.post("/api/auth/register").header("Sec-Fetch-Mode", "cors");
        let response = request.json(&account("ann")).send().await.unwrap();
        assert!(response.headers().contains_key("set-cookie"));
        let body: Value = response.json().await.unwrap();
        assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none(), "{body}");
        let request = visitor.post("/api/auth/login").header("Sec-Fetch-Mode", "cors");
        let credentials = json!({ "email": email("ann"), "password": PASSWORD });
        let body: Value = request.json(&credentials).send().await.unwrap().json().await.unwrap();
        assert_eq!(body["success"], true);
        assert!(body.get("access_token").is_none(), "{body}");
    }

    async fn a_refresh_token_is_found_wherever_clients_put_it(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let mut ann = program(&server, "ann").await;
        for (number, path) in ["/api/auth/refresh", "/api/v1/auth/refresh", "/api/user/refresh", "/api/v1/user/refresh"]
            .into_iter().enumerate()
        {
            let token = ann.refresh().to_owned();
            let request = ann.ask(Method::POST, path).header("Origin", &server.base);
            let request = match number {
                0 => request.bearer_auth(token),
                1 => request.header("X-Refresh-Token", token),
                2 => request.json(&json!({ "refresh_token": token })),
                _ => request.header("Cookie", format!("refresh_token={token}")),
            };
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            ann.tokens = response.json().await.unwrap();
            assert_eq!(ann.tokens["success"], true);
            assert_eq!(ann.get("/api/session").await.status(), 200, "{path}");
        }
        let nothing = ann.ask(Method::POST, "/api/auth/refresh").header("Origin", &server.base);
        assert_eq!(refused(nothing.send().await.unwrap(), 401).await, "unauthenticated");
    }

    async fn signing_out_by_the_refresh_token_revokes_it(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let ann = program(&server, "ann").await;
        let bye = ann.ask(Method::POST, "/api/user/logout").bearer_auth(ann.refresh());
        assert_eq!(bye.send().await.unwrap().status(), 204);
        assert_eq!(ann.renew(ann.refresh()).await.status(), 401);
        assert_eq!(ann.get("/api/session").await.status(), 401);
    }
}

#[tokio::test]
async fn a_header_beside_a_cookie_is_judged_as_the_cookies() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    let ann = program(&server, "ann").await;
    let send = |name: &'static str, value: &'static str| {
        let request = ann.ask(Method::POST, "/api/conversations").json(&json!({}));
        request.bearer_auth(ann.access()).header(name, value).send()
    };
    for (name, value) in [
        ("Cookie", "locale=en"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let refusal = send(name, value).await.unwrap();
        assert_eq!(refused(refusal, 403).await, "cross_site", "{name}: {value}");
    }
    assert_eq!(send("X-Other", "1").await.unwrap().status(), 201);
}

#[tokio::test]
async fn the_words_of_the_other_front_end_do_the_same() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let response = post(&visitor, "/api/user/register", &account("ann")).await;
    assert_eq!(response.status(), 201);
    let body: Value = response.json().await.unwrap();
    assert!(body["access_token"].is_string() && body["user_id"].is_string());
    let again = post(&visitor, "/api/v1/user/register", &account("ann")).await;
    let problem = problem(again, 409).await;
    assert_eq!(problem["success"], false);
    let credentials = json!({ "email": email("ann"), "password": PASSWORD });
    let response = post(&visitor, "/api/user/login", &credentials).await;
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    assert!(body["refresh_token"].is_string());
}
