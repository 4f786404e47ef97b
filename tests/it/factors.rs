//! The second factor, by the API; what needs a clock of its own is in `clock`.

mod clock;

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    on_both, refused, totp,
};

async fn post(browser: &Browser, path: &str, body: Value) -> Response {
    browser
        .post(&format!("/api/v1/account/factor{path}"))
        .json(&body)
        .send()
        .await
        .unwrap()
}

async fn begin(browser: &Browser) -> Value {
    let answer = post(browser, "", json!({ "current_password": PASSWORD })).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(crate::harness::header(&answer, "cache-control"), "no-store");
    answer.json().await.unwrap()
}

/// Turns it on; secret and backup codes.
async fn enrol(browser: &Browser) -> (String, Vec<String>) {
    let secret = begin(browser).await["secret"].as_str().unwrap().to_owned();
    let answer = post(browser, "/confirm", json!({ "code": totp::code(&secret) })).await;
    assert_eq!(answer.status(), 200);
    (secret, codes(answer).await)
}

async fn codes(answer: Response) -> Vec<String> {
    let body: Value = answer.json().await.unwrap();
    serde_json::from_value(body["backup_codes"].clone()).unwrap()
}

async fn state(browser: &Browser) -> (bool, u64) {
    let answer = browser.get("/api/v1/account/factor").send().await.unwrap();
    let state: Value = answer.json().await.unwrap();
    (
        state["on"].as_bool().unwrap(),
        state["backup_left"].as_u64().unwrap(),
    )
}

on_both! {
    async fn a_factor_is_turned_on_used_and_turned_off(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        assert_eq!(state(&ann).await, (false, 0));
        let wrong = post(&ann, "", json!({ "current_password": "wrong-password-1" })).await;
        assert_eq!(refused(wrong, 403).await, "wrong_password");

        let begun = begin(&ann).await;
        assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/Parlance:"));
        assert!(begun["qr"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"));
        assert_eq!(state(&ann).await, (false, 0), "it does not count before it is confirmed");
        assert_eq!(refused(post(&ann, "/confirm", json!({ "code": "000000" })).await, 401).await, "factor_wrong");
        let secret = begun["secret"].as_str().unwrap();
        let on = post(&ann, "/confirm", json!({ "code": totp::code(secret) })).await;
        assert_eq!(on.status(), 200);
        let backup = codes(on).await;
        assert_eq!(backup.len(), 10);
        assert!(backup.iter().all(|code| code.len() == 19), "{backup:?}");
        assert_eq!(state(&ann).await, (true, 10));

        // What was used to confirm is used up.
        let replay = post(&ann, "/codes", json!({ "code": totp::code(secret) })).await;
        assert_eq!(refused(replay, 401).await, "factor_wrong");
        let renewed = post(&ann, "/codes", json!({ "code": backup[0].to_lowercase() })).await;
        assert_eq!(renewed.status(), 200);
        let fresh = codes(renewed).await;
        assert!(fresh.iter().all(|code| !backup.contains(code)));
        let old = post(&ann, "/codes", json!({ "code": backup[1] })).await;
        assert_eq!(refused(old, 401).await, "factor_wrong");

        let body = |password: &str, code: &str| json!({ "current_password": password, "code": code });
        for (password, code, status, word) in [
            ("wrong-password-1", fresh[0].as_str(), 403, "wrong_password"),
            (PASSWORD, "", 401, "factor_wrong"),
            (PASSWORD, "123", 401, "factor_wrong"),
        ] {
            assert_eq!(refused(post(&ann, "/disable", body(password, code)).await, status).await, word);
        }
        assert_eq!(state(&ann).await, (true, 10));
        assert_eq!(post(&ann, "/disable", body(PASSWORD, &totp::next_code(secret))).await.status(), 204);
        assert_eq!(state(&ann).await, (false, 0));
        assert_eq!(refused(post(&ann, "/disable", body(PASSWORD, &fresh[1])).await, 404).await, "not_found");
    }

    /// Row 9: enrolling over an enrolled factor was the hole in a peer (CVE-2026-54036).
    async fn enrolling_when_it_is_on_is_refused_and_the_old_secret_stays(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let (secret, _) = enrol(&ann).await;
        let again = post(&ann, "", json!({ "current_password": PASSWORD })).await;
        assert_eq!(refused(again, 409).await, "conflict");
        let again = post(&ann, "/confirm", json!({ "code": totp::next_code(&secret) })).await;
        assert_eq!(refused(again, 409).await, "conflict");
        let works = post(&ann, "/codes", json!({ "code": totp::next_code(&secret) })).await;
        assert_eq!(works.status(), 200);
    }

    async fn the_other_devices_are_signed_out_when_it_is_turned_on(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let elsewhere = server.visitor();
        let body = json!({ "email": email("ann"), "password": PASSWORD });
        let login = elsewhere.post("/api/auth/login").json(&body).send().await.unwrap();
        assert_eq!(login.status(), 200);
        enrol(&ann).await;
        assert_eq!(elsewhere.get("/api/session").send().await.unwrap().status(), 401);
        assert_eq!(ann.get("/api/session").send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn strangers_and_others_do_not_come_near_it() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let (secret, backup) = enrol(&ann).await;
    let bob = server.member("bob").await;
    assert_eq!(state(&bob).await, (false, 0));
    for code in [totp::next_code(&secret), backup[0].clone()] {
        let answer = post(&bob, "/codes", json!({ "code": code })).await;
        assert_eq!(refused(answer, 404).await, "not_found");
    }
    let visitor = server.visitor();
    for path in ["", "/confirm", "/codes", "/disable"] {
        assert_eq!(
            refused(post(&visitor, path, json!({})).await, 401).await,
            "unauthenticated"
        );
    }
    assert_eq!(state(&ann).await, (true, 10));
}
