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
pub(crate) async fn tokens(server: &Server, page: &str, count: usize) -> Vec<String> {
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

pub(crate) async fn ask(browser: &Browser, email: &str) {
    let response = post(browser, "/api/auth/reset", &json!({ "email": email })).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.text().await.unwrap(), "");
}

pub(crate) async fn reset(browser: &Browser, token: &str, password: &str) -> reqwest::Response {
    let body = json!({ "token": token, "password": password });
    post(browser, "/api/auth/reset/confirm", &body).await
}

/// Somebody with a new account, where addresses must be confirmed.
pub(crate) async fn newcomer(server: &Server, name: &str) -> Browser {
    let before = tokens(server, "verify", 0).await.len();
    let browser = server.visitor();
    assert_eq!(register(&browser, &account(name)).await.status(), 202);
    let token = tokens(server, "verify", before + 1).await.pop().unwrap();
    let body = json!({ "token": token, "password": PASSWORD });
    assert_eq!(
        post(&browser, "/api/auth/verify", &body).await.status(),
        204
    );
    let entered = sign_in(&browser, &email(name), PASSWORD).await;
    assert_eq!(entered.status(), 200);
    browser
}

on_both! {
    async fn who_has_not_shown_the_address_reads_and_does_not_send(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        server.kill();
        server.restart_with(&[("PARLANCE_EMAIL_VERIFICATION", "required")]);
        let ann = ann.at(&server.base);
        let conversation = ann.conversation().await;
        let refusal = ann.send(&conversation, "hello", "one").await;
        assert_eq!(refused(refusal, 403).await, "email_unverified");
        for _ in 0..2 {
            assert_eq!(post(&ann, "/api/account/verification", &json!({})).await.status(), 204);
        }
        let both = tokens(&server, "verify", 2).await;
        let (first, second) = (&both[0], &both[1]);

        let verify = async |token: &str| {
            post(&server.visitor(), "/api/auth/verify", &json!({ "token": token })).await
        };
        assert_eq!(refused(reset(&ann, second, NEW).await, 400).await, "token_invalid", "for another purpose");
        assert_eq!(verify(first).await.status(), 204, "another letter voids nothing");
        for used in [first, second] {
            assert_eq!(refused(verify(used).await, 400).await, "token_invalid", "once, whichever");
        }
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
