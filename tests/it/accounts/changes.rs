//! Changing name, address and password.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{account, cookie, cut, post, program, register, session_status, sign_in};
use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    fields, on_both, problem, refused,
};

const NEW: &str = "another-horse-2";

async fn me(browser: &Browser) -> Value {
    browser
        .get("/api/user/me")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

on_both! {
    async fn another_password_ends_everything_else_and_begins_anew_here(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let here = server.visitor();
        let (old, _) = cookie(&register(&here, &account("ann")).await);
        let there = server.visitor();
        sign_in(&there, &email("ann"), PASSWORD).await;
        let far = program(&server, "ann").await;
        let conversation = there.conversation().await;
        let stream = there.follow(&conversation, None).await;

        let change = json!({ "current_password": PASSWORD, "password": NEW });
        let response = post(&here, "/api/user/me/password", &change).await;
        assert_eq!(response.status(), 200);
        let took = cut(stream).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
        let (fresh, _) = cookie(&response);
        assert_ne!(old, fresh, "another session");
        let body: Value = response.json().await.unwrap();
        assert!(body["access_token"].is_string() && body["refresh_token"].is_string());
        assert_eq!(session_status(&server, &old).await, 401);
        assert_eq!(session_status(&server, &fresh).await, 200);
        assert_eq!(there.get("/api/session").send().await.unwrap().status(), 401);
        assert_eq!(far.renew(far.refresh()).await.status(), 401);
        assert_eq!(far.get("/api/session").await.status(), 401);
        assert_eq!(far.renew(body["refresh_token"].as_str().unwrap()).await.status(), 200);

        let visitor = server.visitor();
        let wrong = sign_in(&visitor, &email("ann"), PASSWORD).await;
        assert_eq!(refused(wrong, 401).await, "invalid_credentials");
        assert_eq!(sign_in(&visitor, &email("ann"), NEW).await.status(), 200);
    }

    async fn a_program_changes_the_password_by_its_refresh_token(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("ann").await;
        let ann = program(&server, "ann").await;
        let change = json!({ "current_password": PASSWORD, "new_password": NEW });
        let request = ann.ask(Method::POST, "/api/user/me/password").bearer_auth(ann.refresh());
        let response = request.json(&change).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        assert_eq!(ann.renew(ann.refresh()).await.status(), 401, "the old one is revoked");
        assert_eq!(ann.renew(body["refresh_token"].as_str().unwrap()).await.status(), 200);
    }

    async fn a_stolen_session_changes_neither_password_nor_address(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        for (path, method, body) in [
            ("/api/user/me/password", Method::POST, json!({ "password": NEW })),
            ("/api/user/me/email", Method::POST, json!({ "email": "new@example.com" })),
            ("/api/account/keys", Method::POST, json!({ "name": "k" })),
            ("/api/account/factor", Method::POST, json!({})),
            ("/api/account", Method::DELETE, json!({})),
        ] {
            for guess in [None, Some(""), Some("wrong-password-1")] {
                let mut body = body.clone();
                if let Some(guess) = guess {
                    body["current_password"] = guess.into();
                }
                let request = ann.request(method.clone(), path).json(&body);
                let refusal = refused(request.send().await.unwrap(), 403).await;
                assert_eq!(refusal, "wrong_password", "{path} {guess:?}");
            }
        }
        assert_eq!(me(&ann).await["email"], email("ann"));
    }

    async fn the_name_and_the_address_stay_somebodys_own(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        server.member("bob").await;
        let rename = async |name: &str| post(&ann, "/api/user/me/username", &json!({ "username": name })).await;
        let taken = problem(rename("BOB").await, 409).await;
        assert_eq!(fields(&taken), ["username taken"]);
        assert_eq!(fields(&problem(rename("a").await, 422).await), ["username too_short"]);
        assert_eq!(rename("  Ann Lee ").await.status(), 200);
        assert_eq!(me(&ann).await["username"], "Ann Lee");

        let mail = async |address: &str| {
            let body = json!({ "email": address, "current_password": PASSWORD });
            post(&ann, "/api/user/me/email", &body).await
        };
        assert_eq!(fields(&problem(mail(&email("BOB")).await, 409).await), ["email taken"]);
        assert_eq!(fields(&problem(mail("nope").await, 422).await), ["email malformed"]);
        let moved: Value = mail("New@example.com").await.json().await.unwrap();
        assert_eq!((&moved["email"], &moved["email_verified"]), (&json!("New@example.com"), &json!(false)));
        let visitor = server.visitor();
        assert_eq!(sign_in(&visitor, &email("ann"), PASSWORD).await.status(), 401);
        assert_eq!(sign_in(&visitor, "new@EXAMPLE.com", PASSWORD).await.status(), 200);
    }
}

#[tokio::test]
async fn a_new_password_keeps_to_the_rules() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    for (password, again, expected) in [
        ("", None, "password required"),
        ("abc123", None, "password too_short"),
        ("abcdefghij", None, "password needs_letter_and_digit"),
        ("Password123", None, "password too_common"),
        ("ann@example.com", None, "password too_common"),
        (NEW, Some("other"), "password_confirmation mismatch"),
    ] {
        let mut body = json!({ "current_password": PASSWORD, "password": password });
        if let Some(again) = again {
            body["password_confirmation"] = again.into();
        }
        let refusal = problem(post(&ann, "/api/user/me/password", &body).await, 422).await;
        assert_eq!(fields(&refusal), [expected]);
    }
    assert_eq!(
        ann.get("/api/session").send().await.unwrap().status(),
        200,
        "nothing changed"
    );
}
