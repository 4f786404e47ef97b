//! Where somebody is signed in, and ending it there.

use std::time::Duration;

use serde_json::{Value, json};

use super::{cut, post, program, sign_in};
use crate::harness::{
    Browser, Engine, Events, Server,
    browser::{PASSWORD, email},
    on_both, refused,
};

async fn devices(browser: &Browser) -> Vec<Value> {
    let response = browser.get("/api/account/devices").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    body["items"].as_array().unwrap().clone()
}

async fn status(browser: &Browser) -> u16 {
    browser
        .get("/api/session")
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

on_both! {
    async fn devices_are_listed_and_revoked_one_by_one(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let here = server.member("ann").await;
        let there = server.visitor();
        let credentials = json!({ "email": email("ann"), "password": PASSWORD });
        let request = there.post("/api/auth/login").header("User-Agent", "Elsewhere/9.1");
        let request = request.header("Sec-Fetch-Mode", "cors").json(&credentials);
        assert_eq!(request.send().await.unwrap().status(), 200);
        let listed = devices(&here).await;
        assert_eq!(listed.len(), 2);
        let other = listed.iter().find(|one| one["is_current"] == false).unwrap();
        assert_eq!((&other["kind"], &other["user_agent"]), (&json!("browser"), &json!("Elsewhere/9.1")));
        assert_eq!(other["address"], "127.0.0.1");
        assert!(other["last_seen_at"].is_string() && other["created_at"].is_string());
        assert_eq!(listed.iter().filter(|one| one["is_current"] == true).count(), 1);

        let bob = server.member("bob").await;
        let path = format!("/api/account/devices/{}", other["id"].as_str().unwrap());
        let foreign = bob.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(refused(foreign, 404).await, "not_found");
        let conversation = there.conversation().await;
        let stream = there.follow(&conversation, None).await;
        let own = here.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(own.status(), 204);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!((status(&there).await, status(&here).await), (401, 200));
        let again = here.request(reqwest::Method::DELETE, &path).send().await.unwrap();
        assert_eq!(again.status(), 404);
    }

    async fn all_others_can_be_signed_out_at_once_and_everything_too(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let here = server.member("ann").await;
        let mut others = Vec::new();
        for _ in 0..3 {
            let other = server.visitor();
            sign_in(&other, &email("ann"), PASSWORD).await;
            others.push(other);
        }
        let there = program(&server, "ann").await;
        let response = here.request(reqwest::Method::DELETE, "/api/account/devices").send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["ended"], 4);
        for other in &others {
            assert_eq!(status(other).await, 401);
        }
        assert_eq!(there.renew(there.refresh()).await.status(), 401);
        assert_eq!(status(&here).await, 200);

        let there = program(&server, "ann").await;
        let stream = Events::of(there.get("/api/stream").await);
        let bye = here.post("/api/auth/logout/everywhere").send().await.unwrap();
        assert_eq!(bye.status(), 204);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!((status(&here).await, there.get("/api/session").await.status().as_u16()), (401, 401));
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
