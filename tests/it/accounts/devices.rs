//! Where somebody is signed in, and ending it there.

use std::time::Duration;

use serde_json::{Value, json};

use super::{cookie, post, session_status};
use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    on_both,
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
