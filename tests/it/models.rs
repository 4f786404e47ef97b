//! Model configurations: who keeps which, what is asked because of them, and where their keys go.

mod asking;
mod comparing;
mod facade;
mod keeping;
mod keys;

use parlance_upstream::{Seen, Upstream};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Server, events::Reply};

const KEY: &str = "sk-own-canary-0123456789";

/// A server that lets people name one provider of the test's own, and a person on it.
struct World {
    server: Server,
    /// The provider that people name; the server's own is `server.upstream`.
    upstream: Upstream,
    ann: Browser,
}

impl World {
    async fn begin(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    async fn with(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let upstream = Upstream::start().await;
        let allow = place(&upstream);
        let own = [("PARLANCE_EGRESS_ALLOW", allow.as_str())];
        let all = [&own[..], settings].concat();
        let server = Server::start_with(engine, "words-1", &all).await;
        let ann = server.member("ann").await;
        Self {
            server,
            upstream,
            ann,
        }
    }

    /// A configuration that asks the test's provider.
    fn draft(&self) -> Value {
        json!({
            "name": "Mine", "kind": "openai", "base_url": self.upstream.base_url(), "model": "as-said",
            "api_key": KEY,
        })
    }

    /// The last request as the provider that people name saw it.
    fn seen(&self) -> Seen {
        self.upstream.requests().pop().expect("a request")
    }
}

/// Host and port.
fn place(upstream: &Upstream) -> String {
    let url = reqwest::Url::parse(&upstream.root_url()).unwrap();
    format!("127.0.0.1:{}", url.port().unwrap())
}

async fn post(browser: &Browser, path: &str, body: &Value) -> Response {
    browser.post(path).json(body).send().await.unwrap()
}

async fn put(browser: &Browser, path: &str, body: &Value) -> Response {
    let request = browser.request(Method::PUT, path);
    request.json(body).send().await.unwrap()
}

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn told(answer: Response, status: u16) -> Value {
    let (got, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Makes one; its id.
async fn make(browser: &Browser, body: &Value) -> String {
    let made = told(post(browser, "/api/v1/models", body).await, 201).await;
    made["id"].as_str().unwrap().to_owned()
}

/// A conversation that asks this.
async fn conversation(browser: &Browser, model: &str) -> String {
    let body = json!({ "model_config_id": model });
    let made = told(post(browser, "/api/v1/conversations", &body).await, 201).await;
    assert_eq!(made["model_config_id"], model);
    made["id"].as_str().unwrap().to_owned()
}

/// Sends with these members beside the text, and reads the reply to its end.
async fn say(browser: &Browser, id: &str, words: &str, more: Value) -> Value {
    let mut body =
        json!({ "content": words, "client_message_id": uuid::Uuid::now_v7().simple().to_string() });
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    let path = format!("/api/v1/conversations/{id}/messages");
    let begun = told(post(browser, &path, &body).await, 202).await;
    end_of(browser, id, &begun).await
}

/// The end of the reply that was begun.
async fn end_of(browser: &Browser, id: &str, begun: &Value) -> Value {
    let mut events = browser.follow(id, None).await;
    loop {
        let end = events.read_to_final(&mut Reply::default()).await;
        if end["generation_id"] == begun["generation_id"] {
            return end;
        }
    }
}
