//! Where somebody is signed in, and ending it there.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{cookie, keys::make, post, session_status, sign_in};
use crate::{
    audit::count,
    harness::{
        Browser, Engine, Server,
        browser::{PASSWORD, email},
        intruder::number,
        on_both,
    },
};

pub(crate) async fn devices(browser: &Browser) -> Vec<Value> {
    let response = browser.get("/api/account/devices").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    body["items"].as_array().unwrap().clone()
}

pub(crate) async fn status(browser: &Browser) -> u16 {
    browser
        .get("/api/session")
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

on_both! {
    async fn the_log_says_where_everything_that_ended_was_ended_from(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let other = server.visitor();
        let enter = async |browser: &Browser| {
            let response = sign_in(browser, &email("ann"), PASSWORD).await;
            assert_eq!(response.status(), 200);
        };
        let (key, _) = make(&ann, "k").await;
        enter(&other).await;
        let here = devices(&ann).await;
        let there = here.iter().find(|one| one["is_current"] == false).unwrap();
        let device = format!("/api/account/devices/{}", there["id"].as_str().unwrap());
        for path in [&device, "/api/account/devices", &format!("/api/account/keys/{key}")] {
            let ended = ann.request(Method::DELETE, path).send().await.unwrap();
            assert!(ended.status().is_success(), "{path}");
        }
        let name = json!({ "username": "Ann Lee" });
        assert_eq!(post(&ann, "/api/user/me/username", &name).await.status(), 200);
        // Browsers that sign in over a session, sign out, and sign out everywhere.
        for path in ["/api/auth/logout", "/api/auth/logout/everywhere"] {
            for _ in 0..2 {
                let request = other.post("/api/auth/login").header("Sec-Fetch-Mode", "cors");
                let body = json!({ "email": email("ann"), "password": PASSWORD });
                assert_eq!(request.json(&body).send().await.unwrap().status(), 200);
            }
            assert_eq!(post(&other, path, &json!({})).await.status(), 204);
        }
        for (kind, times) in [
            ("session_revoked", 3),
            ("api_key_revoked", 1),
            ("username_changed", 1),
            ("signed_out", 3),
        ] {
            let known = format!("select count(*) from audit_events where kind = '{kind}' and address = '127.0.0.1'");
            assert_eq!(number(&server, &known).await, times, "{kind}");
            assert_eq!(count(&server, kind).await, times, "{kind}, from anywhere");
        }
    }

    async fn a_browser_that_signs_in_again_is_one_device(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let elsewhere = server.member("ann").await;
        let here = server.visitor();
        let enter = async |name: &str| {
            let body = json!({ "email": email(name), "password": PASSWORD });
            let request = here.post("/api/auth/login").header("Sec-Fetch-Mode", "cors").json(&body);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 200);
            cookie(&response).0
        };
        let first = enter("ann").await;
        let second = enter("ann").await;
        assert_eq!(session_status(&server, &first).await, 401);
        assert_eq!(session_status(&server, &second).await, 200);
        assert_eq!(devices(&here).await.len(), 2);
        assert_eq!(status(&elsewhere).await, 200, "and no other is touched");

        // Whoever takes the browser over leaves nobody signed in behind them.
        server.member("bob").await;
        enter("bob").await;
        assert_eq!(session_status(&server, &second).await, 401);
        assert_eq!(devices(&elsewhere).await.len(), 1);
    }
}

#[tokio::test]
async fn a_sign_in_on_a_new_device_is_told_once() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    let come = async |agent: &'static str| {
        let visitor = server.visitor();
        let credentials = json!({ "email": email("ann"), "password": PASSWORD });
        let request = visitor.post("/api/auth/login").header("User-Agent", agent);
        let response = request.json(&credentials).send().await.unwrap();
        assert_eq!(response.status(), 200);
    };
    let told = || server.log().matches("this letter is not sent").count();
    come("Browser/1").await;
    while told() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    come("Browser/2").await;
    come("Browser/1").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(told(), 1, "an update makes no new device");
    let nobody = server.visitor();
    assert_eq!(
        post(&nobody, "/api/auth/logout", &json!({})).await.status(),
        204
    );
}
