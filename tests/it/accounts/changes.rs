//! Changing name, address and password.

use reqwest::Method;
use serde_json::{Value, json};

use super::{post, program, sign_in};
use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    fields, on_both, problem,
};

const NEW: &str = "another-horse-2";

pub(crate) async fn me(browser: &Browser) -> Value {
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
