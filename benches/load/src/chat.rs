//! One client: a connection of its own, kept alive, on which it asks for replies, of the provider or of Parlance. Must
//! not enter: what is measured.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::Instant};

use crate::tally::Dialect;

/// Where replies come from.
#[derive(Clone, Debug)]
pub enum Target {
    /// Something that speaks the provider's format: the provider, or a proxy before it.
    Provider { addr: SocketAddr, model: String },
    Parlance {
        addr: SocketAddr,
        /// The cookies of those who ask, taken in turn.
        users: Vec<String>,
    },
}

impl Target {
    /// Connects as client `number`; with Parlance, makes a conversation too.
    pub async fn join(&self, number: usize) -> Result<Chat> {
        match self {
            Self::Provider { addr, model } => Ok(Chat {
                line: Line::open(*addr).await?,
                place: Place::Provider {
                    model: model.clone(),
                    before: Vec::new(),
                },
            }),
            Self::Parlance { addr, users } => {
                let user = users.get(number % users.len().max(1)).context("no users")?;
                let mut line = Line::open(*addr).await?;
                let made = line.post("/api/conversations", user, &json!({})).await?;
                let made = whole(made, StatusCode::CREATED).await?;
                let id = made["id"].as_str().context("a conversation without id")?;
                Ok(Chat {
                    line,
                    place: Place::Conversation {
                        id: id.to_owned(),
                        user: user.clone(),
                    },
                })
            }
        }
    }
}

/// One client's conversation.
#[derive(Debug)]
pub struct Chat {
    line: Line,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Provider {
        model: String,
        /// The provider remembers nothing.
        before: Vec<Value>,
    },
    Conversation {
        id: String,
        user: String,
    },
}

/// A client without its connection.
#[derive(Debug)]
pub struct Seat {
    addr: SocketAddr,
    place: Place,
}

impl Seat {
    /// Connects again.
    pub async fn sit_down(&self) -> Result<Chat> {
        self.sit_down_at(self.addr).await
    }

    /// The same where the server is now.
    pub async fn sit_down_at(&self, addr: SocketAddr) -> Result<Chat> {
        Ok(Chat {
            line: Line::open(addr).await?,
            place: self.place.clone(),
        })
    }
}

impl Place {
    /// Where its events are, and the cookie of the one who may see them.
    fn stream(&self) -> Result<(String, &str)> {
        let Self::Conversation { id, user } = self else {
            bail!("a provider has nothing to follow");
        };
        Ok((format!("/api/conversations/{id}/stream"), user))
    }
}

impl Chat {
    pub fn dialect(&self) -> Dialect {
        match self.place {
            Place::Provider { .. } => Dialect::Provider,
            Place::Conversation { .. } => Dialect::Parlance,
        }
    }

    /// Makes the conversation `messages` long without asking for replies; only the provider can be told so.
    pub fn pretend(&mut self, messages: usize) {
        if let Place::Provider { before, .. } = &mut self.place {
            let roles = ["user", "assistant"].iter().cycle();
            *before = roles
                .take(messages)
                .map(|role| json!({ "role": role, "content": QUESTION }))
                .collect();
        }
    }

    /// Asks for a reply; the body of the answer is its events.
    pub async fn ask(&mut self) -> Result<Response<Incoming>> {
        self.ask_about(QUESTION).await
    }

    /// The same in other words.
    pub async fn ask_about(&mut self, question: &str) -> Result<Response<Incoming>> {
        match &mut self.place {
            Place::Provider { model, before } => {
                let mut messages = before.clone();
                messages.push(json!({ "role": "user", "content": question }));
                let body = json!({
                    "model": model, "messages": messages, "stream": true,
                    "stream_options": { "include_usage": true },
                });
                self.line.post("/v1/chat/completions", "", &body).await
            }
            Place::Conversation { id, user } => {
                // A number that this person has not used, in any conversation.
                let number = ASKED.fetch_add(1, Ordering::Relaxed);
                let body = json!({
                    "content": question, "client_message_id": format!("load-{number}"),
                });
                let path = format!("/api/conversations/{id}/messages");
                self.line.post(&path, user, &body).await
            }
        }
    }

    /// A second client in the same conversation, on a connection of its own.
    pub async fn beside(&self) -> Result<Self> {
        Ok(Self {
            line: Line::open(self.line.addr).await?,
            place: self.place.clone(),
        })
    }

    /// Closes the connection.
    pub fn leave(self) -> Seat {
        Seat {
            addr: self.line.addr,
            place: self.place,
        }
    }

    /// What a client that follows the conversation writes on its connection.
    pub fn following(&self) -> Result<String> {
        let (path, user) = self.place.stream()?;
        let host = self.line.addr;
        Ok(format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/event-stream\r\ncookie: {user}\r\n\r\n"
        ))
    }

    /// Follows the conversation without asking for anything.
    pub async fn follow(&mut self) -> Result<Response<Incoming>> {
        let (path, user) = self.place.stream()?;
        self.line.get(&path, user).await
    }

    /// Follows from a cursor to the end of the reply under way, as a client that comes back.
    pub async fn resume(&mut self, cursor: &str) -> Result<Response<Incoming>> {
        let (path, user) = self.place.stream()?;
        let path = format!("{path}?once=1&after={cursor}");
        self.line.get(&path, user).await
    }
}

/// Requests so far, of all clients.
static ASKED: AtomicU64 = AtomicU64::new(0);
const QUESTION: &str = "How do tides work, and why are there two of them a day?";

/// A connection, one request at a time.
#[derive(Debug)]
pub struct Line {
    addr: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
    /// When it was last asked.
    used: Instant,
    /// The address that it claims to come from, for servers that believe it.
    from: Option<String>,
}

/// A connection that has not been asked for so long is not asked again: the server closes idle ones after 15 s.
const IDLE: Duration = Duration::from_secs(10);

impl Line {
    pub async fn open(addr: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(addr)
            .await
            .with_context(|| format!("cannot connect to {addr}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with its sender; how, the sender is told too.
        tokio::spawn(async move { drop(connection.await) });
        let used = Instant::now();
        let from = None;
        Ok(Self {
            addr,
            sender,
            used,
            from,
        })
    }

    /// The same, as if from another address.
    #[must_use]
    pub fn claiming(mut self, from: String) -> Self {
        self.from = Some(from);
        self
    }

    pub async fn get(&mut self, path: &str, cookie: &str) -> Result<Response<Incoming>> {
        self.send(Method::GET, path, cookie, Bytes::new()).await
    }

    /// Posts JSON.
    pub async fn post(
        &mut self,
        path: &str,
        cookie: &str,
        body: &Value,
    ) -> Result<Response<Incoming>> {
        let body = Bytes::from(body.to_string());
        self.send(Method::POST, path, cookie, body).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        cookie: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.addr.to_string())
            .header(header::ORIGIN, format!("http://{}", self.addr))
            .header(header::ACCEPT, "text/event-stream");
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(from) = &self.from {
            request = request.header("x-forwarded-for", from);
        }
        if self.sender.is_closed() || self.used.elapsed() > IDLE {
            let from = self.from.take();
            *self = Self::open(self.addr).await?;
            self.from = from;
        }
        self.used = Instant::now();
        self.sender.ready().await?;
        Ok(self
            .sender
            .send_request(request.body(Full::new(body))?)
            .await?)
    }
}

/// Makes an account and gives the cookie of its session.
pub async fn register(addr: SocketAddr, number: usize) -> Result<String> {
    let body = json!({
        "username": format!("load{number}"), "email": format!("load{number}@example.com"),
        "password": "load-pass-1",
    });
    let answer = Line::open(addr)
        .await?
        .post("/api/auth/register", "", &body)
        .await?;
    let cookie = answer
        .headers()
        .get(header::SET_COOKIE)
        .and_then(|cookie| cookie.to_str().ok()?.split(';').next())
        .map(str::to_owned);
    whole(answer, StatusCode::CREATED).await?;
    cookie.context("a sign-up without a cookie")
}

/// The whole body as JSON.
pub async fn whole(answer: Response<Incoming>, expected: StatusCode) -> Result<Value> {
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    if status != expected {
        bail!("{status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(serde_json::from_slice(&body).unwrap_or_default())
}
