//! A client that keeps tokens instead of cookies.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::sign_in;
use crate::harness::{
    Server,
    browser::{PASSWORD, email},
};

/// Signs in as a program does, with nothing but what the answer brings.
pub(crate) async fn program(server: &Server, name: &str) -> Program {
    let visitor = server.visitor();
    let response = sign_in(&visitor, &email(name), PASSWORD).await;
    assert_eq!(response.status(), 200);
    Program {
        http: reqwest::Client::new(),
        base: server.base.clone(),
        tokens: response.json().await.unwrap(),
    }
}

/// A client without cookies.
pub(crate) struct Program {
    http: reqwest::Client,
    base: String,
    pub(crate) tokens: Value,
}

impl Program {
    pub(crate) fn access(&self) -> &str {
        self.tokens["access_token"].as_str().expect("a token")
    }

    pub(crate) fn refresh(&self) -> &str {
        self.tokens["refresh_token"].as_str().expect("a token")
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let request = self.ask(Method::GET, path);
        request.bearer_auth(self.access()).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.ask(Method::POST, path).json(body);
        request.bearer_auth(self.access()).send().await.unwrap()
    }

    pub(crate) async fn renew(&self, token: &str) -> Response {
        let request = self.ask(Method::POST, "/api/auth/refresh");
        request.bearer_auth(token).send().await.unwrap()
    }
}
