//! Letters with links: another password, and showing that an address is one's own. The links are read where a developer
//! reads them: in the log.

use std::time::Duration;

use serde_json::{Value, json};

use super::{account, post, register, sign_in};
use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    fields, on_both, problem, refused,
};

const NEW: &str = "another-horse-2";

/// The tokens of all links to this page that were sent, as soon as there are so many.
async fn tokens(server: &Server, page: &str, count: usize) -> Vec<String> {
    let head = format!("{}/{page}?token=", server.base);
    for _ in 0..500 {
        let log = server.log();
        let found: Vec<String> = log
            .split(&head)
            .skip(1)
            .filter_map(|rest| rest.split(['"', ' ', '\n']).next())
            .map(str::to_owned)
            .collect();
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no letter: {}", server.log());
}

async fn ask(browser: &Browser, email: &str) {
    let response = post(browser, "/api/auth/reset", &json!({ "email": email })).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.text().await.unwrap(), "");
}

async fn reset(browser: &Browser, token: &str, password: &str) -> reqwest::Response {
    let body = json!({ "token": token, "password": password });
    post(browser, "/api/auth/reset/confirm", &body).await
}

on_both! {
    async fn a_forgotten_password_is_set_once_by_its_letter(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let visitor = server.visitor();
        ask(&visitor, &email("nobody")).await;
        ask(&visitor, &email("ANN")).await;
        let first = tokens(&server, "reset", 1).await.remove(0);
        ask(&visitor, &email("ann")).await;
        let second = tokens(&server, "reset", 2).await.remove(1);
        assert_eq!(refused(reset(&visitor, &first, NEW).await, 400).await, "token_invalid");

        let weak = problem(reset(&visitor, &second, "password1").await, 422).await;
        assert_eq!(fields(&weak), ["password too_common"], "and the link is not used up by it");
        let done = reset(&visitor, &second, NEW).await;
        assert_eq!(done.status(), 204);
        assert!(!done.headers().contains_key("set-cookie"), "it signs nobody in");
        assert_eq!(refused(reset(&visitor, &second, "third-horse-3").await, 400).await, "token_invalid");
        for rubbish in ["", "x", &"A".repeat(43)] {
            assert_eq!(refused(reset(&visitor, rubbish, NEW).await, 400).await, "token_invalid");
        }
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 401, "all sessions end");
        assert_eq!(sign_in(&visitor, &email("ann"), PASSWORD).await.status(), 401);
        assert_eq!(sign_in(&visitor, &email("ann"), NEW).await.status(), 200);
        // Nobody else got a letter.
        assert_eq!(tokens(&server, "reset", 2).await.len(), 2);
    }

    async fn a_link_is_void_once_the_account_has_another_address(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        ask(&ann, &email("ann")).await;
        let token = tokens(&server, "reset", 1).await.remove(0);
        let body = json!({ "email": "new@example.com", "current_password": PASSWORD });
        assert_eq!(post(&ann, "/api/user/me/email", &body).await.status(), 200);
        assert_eq!(refused(reset(&ann, &token, NEW).await, 400).await, "token_invalid");
    }

    async fn who_has_not_shown_the_address_reads_and_does_not_send(engine: Engine) {
        let settings = [("PARLANCE_EMAIL_VERIFICATION", "required")];
        let server = Server::start_with(engine, "echo", &settings).await;
        let ann = server.visitor();
        assert_eq!(register(&ann, &account("ann")).await.status(), 201);
        let conversation = ann.conversation().await;
        let refusal = ann.send(&conversation, "hello", "one").await;
        assert_eq!(refused(refusal, 403).await, "email_unverified");
        let first = tokens(&server, "verify", 1).await.remove(0);
        assert_eq!(post(&ann, "/api/account/verification", &json!({})).await.status(), 204);
        let second = tokens(&server, "verify", 2).await.remove(1);

        let verify = async |token: &str| {
            post(&server.visitor(), "/api/auth/verify", &json!({ "token": token })).await
        };
        assert_eq!(refused(verify(&first).await, 400).await, "token_invalid", "replaced");
        assert_eq!(refused(reset(&ann, &second, NEW).await, 400).await, "token_invalid", "for another purpose");
        assert_eq!(verify(&second).await.status(), 204);
        assert_eq!(refused(verify(&second).await, 400).await, "token_invalid", "once");
        let me: Value = ann.get("/api/user/me").send().await.unwrap().json().await.unwrap();
        assert_eq!(me["email_verified"], true);
        assert_eq!(ann.send(&conversation, "hello", "two").await.status(), 202);
    }
}

#[tokio::test]
async fn a_letter_leads_to_the_address_that_is_set_and_never_to_a_strangers() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let body = json!({ "email": email("ann") });
    let request = ann.post("/api/auth/reset").header("Host", "evil.example");
    assert_eq!(request.json(&body).send().await.unwrap().status(), 202);
    while !server.log().contains("PARLANCE_PUBLIC_URL") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!server.log().contains("evil.example/reset"));
}

#[tokio::test]
async fn an_address_that_is_none_is_told_so() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    for (address, expected) in [("", "email required"), ("nope", "email malformed")] {
        let refusal = post(&visitor, "/api/auth/reset", &json!({ "email": address })).await;
        assert_eq!(fields(&problem(refusal, 422).await), [expected]);
    }
}
