//! Word of replies that ended while nobody looked: encrypted for one browser, by a push service of the test's own.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use web_push_native::{
    Auth, decrypt,
    p256::{SecretKey, elliptic_curve::sec1::ToEncodedPoint},
};

use crate::harness::{Browser, Engine, Server, fields, on_both, problem};

pub(crate) const VAPID_KEY: &str = "RS0WdYWWo1HajXg3NZR1olzCf31i-ZBGDkFyCs7j1jw";
const AUTH: [u8; 16] = [9; 16];

/// What the service was sent.
type Post = (HeaderMap, Vec<u8>);

/// A push service.
struct Service {
    address: String,
    received: Arc<Mutex<Vec<Post>>>,
    status: Arc<Mutex<u16>>,
}

type Desk = (Arc<Mutex<Vec<Post>>>, Arc<Mutex<u16>>);

async fn receive(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> StatusCode {
    desk.0.lock().unwrap().push((headers, body.to_vec()));
    StatusCode::from_u16(*desk.1.lock().unwrap()).unwrap()
}

impl Service {
    async fn start() -> Self {
        let desk: Desk = (Arc::default(), Arc::new(Mutex::new(201)));
        let router = Router::new()
            .route("/push/{id}", post(receive))
            .with_state(desk.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            received: desk.0,
            status: desk.1,
        }
    }

    fn subscription(&self, id: &str) -> Value {
        subscription(&format!("{}/push/{id}", self.address))
    }

    async fn messages(&self, count: usize) -> Vec<(HeaderMap, Value)> {
        for _ in 0..500 {
            if self.received.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let received = self.received.lock().unwrap();
        assert_eq!(received.len(), count);
        let read = |body: &Vec<u8>| decrypt(body.clone(), &key(), &Auth::from(AUTH)).unwrap();
        received
            .iter()
            .map(|(headers, body)| {
                let message = serde_json::from_slice(&read(body)).unwrap();
                (headers.clone(), message)
            })
            .collect()
    }
}

/// The browser's.
fn key() -> SecretKey {
    SecretKey::from_slice(&[7; 32]).unwrap()
}

/// As the browser's `PushSubscription` writes itself.
pub(crate) fn subscription(endpoint: &str) -> Value {
    let point = key().public_key().to_encoded_point(false);
    json!({
        "endpoint": endpoint,
        "expirationTime": null,
        "keys": { "p256dh": base64url(point.as_bytes()), "auth": base64url(&AUTH) },
    })
}

/// RFC 4648 §5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for digit in 0..=three.len() {
            text.push(char::from(DIGITS[bits >> (18 - 6 * digit) & 63]));
        }
    }
    text
}

async fn server(engine: Engine, after_ms: &str, service: &Service) -> Server {
    let place = service.address.trim_start_matches("http://");
    let settings = [
        ("PARLANCE_VAPID_KEY", VAPID_KEY),
        ("PARLANCE_VAPID_SUBJECT", "mailto:owner@example.com"),
        ("PARLANCE_PUSH_HOSTS", "127.0.0.1"),
        ("PARLANCE_EGRESS_ALLOW", place),
        ("PARLANCE_PUSH_AFTER_MS", after_ms),
    ];
    Server::start_with(engine, "words-10@20", &settings).await
}

pub(crate) async fn subscribe(browser: &Browser, subscription: &Value) -> reqwest::Response {
    let request = browser.post("/api/push/subscriptions");
    request.json(subscription).send().await.unwrap()
}

/// Asks, and waits until the reply is stored.
pub(crate) async fn reply(browser: &Browser, id: &str) {
    browser.say(id, "the first words").await;
    for _ in 0..500 {
        let open = browser.open(id).await;
        if open["active"].is_null() && open["messages"].as_array().unwrap().len() % 2 == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no reply");
}

on_both! {
    async fn a_reply_that_nobody_saw_is_told_of(engine: Engine) {
        let service = Service::start().await;
        let server = server(engine, "100", &service).await;
        let ann = server.member("ann").await;
        let id = ann.conversation().await;
        assert_eq!(subscribe(&ann, &service.subscription("a")).await.status(), 204);
        reply(&ann, &id).await;
        let (headers, message) = service.messages(1).await.remove(0);
        assert_eq!(message, json!({ "id": id, "title": "the first words" }));
        assert_eq!(headers["content-encoding"], "aes128gcm");
        assert!(headers["ttl"].to_str().unwrap().parse::<u32>().unwrap() > 0);
        assert!(headers["topic"].len() <= 32);
        let word = headers["authorization"].to_str().unwrap();
        let page = ann.page("/chat").await;
        let key = page.source.split("data-key=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(word.starts_with("vapid t=") && word.ends_with(&format!(", k={key}")), "{word}");

        // A browser that does not want any more is not asked again.
        *service.status.lock().unwrap() = 410;
        reply(&ann, &id).await;
        service.messages(2).await;
        *service.status.lock().unwrap() = 201;
        tokio::time::sleep(Duration::from_millis(300)).await;
        reply(&ann, &id).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        service.messages(2).await;
    }

    async fn a_session_that_ends_takes_its_browser_along(engine: Engine) {
        let service = Service::start().await;
        let server = server(engine, "100", &service).await;
        let (desk, phone) = (server.member("ann").await, server.visitor());
        let body = json!({ "email": "ann@example.com", "password": crate::harness::browser::PASSWORD });
        assert_eq!(phone.post("/api/auth/login").json(&body).send().await.unwrap().status(), 200);
        assert_eq!(subscribe(&phone, &service.subscription("phone")).await.status(), 204);
        assert_eq!(phone.post("/api/auth/logout").send().await.unwrap().status(), 204);
        let id = desk.conversation().await;
        reply(&desk, &id).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        service.messages(0).await;
    }

    async fn a_browser_that_signs_in_again_is_still_told_and_a_strangers_is_not(engine: Engine) {
        let service = Service::start().await;
        let server = server(engine, "100", &service).await;
        let (ann, bob) = (server.member("ann").await, server.member("bob").await);
        let browser = server.visitor();
        let enter = async |name: &str| {
            let body = json!({ "email": format!("{name}@example.com"), "password": crate::harness::browser::PASSWORD });
            let request = browser.post("/api/auth/login").header("Sec-Fetch-Mode", "cors");
            assert_eq!(request.json(&body).send().await.unwrap().status(), 200);
        };
        enter("ann").await;
        assert_eq!(subscribe(&browser, &service.subscription("browser")).await.status(), 204);
        enter("ann").await;
        reply(&ann, &ann.conversation().await).await;
        service.messages(1).await;
        // Somebody else takes the browser over: it is told nothing of what is ann's any more.
        enter("bob").await;
        reply(&ann, &ann.conversation().await).await;
        reply(&bob, &bob.conversation().await).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        service.messages(1).await;
    }
}

#[tokio::test]
async fn whoever_reads_along_is_told_nothing() {
    let service = Service::start().await;
    let server = server(Engine::Sqlite, "100", &service).await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    subscribe(&ann, &service.subscription("a")).await;
    let stream = ann.follow(&id, None).await;
    reply(&ann, &id).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(500)).await;
    service.messages(0).await;
}

#[tokio::test]
async fn a_short_reply_is_no_news() {
    let service = Service::start().await;
    let server = server(Engine::Sqlite, "60000", &service).await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    subscribe(&ann, &service.subscription("a")).await;
    reply(&ann, &id).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    service.messages(0).await;
}

#[tokio::test]
async fn a_subscription_cannot_lead_the_server_astray() {
    let service = Service::start().await;
    let server = server(Engine::Sqlite, "100", &service).await;
    let ann = server.member("ann").await;
    let good = service.subscription("a");
    for endpoint in [
        "http://localhost:1/",
        "https://10.0.0.1/",
        "https://example.com/push",
        "http://fcm.googleapis.com/x",
        "file:///etc/passwd",
        "",
    ] {
        let mut bad = good.clone();
        bad["endpoint"] = endpoint.into();
        let answer = problem(subscribe(&ann, &bad).await, 422).await;
        assert_eq!(fields(&answer), ["endpoint malformed"], "{endpoint}");
    }
    for (field, value) in [("p256dh", "AAAA"), ("auth", "no base64!")] {
        let mut bad = good.clone();
        bad["keys"][field] = value.into();
        let answer = problem(subscribe(&ann, &bad).await, 422).await;
        assert_eq!(fields(&answer), [format!("{field} malformed")]);
    }
    assert_eq!(subscribe(&server.visitor(), &good).await.status(), 401);
}

#[tokio::test]
async fn without_a_key_nothing_is_offered() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let service = Service::start().await;
    let ann = server.member("ann").await;
    let answer = subscribe(&ann, &service.subscription("a")).await;
    assert_eq!(answer.status(), 404);
    assert_eq!(ann.page("/chat").await.count("[data-key]"), 0);
}
