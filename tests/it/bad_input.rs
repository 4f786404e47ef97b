//! Requests that make no sense: each gets the status that says so, in the product's error format, and
//! the process goes on.

mod address;
mod body;
mod noise;

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Server};

const KIB: usize = 1024;

/// Posts these bytes, called `kind`.
async fn post(
    browser: &Browser,
    path: &str,
    kind: &str,
    body: impl Into<reqwest::Body>,
) -> Response {
    let request = browser.post(path).body(body);
    let request = if kind.is_empty() {
        request
    } else {
        request.header("Content-Type", kind)
    };
    request.send().await.unwrap()
}

async fn start() -> (Server, Browser, String) {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    (server, ann, format!("/api/conversations/{id}/messages"))
}

async fn assert_nothing_was_said(browser: &Browser, messages: &str) {
    let open = browser
        .get(messages.trim_end_matches("/messages"))
        .send()
        .await
        .unwrap();
    assert_eq!(open.json::<Value>().await.unwrap()["messages"], json!([]));
}
