//! Changing name, address and password.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{cut, post, program, sign_in};
use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    fields, on_both, problem,
    smtp::Sink,
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

/// The log cannot be written for a while: what protects people does not wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn letters_and_cuts_do_not_wait_for_the_log() {
    use sqlx::{Connection, Executor};

    if !Engine::postgres_is_there() {
        return;
    }
    let sink = Sink::start().await;
    let mut settings = sink.settings();
    settings.push(("PARLANCE_EMAIL_VERIFICATION", "off".to_owned()));
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let server = Server::start_with(Engine::Postgres, "echo", &settings).await;
    let ann = server.member("ann").await;
    let there = server.visitor();
    assert_eq!(sign_in(&there, &email("ann"), PASSWORD).await.status(), 200);
    let stream = there.follow(&there.conversation().await, None).await;

    let url = server.database_url.as_deref().unwrap();
    let mut guard = sqlx::PgConnection::connect(url).await.unwrap();
    let lock = "begin; lock table audit_events in access exclusive mode";
    guard.execute(sqlx::raw_sql(lock)).await.unwrap();
    let change = |path: &'static str, body: Value| {
        let ann = ann.clone();
        tokio::spawn(async move { post(&ann, path, &body).await.status() })
    };
    let body = json!({ "current_password": PASSWORD, "password": NEW });
    let waiting = change("/api/user/me/password", body);
    sink.letter(&email("ann"), "password").await;
    let took = cut(stream).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(!waiting.is_finished(), "the log is still waited for");
    guard.execute("rollback").await.unwrap();
    assert_eq!(waiting.await.unwrap(), 200);

    guard.execute(sqlx::raw_sql(lock)).await.unwrap();
    let body = json!({ "current_password": NEW, "email": "new@example.com" });
    let waiting = change("/api/user/me/email", body);
    sink.letter(&email("ann"), "e-mail address of your account was changed")
        .await;
    assert!(!waiting.is_finished(), "the log is still waited for");
    guard.execute("rollback").await.unwrap();
    assert_eq!(waiting.await.unwrap(), 200);

    // A device that nobody knows.
    guard.execute(sqlx::raw_sql(lock)).await.unwrap();
    let stranger = server.visitor();
    let coming = tokio::spawn(async move {
        let body = json!({ "email": "new@example.com", "password": NEW });
        let request = stranger
            .post("/api/auth/login")
            .header("User-Agent", "elsewhere");
        request.json(&body).send().await.unwrap().status()
    });
    sink.letter("new@example.com", "New sign-in").await;
    assert!(!coming.is_finished(), "the log is still waited for");
    guard.execute("rollback").await.unwrap();
    assert_eq!(coming.await.unwrap(), 200);
}

/// An address that nobody has shown to be theirs may be anybody's.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_sent_no_letters_for_what_others_do_with_their_address() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let mail = async |ann: &Browser, address: &str, expected: u16| {
        let body = json!({ "email": address, "current_password": PASSWORD });
        let answer = post(ann, "/api/user/me/email", &body).await;
        assert_eq!(answer.status(), expected);
    };
    mail(&ann, "stranger@example.com", 200).await;
    server.kill();
    let sink = Sink::start().await;
    let settings = sink.settings();
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    server.restart_with(&settings);
    let ann = ann.at(&server.base);
    let request = server
        .visitor()
        .post("/api/auth/login")
        .header("User-Agent", "unheard of");
    let body = json!({ "email": "stranger@example.com", "password": PASSWORD });
    assert_eq!(request.json(&body).send().await.unwrap().status(), 200);
    for (address, is_next) in [("own@example.com", false), ("next@example.com", true)] {
        mail(&ann, address, 202).await;
        let link = sink.letter(address, "address").await.link();
        let body = json!({ "token": link.split_once("token=").unwrap().1 });
        let verified = post(&server.visitor(), "/api/auth/verify", &body).await;
        assert_eq!(verified.status(), 204);
        if is_next {
            let told = "e-mail address of your account was changed";
            sink.letter("own@example.com", told).await;
        }
    }
    let strangers: Vec<_> = sink
        .letters()
        .into_iter()
        .filter(|letter| letter.to == ["stranger@example.com"] || letter.to == [email("ann")])
        .map(|letter| letter.subject)
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[tokio::test]
async fn no_letter_is_asked_for_whose_link_could_lead_nowhere() {
    let sink = Sink::start().await;
    let settings = sink.settings();
    let mut settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    settings.push(("PARLANCE_ADDR", "0.0.0.0:0"));
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    server.member("ann").await;
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
