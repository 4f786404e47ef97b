//! The second factor, by the API; what needs a clock of its own is in `clock`.

mod clock;
mod handover;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    intruder::number,
    on_both, refused, totp,
};

pub(crate) async fn post(browser: &Browser, path: &str, body: Value) -> Response {
    browser
        .post(&format!("/api/v1/account/factor{path}"))
        .json(&body)
        .send()
        .await
        .unwrap()
}

pub(crate) async fn begin(browser: &Browser) -> Value {
    let answer = post(browser, "", json!({ "current_password": PASSWORD })).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(crate::harness::header(&answer, "cache-control"), "no-store");
    answer.json().await.unwrap()
}

/// Turns it on; secret and backup codes.
pub(crate) async fn enrol(browser: &Browser) -> (String, Vec<String>) {
    let secret = begin(browser).await["secret"].as_str().unwrap().to_owned();
    let answer = post(browser, "/confirm", json!({ "code": totp::code(&secret) })).await;
    assert_eq!(answer.status(), 200);
    (secret, codes(answer).await)
}

pub(crate) async fn codes(answer: Response) -> Vec<String> {
    let body: Value = answer.json().await.unwrap();
    serde_json::from_value(body["backup_codes"].clone()).unwrap()
}

pub(crate) async fn state(browser: &Browser) -> (bool, u64) {
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
        assert_eq!(post(&ann, "/disable", body(PASSWORD, &totp::next_code(secret))).await.status(), 200);
        assert_eq!(state(&ann).await, (false, 0));
        assert_eq!(refused(post(&ann, "/disable", body(PASSWORD, &fresh[1])).await, 404).await, "not_found");
    }

    async fn what_is_no_code_of_the_app_cannot_be_tried_for_ever_by_who_is_signed_in(engine: Engine) {
        let server = Server::start_with(engine, "echo", &[("PARLANCE_TRIES_ACCOUNT", "5")]).await;
        let ann = server.member("ann").await;
        let (secret, _) = enrol(&ann).await;
        for round in 0..6 {
            let code = if round % 2 == 0 { "rubbish" } else { "AAAA-BBBB-CCCC-DDDD" };
            let answer = post(&ann, "/codes", json!({ "code": code })).await;
            let (status, word) = if round < 5 { (401, "factor_wrong") } else { (429, "rate_limited") };
            assert_eq!(refused(answer, status).await, word, "{round}");
        }
        let entries = "select count(*) from audit_events where kind = 'factor_failed'";
        assert_eq!(number(&server, entries).await, 5);
        let app = post(&ann, "/codes", json!({ "code": totp::next_code(&secret) })).await;
        assert_eq!(app.status(), 200, "codes of the app have a count of their own");
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

    /// Row 15: a new session when signing in means something else, with whatever the person came.
    async fn a_change_of_the_factor_renews_the_session_of_browsers_and_programs(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        for mode in [Some("cors"), None] {
            // A jar of its own each, and cookies by hand: what ends is told apart from what begins.
            let client = reqwest::Client::new();
            let ask = |method: Method, path: &str, cookie: &str| {
                let request = client.request(method, format!("{}{path}", server.base));
                let request = request.header("Sec-Fetch-Site", "same-origin").header("Cookie", cookie);
                match mode {
                    Some(mode) => request.header("Sec-Fetch-Mode", mode),
                    None => request,
                }
            };
            let alive = async |cookie: &str| {
                ask(Method::GET, "/api/session", cookie).send().await.unwrap().status() == 200
            };
            let login = ask(Method::POST, "/api/auth/login", "").json(&json!({ "email": email("ann"), "password": PASSWORD }));
            let login = login.send().await.unwrap();
            let first = pair(&login);
            let refresh = login.json::<Value>().await.unwrap()["refresh_token"].clone();
            assert_eq!(refresh.is_null(), mode.is_some());
            let begin = ask(Method::POST, "/api/v1/account/factor", &first).json(&json!({ "current_password": PASSWORD }));
            let begun: Value = begin.send().await.unwrap().json().await.unwrap();
            let secret = begun["secret"].as_str().unwrap();

            let confirm = ask(Method::POST, "/api/v1/account/factor/confirm", &first);
            let on = confirm.json(&json!({ "code": totp::code(secret) })).send().await.unwrap();
            assert_eq!(on.status(), 200);
            let second = pair(&on);
            let told: Value = on.json().await.unwrap();
            assert_eq!(told["backup_codes"].as_array().unwrap().len(), 10);
            assert_eq!(told["access_token"].is_string(), mode.is_none(), "{told}");
            assert_eq!((alive(&first).await, alive(&second).await), (false, true));
            if let Some(refresh) = refresh.as_str() {
                let old = client.post(format!("{}/api/auth/refresh", server.base)).bearer_auth(refresh);
                assert_eq!(old.send().await.unwrap().status(), 401);
                let access = told["access_token"].as_str().unwrap();
                let new = client.get(format!("{}/api/session", server.base)).bearer_auth(access);
                assert_eq!(new.send().await.unwrap().status(), 200);
            }

            let disable = ask(Method::POST, "/api/v1/account/factor/disable", &second);
            let body = json!({ "current_password": PASSWORD, "code": told["backup_codes"][0] });
            let off = disable.json(&body).send().await.unwrap();
            assert_eq!(off.status(), 200);
            let third = pair(&off);
            let told: Value = off.json().await.unwrap();
            assert_eq!(told["access_token"].is_string(), mode.is_none(), "{told}");
            assert_eq!((alive(&second).await, alive(&third).await), (false, true));
        }
    }
}

/// `name=value` of the session's cookie.
fn pair(response: &Response) -> String {
    let text = crate::harness::header(response, "set-cookie");
    text.split(';').next().unwrap().to_owned()
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
