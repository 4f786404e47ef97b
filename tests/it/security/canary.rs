//! Row 46 and the issue's own sentence: a secret that is typed into a secret field, or made by the server, is in no log
//! line, no answer but the one that is made of it, no error, and not in the database.

mod forms;

use std::collections::BTreeMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{
    Engine, Server,
    browser::email,
    intruder::{dump, holds},
    on_both,
    smtp::{self, Sink},
    totp,
};

const PASSWORD: &str = "canary-Passw0rd-first";
const SECOND: &str = "canary-Passw0rd-second";
const THIRD: &str = "canary-Passw0rd-third";
const WRONG: &str = "canary-Passw0rd-wrong";

/// What was said to clients, and what must not be among it.
#[derive(Default)]
struct Witness {
    answers: String,
    secrets: BTreeMap<String, String>,
}

impl Witness {
    /// Sends; the answer counts as evidence.
    async fn send(&mut self, request: RequestBuilder, status: u16) -> String {
        let response = request.send().await.unwrap();
        let (got, url) = (response.status().as_u16(), response.url().path().to_owned());
        self.hear_headers(&response);
        let body = response.text().await.unwrap();
        assert_eq!(got, status, "{url}: {body}");
        self.answers.push_str(&body);
        body
    }

    /// The same with an answer that holds secrets by right: headers and these members of it.
    async fn told(&mut self, request: RequestBuilder, status: u16, members: &[&str]) -> Value {
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{}", response.url());
        self.keep_cookies(&response);
        let body: Value = response.json().await.unwrap_or_default();
        for member in members {
            let value = body
                .pointer(member)
                .unwrap_or_else(|| panic!("{member} of {body}"));
            let texts = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            for (no, text) in texts.iter().enumerate() {
                let name = format!("{member} {no} ({})", self.secrets.len());
                self.secrets.insert(name, text.as_str().unwrap().to_owned());
            }
        }
        body
    }

    /// Headers, and what cookies carry in base 64 (forms come back that way).
    fn hear_headers(&mut self, response: &Response) {
        self.answers
            .push_str(&format!("{:?}\n", response.headers()));
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let value = pair.split_once('=').unwrap().1;
            if let Ok(bytes) = URL_SAFE_NO_PAD.decode(value) {
                self.answers.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
    }

    fn keep_cookies(&mut self, response: &Response) {
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let value = pair.split_once('=').unwrap().1;
            if !value.is_empty() {
                let name = format!("cookie {}", self.secrets.len());
                self.secrets.insert(name, value.to_owned());
            }
        }
    }

    fn keep(&mut self, name: &str, secret: &str) {
        self.secrets.insert(name.to_owned(), secret.to_owned());
    }

    /// Every secret, and the bytes that it stands for.
    fn forms(&self) -> Vec<(&str, Vec<u8>)> {
        let mut forms = Vec::new();
        for (name, secret) in &self.secrets {
            forms.push((name.as_str(), secret.clone().into_bytes()));
            let bare = secret.get(4..).filter(|_| secret.starts_with("pl"));
            let bytes = URL_SAFE_NO_PAD.decode(bare.unwrap_or(secret));
            if let Some(bytes) = bytes.ok().filter(|bytes| bytes.len() >= 16) {
                forms.push((name, bytes));
            }
            if name == "master key" {
                forms.push((name, STANDARD.decode(secret).unwrap()));
            }
            if name.starts_with("/secret ") && secret.len() == 32 {
                forms.push((name, totp::bytes(secret)));
            }
        }
        forms
    }
}

fn token(link: &str) -> String {
    link.split_once("token=").unwrap().1.trim().to_owned()
}

/// The token of the first admin, as the person at the terminal reads it.
async fn setup_token(server: &Server) -> String {
    for _ in 0..500 {
        if let Some((_, rest)) = server.said().split_once("/setup?token=") {
            return rest.split_whitespace().next().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no way to make the first admin was said");
}

on_both! {
    async fn row_46_a_secret_is_found_nowhere(engine: Engine) {
        let sink = Sink::start().await;
        let mut witness = Witness::default();
        witness.keep("master key", &STANDARD.encode(*b"canary master key, 32 bytes of i"));
        let mut settings = sink.settings();
        settings.push(("PARLANCE_MASTER_KEY", witness.secrets["master key"].clone()));
        // As talkative as an operator can make our own code.
        let talkative = "info,parlance=trace,parlance_server=trace,parlance_adapter=trace,parlance_ui=trace,sqlx=debug,lettre=trace";
        settings.push(("PARLANCE_LOG", talkative.to_owned()));
        let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let server = Server::start_with(engine, "echo", &settings).await;
        for (name, secret) in [
            ("first", PASSWORD), ("second", SECOND), ("third", THIRD), ("wrong", WRONG),
            ("model's key", "sk-canary-0123456789"), ("SMTP password", smtp::PASSWORD),
        ] {
            witness.keep(name, secret);
        }

        // The first admin.
        let admin = server.visitor();
        let setup = setup_token(&server).await;
        witness.keep("setup token", &setup);
        let account = |token: &str, name: &str| json!({
            "token": token, "username": name, "email": email(name), "password": PASSWORD,
        });
        let wrong_token = URL_SAFE_NO_PAD.encode(*b"canary setup token of 32 bytes..");
        witness.keep("wrong setup token", &wrong_token);
        witness.send(admin.post("/api/v1/setup").json(&account(&wrong_token, "root")), 400).await;
        let pair = ["/access_token", "/refresh_token"];
        witness.told(admin.post("/api/v1/setup").json(&account(&setup, "root")), 201, &pair).await;

        // An account, its address, and a password that was forgotten.
        let ann = server.visitor();
        let register = json!({ "username": "ann", "email": email("ann"), "password": PASSWORD });
        witness.send(ann.post("/api/auth/register").json(&register), 202).await;
        let verify = token(&sink.letter(&email("ann"), "Confirm").await.link());
        witness.keep("verification", &verify);
        let body = json!({ "token": verify, "password": WRONG[..7] });
        witness.send(ann.post("/api/v1/auth/verify").json(&body), 422).await;
        let body = json!({ "token": verify, "password": PASSWORD });
        witness.send(ann.post("/api/v1/auth/verify").json(&body), 204).await;
        witness.send(ann.post("/api/v1/auth/verify").json(&body), 400).await;
        // The address is known now: who registers with it again is told nothing.
        let again = json!({ "username": "other", "email": email("ann"), "password": WRONG });
        witness.send(ann.post("/api/auth/register").json(&again), 202).await;
        let visitor = server.visitor();
        let credentials = |password: &str| json!({ "email": email("ann"), "password": password });
        witness.told(ann.post("/api/auth/login").json(&credentials(PASSWORD)), 200, &pair).await;
        witness.send(visitor.post("/api/auth/login").json(&credentials(WRONG)), 401).await;
        witness.send(visitor.post("/api/v1/auth/reset").json(&json!({ "email": email("ann") })), 202).await;
        let reset = token(&sink.letter(&email("ann"), "new password").await.link());
        witness.keep("reset", &reset);
        let body = json!({ "token": reset, "password": SECOND, "password_confirmation": WRONG });
        witness.send(visitor.post("/api/v1/auth/reset/confirm").json(&body), 422).await;
        let body = json!({ "token": reset, "password": SECOND });
        witness.send(visitor.post("/api/v1/auth/reset/confirm").json(&body), 204).await;
        witness.send(visitor.post("/api/v1/auth/reset/confirm").json(&body), 400).await;

        // In again; a second factor, which the next sign-in needs.
        witness.told(ann.post("/api/auth/login").json(&credentials(SECOND)), 200, &pair).await;
        let begin = |password: &str| ann.post("/api/v1/account/factor").json(&json!({ "current_password": password }));
        witness.send(begin(WRONG), 403).await;
        let begun = witness.told(begin(SECOND), 200, &["/secret", "/uri", "/qr"]).await;
        let secret = begun["secret"].as_str().unwrap();
        let code = |code: &str| ann.post("/api/v1/account/factor/confirm").json(&json!({ "code": code }));
        witness.send(code("canary-code"), 401).await;
        let told = witness.told(code(&totp::code(secret)), 200, &["/backup_codes"]).await;
        let backup = told["backup_codes"][0].as_str().unwrap();
        let challenged = visitor.post("/api/auth/login").json(&credentials(SECOND)).send().await.unwrap();
        let challenge: Value = challenged.json().await.unwrap();
        let challenge = challenge["challenge"].as_str().unwrap();
        witness.keep("challenge", challenge);
        let body = |code: &str| json!({ "challenge": challenge, "code": code });
        witness.send(visitor.post("/api/v1/auth/factor").json(&body("canary-code")), 401).await;
        witness.told(visitor.post("/api/v1/auth/factor").json(&body(backup)), 200, &pair).await;

        // Keys for programs, renewed tokens, another password.
        let make = |password: &str| ann.post("/api/v1/account/keys").json(&json!({
            "name": "a program", "current_password": password,
        }));
        witness.send(make(WRONG), 403).await;
        let made = witness.told(make(SECOND), 201, &["/secret"]).await;
        let key = made["secret"].as_str().unwrap();
        let program = server.visitor();
        witness.send(program.get("/api/v1/user/me").header("X-API-Key", key), 200).await;
        witness.send(program.get("/api/v1/user/me").bearer_auth(key), 200).await;
        let unknown = format!("plk_{}", URL_SAFE_NO_PAD.encode(*b"canary api key of thirty-two by."));
        witness.keep("unknown key", &unknown);
        witness.send(program.get("/api/v1/user/me").header("X-API-Key", &unknown), 401).await;
        let refresh = witness.secrets.iter().filter(|(name, _)| name.starts_with("/refresh_token"));
        let refresh: Vec<_> = refresh.map(|(_, token)| token.clone()).collect();
        for token in refresh {
            // Good or not, the answer is looked at; a fresh pair is told by right.
            let request = program.post("/api/v1/auth/refresh").json(&json!({ "refresh_token": token }));
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            for member in ["access_token", "refresh_token"] {
                if let Some(text) = answer[member].as_str() {
                    witness.keep(&format!("renewed {member} {}", witness.secrets.len()), text);
                }
            }
        }
        let change = json!({ "current_password": WRONG, "password": THIRD });
        let changed = visitor.post("/api/v1/user/me/password").json(&change).send().await.unwrap();
        witness.answers.push_str(&changed.text().await.unwrap());

        // What looks into a body and does not understand it.
        for body in [
            format!("{{\"current_password\":\"{WRONG}"),
            format!("{{\"other_password\":\"{WRONG}\"}}"),
            format!("{{\"current_password\":[\"{WRONG}\"]}}"),
        ] {
            let request = visitor.post("/api/v1/account/keys").header("Content-Type", "application/json");
            let answer = request.body(body).send().await.unwrap();
            assert!(answer.status().is_client_error());
            witness.answers.push_str(&answer.text().await.unwrap());
        }
        let key_of_form = forms::refused_and_shown_once(&mut witness, &server, &visitor).await;

        // Everything that can be looked at.
        for path in [
            "/api/v1/user/me", "/api/v1/account/keys", "/api/v1/account/devices", "/api/v1/account/factor",
            "/api/v1/account/export", "/api/session", "/api/preferences", "/api/openapi.json", "/chat", "/history",
            "/profile", "/profile/password", "/profile/factor", "/profile/keys", "/profile/devices", "/profile/data",
            "/settings/general",
        ] {
            witness.send(visitor.get(path), 200).await;
        }
        for path in ["/login", "/register", "/forgot", "/reset", "/verify", "/setup"] {
            witness.send(server.visitor().get(path), 200).await;
        }
        witness.send(server.visitor().get("/factor"), 303).await;
        let log = witness.send(admin.get("/api/v1/admin/audit"), 200).await;
        assert!(log.contains("factor_enrolled") && log.contains("api_key_refused"), "{log}");
        for command in [&["check"][..], &["audit", "verify"]] {
            let ended = server.run(command);
            witness.answers.push_str(&String::from_utf8_lossy(&ended.stdout));
            witness.answers.push_str(&String::from_utf8_lossy(&ended.stderr));
        }

        let (log, all) = (server.log(), dump(&server).await);
        assert!(log.lines().count() > 40 && all.len() > 10_000 && witness.secrets.len() > 25);
        for known in ["account_created", "ann@example.com"] {
            assert!(holds(&all, known.as_bytes()), "what is looked through is the database");
        }
        for (name, secret) in witness.forms() {
            assert!(!holds(witness.answers.as_bytes(), &secret), "an answer holds: {name}");
            assert!(!holds(&all, &secret), "the database holds: {name}");
            if let Some(line) = log.lines().find(|line| holds(line.as_bytes(), &secret)) {
                panic!("the log holds {name}: {line}");
            }
        }
        for word in ["canary", "argon2"] {
            assert!(!log.contains(word), "the log holds {word}");
        }
        let letters = sink.letters();
        for letter in &letters {
            for secret in [PASSWORD, SECOND, secret, key, backup, key_of_form.as_str()] {
                assert!(!letter.raw.contains(secret) && !letter.text.contains(secret));
            }
        }
    }
}
