//! A WebSocket client that expects things within reason.

use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{id, post};
use crate::harness::{Browser, Server};

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What the server did.
#[derive(Debug)]
pub enum Heard {
    Said(Value),
    /// With its code; none if it just hung up.
    Closed(Option<u16>),
}

/// A fresh ticket.
pub async fn ticket(browser: &Browser) -> String {
    let response = post(browser, "/api/ws/ticket", &json!({})).await;
    assert_eq!(response.status(), 200);
    let ticket: Value = response.json().await.unwrap();
    assert!(ticket["expires_at"].as_str().unwrap().ends_with('Z'));
    id(&ticket, "token").to_owned()
}

impl Socket {
    /// Opens one with these headers; the status if the server did not let it.
    pub async fn open(
        base: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let address = format!("{}{path}", base.replace("http://", "ws://"));
        let mut request = address.into_client_request().unwrap();
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let opening = tokio::time::timeout(PATIENCE, connect_async(request)).await;
        match opening.expect("an answer within reason") {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// One for this session, with a fresh ticket.
    pub async fn session(server: &Server, browser: &Browser, session: &str) -> Self {
        Self::session_after(server, browser, session, None).await
    }

    /// The same, after a cursor.
    pub async fn session_after(
        server: &Server,
        browser: &Browser,
        session: &str,
        after: Option<&str>,
    ) -> Self {
        let after = after
            .map(|cursor| format!("&after={cursor}"))
            .unwrap_or_default();
        let path = format!("/ws/chat/{session}?token={}{after}", ticket(browser).await);
        Self::open(&server.base, &path, &[]).await.expect("open")
    }

    /// One for all conversations, with a fresh ticket.
    pub async fn chat(server: &Server, browser: &Browser) -> Self {
        let path = format!("/api/chat/ws/chat?token={}", ticket(browser).await);
        Self::open(&server.base, &path, &[]).await.expect("open")
    }

    pub async fn say(&mut self, saying: &Value) {
        self.say_raw(&saying.to_string()).await;
    }

    pub async fn say_raw(&mut self, text: &str) {
        // The server may have hung up already; what it said then is read next.
        let _ = self.stream.send(Message::text(text)).await;
    }

    pub async fn hear(&mut self) -> Heard {
        tokio::time::timeout(PATIENCE, self.read())
            .await
            .expect("something within reason")
    }

    async fn read(&mut self) -> Heard {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Said(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Close(frame))) => {
                    return Heard::Closed(frame.map(|frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(None),
            }
        }
    }

    /// Reads on to a saying that fits; all until then, it last. Heartbeats do not lengthen the wait.
    pub async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut said = Vec::new();
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE * 2, "only {said:?}");
            match self.hear().await {
                Heard::Said(saying) => {
                    let found = fits(&saying);
                    said.push(saying);
                    if found {
                        return said;
                    }
                }
                Heard::Closed(code) => panic!("closed with {code:?} after {said:?}"),
            }
        }
    }

    /// Reads on to the one of this type.
    pub async fn find(&mut self, kind: &str) -> Value {
        self.until(|saying| saying["type"] == kind)
            .await
            .pop()
            .unwrap()
    }

    /// Reads on to the end; the close code.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Heard::Closed(code) = self.hear().await {
                return code;
            }
        }
    }
}
