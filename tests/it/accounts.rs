//! Accounts through the API: making one, coming in, going out, and what is kept of a secret.

pub(crate) mod changes;
pub(crate) mod devices;
mod export;
mod fields;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod people;
pub(crate) mod program;
pub(crate) mod setup;
pub(crate) mod tokens;

use reqwest::Response;
use serde_json::{Value, json};

pub(crate) use self::program::program;

use crate::harness::{
    Browser, Engine, Server,
    browser::{PASSWORD, email},
    fields, header, on_both, problem, refused,
};

pub(crate) async fn register(browser: &Browser, body: &Value) -> Response {
    browser
        .post("/api/auth/register")
        .json(body)
        .send()
        .await
        .unwrap()
}

pub(crate) async fn sign_in(browser: &Browser, email: &str, password: &str) -> Response {
    let body = json!({ "email": email, "password": password });
    browser
        .post("/api/auth/login")
        .json(&body)
        .send()
        .await
        .unwrap()
}

pub(crate) fn account(name: &str) -> Value {
    json!({ "username": name, "email": email(name), "password": PASSWORD })
}

/// A JSON request of a browser, and its answer.
pub(crate) async fn post(browser: &Browser, path: &str, body: &Value) -> Response {
    browser.post(path).json(body).send().await.unwrap()
}

/// How long a stream took to be closed because its session ended.
pub(crate) async fn cut(mut stream: crate::harness::Events) -> std::time::Duration {
    let began = std::time::Instant::now();
    while let Some(event) = stream.next().await {
        if event.kind == "bye" {
            assert_eq!(event.data["reason"], "revoked");
            break;
        }
    }
    began.elapsed()
}

/// `name=value` of the session's cookie, and its attributes in lower case.
pub(crate) fn cookie(response: &Response) -> (String, Vec<String>) {
    let text = header(response, "set-cookie");
    let mut parts = text.split(';').map(str::trim);
    let pair = parts.next().unwrap().to_owned();
    (pair, parts.map(str::to_lowercase).collect())
}

/// The status of `GET /api/session` for a client that has this cookie alone.
pub(crate) async fn session_status(server: &Server, cookie: &str) -> u16 {
    let request = server
        .visitor()
        .get("/api/session")
        .header("Cookie", cookie);
    request.send().await.unwrap().status().as_u16()
}

/// A value of the only row of `users`, as text.
pub(crate) async fn of_the_user(server: &Server, column: &str) -> Option<String> {
    use sqlx::Connection;
    let query = sqlx::AssertSqlSafe(format!("select cast({column} as text) from users"));
    if let Some(url) = &server.database_url {
        let mut db = sqlx::PgConnection::connect(url).await.unwrap();
        return sqlx::query_scalar(query).fetch_one(&mut db).await.unwrap();
    }
    let url = format!("sqlite:{}", server.data_dir().join("main.db").display());
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query_scalar(query).fetch_one(&mut db).await.unwrap()
}

on_both! {
    async fn a_new_account_is_signed_in_at_once(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.visitor();
        assert_eq!(refused(ann.get("/api/session").send().await.unwrap(), 401).await, "unauthenticated");
        let response = register(&ann, &account("张三")).await;
        assert_eq!(response.status(), 201);
        let (pair, attributes) = cookie(&response);
        assert!(pair.starts_with("parlance=") && pair.len() > 40, "{pair}");
        for attribute in ["httponly", "samesite=lax", "path=/"] {
            assert!(attributes.iter().any(|one| one == attribute), "{attribute} of {attributes:?}");
        }
        assert!(attributes.iter().all(|one| one != "secure" && !one.starts_with("domain")), "{attributes:?}");

        let body: Value = response.json().await.unwrap();
        assert_eq!(body["success"], true);
        assert!(body["message"].is_string());
        assert_eq!(body["user_id"], body["user"]["id"]);
        assert_eq!(body["user"]["username"], "张三");
        assert_eq!(body["user"]["email"], email("张三"));
        assert!(body["user"]["created_at"].as_str().unwrap().ends_with('Z'));
        for path in ["/api/session", "/api/v1/session"] {
            let session: Value = ann.get(path).send().await.unwrap().json().await.unwrap();
            assert_eq!(session["user"], body["user"], "{path}");
        }
    }

    async fn a_name_and_an_email_belong_to_one_account(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        server.member("Zoë").await;
        for (name, address, taken) in [
            ("zOË", "other@example.com".to_owned(), "username"),
            ("  Zoë ", "other@example.com".to_owned(), "username"),
            ("other", email("ZOË"), "email"),
        ] {
            let visitor = server.visitor();
            let body = json!({ "username": name, "email": address, "password": PASSWORD });
            let response = register(&visitor, &body).await;
            assert!(header(&response, "set-cookie").is_empty());
            let problem = problem(response, 409).await;
            assert_eq!(problem["code"], "conflict", "{name}");
            assert_eq!(fields(&problem), [format!("{taken} taken")], "{name}");
        }
        // All at once: one gets it.
        let visitor = server.visitor();
        let body = account("rush");
        let all = (0..6).map(|_| register(&visitor, &body));
        let mut statuses: Vec<u16> =
            futures::future::join_all(all).await.iter().map(|one| one.status().as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    }

    async fn signing_out_ends_the_session_on_the_server(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.visitor();
        let (first, _) = cookie(&register(&ann, &account("ann")).await);
        let elsewhere = server.visitor();
        let response = sign_in(&elsewhere, &email("ANN"), PASSWORD).await;
        assert_eq!(response.status(), 200);
        let (second, _) = cookie(&response);
        assert_ne!(first, second, "each sign-in is a session of its own");
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["success"], &body["user"]["username"]), (&json!(true), &json!("ann")));

        let bye = ann.post("/api/auth/logout").send().await.unwrap();
        assert_eq!(bye.status(), 204);
        let (pair, attributes) = cookie(&bye);
        assert_eq!(pair, "parlance=");
        assert!(attributes.contains(&"max-age=0".to_owned()), "{attributes:?}");
        assert_eq!(session_status(&server, &first).await, 401, "the old cookie, sent again");
        assert_eq!(session_status(&server, &second).await, 200, "the other device stays");
        assert_eq!(ann.post("/api/auth/logout").send().await.unwrap().status(), 204, "again: the same");
    }

    async fn the_last_sign_in_is_remembered(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.member("ann").await;
        let first = of_the_user(&server, "last_login_at").await.expect("registering signs in");
        let wrong = sign_in(&ann, &email("ann"), "wrong-password-1").await;
        assert_eq!(wrong.status(), 401);
        assert_eq!(of_the_user(&server, "last_login_at").await.as_ref(), Some(&first));
        assert_eq!(sign_in(&ann, &email("ann"), PASSWORD).await.status(), 200);
        let second = of_the_user(&server, "last_login_at").await.unwrap();
        assert!(second > first, "{second} after {first}");
    }

    async fn an_email_that_cannot_be_stored_is_malformed(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let visitor = server.visitor();
        for address in ["ann\u{0}@example.com", "\u{0}"] {
            let mut body = account("ann");
            body["email"] = address.into();
            assert_eq!(fields(&problem(register(&visitor, &body).await, 422).await), ["email malformed"]);
            let refusal = problem(sign_in(&visitor, address, PASSWORD).await, 422).await;
            assert_eq!(fields(&refusal), ["email malformed"]);
        }
    }

    async fn a_made_up_cookie_is_nobodys(engine: Engine) {
        let server = Server::start(engine, "echo").await;
        let ann = server.visitor();
        // Well formed, and unknown.
        let fixed = format!("parlance={}", "A".repeat(43));
        for rubbish in ["parlance=", "parlance=x", "parlance=%00", "parlance=' or 1=1 --", &fixed] {
            assert_eq!(session_status(&server, rubbish).await, 401, "{rubbish}");
        }
        let body = account("ann");
        let request = ann.post("/api/auth/register").header("Cookie", &fixed).json(&body);
        let (fresh, _) = cookie(&request.send().await.unwrap());
        assert_ne!(fresh, fixed);
        assert_eq!(session_status(&server, &fixed).await, 401, "a session cannot be foisted on anybody");
        assert_eq!(session_status(&server, &fresh).await, 200);
    }
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure_and_pinned_to_its_host() {
    let settings = [("PARLANCE_PUBLIC_URL", "https://chat.example")];
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    let visitor = server.visitor();
    let request = visitor
        .post("/api/auth/register")
        .header("Host", "chat.example")
        .json(&account("ann"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    let (pair, attributes) = cookie(&response);
    assert!(pair.starts_with("__Host-parlance="), "{pair}");
    for attribute in ["httponly", "samesite=lax", "path=/", "secure"] {
        assert!(
            attributes.iter().any(|one| one == attribute),
            "{attribute} of {attributes:?}"
        );
    }
    assert!(
        attributes.iter().all(|one| !one.starts_with("domain")),
        "{attributes:?}"
    );

    let ask = |host: &'static str, cookie: String| {
        server
            .visitor()
            .get("/api/session")
            .header("Host", host)
            .header("Cookie", cookie)
            .send()
    };
    assert_eq!(
        ask("chat.example", pair.clone()).await.unwrap().status(),
        200
    );
    let unpinned = pair.replace("__Host-", "");
    assert_eq!(ask("chat.example", unpinned).await.unwrap().status(), 401);
    for host in [
        "evil.example",
        "chat.example.evil.example",
        "chat.example:8443",
    ] {
        assert_eq!(
            refused(ask(host, pair.clone()).await.unwrap(), 400).await,
            "bad_request",
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_email_are_answered_alike() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    let visitor = server.visitor();
    let mut answers = Vec::new();
    for (email, password) in [
        (email("ann"), "wrong-password-1"),
        (email("nobody"), PASSWORD),
    ] {
        let response = sign_in(&visitor, &email, password).await;
        let mut headers: Vec<_> = response.headers().keys().map(ToString::to_string).collect();
        headers.sort();
        assert!(!headers.contains(&"set-cookie".to_owned()));
        let mut problem = problem(response, 401).await;
        assert_eq!(problem["code"], "invalid_credentials");
        problem["request_id"].take();
        answers.push((headers, problem));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn an_empty_credential_opens_nothing() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    let visitor = server.visitor();
    for (email, password, expected) in [
        (email("ann").as_str(), "", vec!["password required"]),
        ("", PASSWORD, vec!["email required"]),
        (" ", "", vec!["email required", "password required"]),
        (&email("ann"), &"x".repeat(257), vec!["password too_long"]),
    ] {
        let response = sign_in(&visitor, email, password).await;
        assert!(header(&response, "set-cookie").is_empty());
        assert_eq!(fields(&problem(response, 422).await), expected);
    }
}

#[tokio::test]
async fn an_operator_may_tell_which_half_was_wrong() {
    let settings = [("PARLANCE_LOGIN_ERRORS", "explicit")];
    let server = Server::start_with(Engine::Sqlite, "echo", &settings).await;
    server.member("ann").await;
    let visitor = server.visitor();
    let wrong = sign_in(&visitor, &email("ann"), "wrong-password-1").await;
    assert_eq!(refused(wrong, 401).await, "wrong_password");
    let unknown = sign_in(&visitor, &email("nobody"), PASSWORD).await;
    assert_eq!(refused(unknown, 401).await, "unknown_email");
}

#[tokio::test]
async fn closed_registration_keeps_strangers_out_and_members_in() {
    let mut server = Server::start(Engine::Sqlite, "echo").await;
    server.member("ann").await;
    server.kill();
    server.restart_with(&[("PARLANCE_REGISTRATION", "closed")]);
    let visitor = server.visitor();
    let stranger = register(&visitor, &account("bob")).await;
    assert_eq!(refused(stranger, 403).await, "registration_closed");
    // Not even whether a name is taken is told.
    assert_eq!(
        refused(register(&visitor, &account("ann")).await, 403).await,
        "registration_closed"
    );
    assert_eq!(
        sign_in(&visitor, &email("ann"), PASSWORD).await.status(),
        200
    );
}

#[tokio::test]
async fn a_password_is_kept_as_argon2id_and_told_to_nobody() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.visitor();
    let registered = register(&ann, &account("ann")).await;
    let (pair, _) = cookie(&registered);
    let token = pair.split_once('=').unwrap().1.to_owned();
    let mut answers = registered.text().await.unwrap();
    for path in ["/api/session", "/api/conversations", "/chat", "/"] {
        answers.push_str(&ann.get(path).send().await.unwrap().text().await.unwrap());
    }
    answers.push_str(
        &sign_in(&ann, &email("ann"), PASSWORD)
            .await
            .text()
            .await
            .unwrap(),
    );
    for secret in ["argon2", "password_hash", PASSWORD, &token] {
        assert!(!answers.contains(secret), "an answer holds {secret}");
    }

    let hash = of_the_user(&server, "password_hash").await.unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    let mut files = 0;
    for entry in std::fs::read_dir(server.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        // The site's own files lie in a folder.
        if path.is_dir() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        files += 1;
        for secret in [PASSWORD, &token] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
    }
    assert!(files >= 3, "databases and log were looked through");
}
