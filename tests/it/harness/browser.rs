//! A client with a cookie jar that says what browsers say.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};

use super::Events;

pub const PASSWORD: &str = "correct-horse-1";
/// Longer than any answer, and any silence of a stream, may last: a question that is never answered is a failed test,
/// not one that never ends.
const PATIENCE: Duration = Duration::from_secs(90);

/// One signed-in (or not) client.
#[derive(Clone)]
pub struct Browser {
    pub http: Client,
    pub base: String,
}

impl Browser {
    pub fn new(base: &str) -> Self {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            // What is on the wire is what tests look at.
            .no_gzip()
            .read_timeout(PATIENCE)
            .build()
            .expect("client");
        Self {
            http,
            base: base.to_owned(),
        }
    }

    /// The same cookies against another address (after a restart on another port).
    pub fn at(&self, base: &str) -> Self {
        Self {
            http: self.http.clone(),
            base: base.to_owned(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("Sec-Fetch-Site", "same-origin")
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    pub async fn register(&self, name: &str) {
        let body = json!({ "username": name, "email": email(name), "password": PASSWORD });
        let response = self
            .post("/api/auth/register")
            .json(&body)
            .send()
            .await
            .expect("answers");
        assert_eq!(
            response.status(),
            201,
            "{}",
            response.text().await.unwrap_or_default()
        );
    }

    /// A new, empty conversation.
    pub async fn conversation(&self) -> String {
        let response = self
            .post("/api/conversations")
            .json(&json!({}))
            .send()
            .await
            .expect("answers");
        assert_eq!(response.status(), 201);
        let body: Value = response.json().await.expect("JSON");
        body["id"].as_str().expect("id").to_owned()
    }

    pub async fn send(&self, conversation: &str, content: &str, client_id: &str) -> Response {
        let body = json!({ "content": content, "client_message_id": client_id });
        self.post(&format!("/api/conversations/{conversation}/messages"))
            .json(&body)
            .send()
            .await
            .expect("answers")
    }

    /// Sends and expects to be taken in; the answer's JSON.
    pub async fn say(&self, conversation: &str, content: &str) -> Value {
        let client_id = uuid::Uuid::now_v7().to_string();
        let response = self.send(conversation, content, &client_id).await;
        assert_eq!(response.status(), 202);
        response.json().await.expect("JSON")
    }

    /// The conversation as the API shows it.
    pub async fn open(&self, conversation: &str) -> Value {
        let response = self
            .get(&format!("/api/conversations/{conversation}"))
            .send()
            .await
            .expect("answers");
        assert_eq!(response.status(), 200);
        response.json().await.expect("JSON")
    }

    /// The live stream, after a cursor if one is given.
    pub async fn follow(&self, conversation: &str, after: Option<&str>) -> Events {
        let query = after
            .map(|cursor| format!("?after={cursor}"))
            .unwrap_or_default();
        let path = format!("/api/conversations/{conversation}/stream{query}");
        let response = self.get(&path).send().await.expect("answers");
        assert_eq!(response.status(), 200);
        Events::of(response)
    }
}

/// The address that [`Browser::register`] uses.
pub fn email(name: &str) -> String {
    format!("{name}@example.com")
}
