//! Acts the steps of a reply out in time, as a stream of bytes or gathered into one answer.
//! The ticket travels inside, so that whoever drops the reply is noticed.

use std::{
    collections::VecDeque,
    io::{self, Write},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value, json};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    dialect::{Voice, openai::Envelope},
    ledger::{Ticket, since_epoch},
    script::Step,
    socket::Line,
    wire::Framing,
};

/// Between two comments of a provider that has nothing to say.
const MURMUR: Duration = Duration::from_millis(200);

pub(crate) struct Player {
    pub(crate) steps: VecDeque<Step>,
    pub(crate) voice: Voice,
    /// Tokens per second; 0 = no delay.
    pub(crate) rate: usize,
    pub(crate) ticket: Ticket,
    pub(crate) line: Line,
    /// Closes when the provider shuts down.
    pub(crate) alive: watch::Receiver<()>,
}

impl Player {
    /// The reply as server-sent events.
    pub(crate) fn stream(self, framing: Framing) -> Response {
        let gzip = framing.is_packed();
        let show = Show {
            packer: gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
            started: Instant::now(),
            played: 0,
            pending: VecDeque::new(),
            framing,
            player: self,
        };
        let bytes = futures::stream::unfold(show, |mut show| async {
            let mut alive = show.player.alive.clone();
            let piece = tokio::select! {
                piece = show.next() => piece?,
                _ = alive.changed() => Err(io::ErrorKind::ConnectionAborted.into()),
            };
            Some((piece, show))
        });
        let headers = [
            (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        let mut response = (headers, Body::from_stream(bytes)).into_response();
        if gzip {
            let packed = HeaderValue::from_static("gzip");
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, packed);
        }
        response
    }

    /// The reply in one piece. A stream without an end becomes JSON cut in the middle; an error in it, a 500.
    pub(crate) async fn gather(mut self, envelope: Envelope) -> Response {
        let (started, mut played) = (Instant::now(), 0);
        let (mut text, mut reasoning) = (String::new(), String::new());
        let (mut finish, mut usage) = (None, Value::Null);
        while let Some(step) = self.steps.pop_front() {
            match step {
                Step::Token(token) => {
                    turn(started, played, self.rate).await;
                    played += 1;
                    let target = if token.is_reasoning() {
                        &mut reasoning
                    } else {
                        &mut text
                    };
                    target.push_str(&token.text(since_epoch()));
                }
                Step::Event(event) if event.get("error").is_some() => {
                    self.ticket.complete();
                    return json_response(StatusCode::INTERNAL_SERVER_ERROR, event.to_string());
                }
                Step::Event(event) => {
                    if let Some(reason) = event["choices"][0]["finish_reason"].as_str() {
                        finish = Some(reason.to_owned());
                    }
                    usage = event.get("usage").cloned().unwrap_or(usage);
                }
                Step::Data(_) => {}
                Step::Hang | Step::Murmur => return self.hang().await,
                Step::Reset => return self.reset(),
            }
        }
        self.ticket.complete();
        let mut message = Map::from_iter([
            ("role".to_owned(), json!("assistant")),
            ("content".to_owned(), json!(text)),
        ]);
        if !reasoning.is_empty() {
            message.insert("reasoning_content".to_owned(), json!(reasoning));
        }
        let ended = finish.as_deref();
        let mut body = envelope
            .completion(message.into(), ended.unwrap_or("stop"), usage)
            .to_string();
        if ended.is_none() {
            let half = body.floor_char_boundary(body.len() / 2);
            body.truncate(half);
        }
        json_response(StatusCode::OK, body)
    }

    /// Answers nothing until the client gives up, or the provider ends.
    pub(crate) async fn hang(mut self) -> Response {
        let _ = self.alive.changed().await;
        self.reset()
    }

    /// Breaks the connection; the response returned is never written.
    pub(crate) fn reset(mut self) -> Response {
        self.line.cut();
        self.ticket.complete();
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

/// A player on the air.
struct Show {
    player: Player,
    framing: Framing,
    /// Set when the body is compressed, asked for or not.
    packer: Option<GzEncoder<Vec<u8>>>,
    pending: VecDeque<Bytes>,
    started: Instant,
    played: u32,
}

impl Show {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        while self.pending.is_empty() {
            let (name, data) = match self.player.steps.pop_front() {
                Some(Step::Token(token)) => {
                    turn(self.started, self.played, self.player.rate).await;
                    self.played += 1;
                    let is_thought = token.is_reasoning();
                    let event = self
                        .player
                        .voice
                        .said(is_thought, &token.text(since_epoch()));
                    self.named(&event)
                }
                Some(Step::Event(event)) => self.named(&event),
                Some(Step::Data(data)) => (None, data),
                Some(Step::Hang) => std::future::pending().await,
                Some(Step::Murmur) => {
                    sleep(MURMUR).await;
                    self.player.steps.push_back(Step::Murmur);
                    return Some(Ok(Bytes::from_static(b": still here\n\n")));
                }
                Some(Step::Reset) => {
                    // What was sent must reach the reader first: a reset may overtake it.
                    sleep(Duration::from_millis(20)).await;
                    self.player.line.cut();
                    self.player.ticket.complete();
                    return Some(Err(io::ErrorKind::ConnectionReset.into()));
                }
                None => {
                    self.player.ticket.complete();
                    return None;
                }
            };
            let pieces = self.framing.pieces(name.as_deref(), &data);
            self.pending.extend(pieces);
            self.pack();
        }
        if self.framing.is_cut() {
            sleep(Duration::from_millis(1)).await;
        }
        let piece = self.pending.pop_front();
        if self.pending.is_empty() && self.player.steps.is_empty() {
            // A client may hang up on reading the last event: that is no abort.
            self.player.ticket.complete();
        }
        piece.map(Ok)
    }

    /// Puts what waits into the compressed body, so that each event can be read when it has come.
    fn pack(&mut self) {
        let Some(packer) = &mut self.packer else {
            return;
        };
        // Writing into memory does not fail.
        for piece in self.pending.drain(..) {
            let _ = packer.write_all(&piece);
        }
        let _ = if self.player.steps.is_empty() {
            packer.try_finish()
        } else {
            packer.flush()
        };
        self.pending
            .push_back(std::mem::take(packer.get_mut()).into());
    }

    fn named(&self, event: &Value) -> (Option<String>, Vec<u8>) {
        let name = self.player.voice.name(event);
        (name, event.to_string().into_bytes())
    }
}

/// Waits for the turn of token number `index`. Reckoned from the start, so that a late timer does not slow the rate.
async fn turn(started: Instant, index: u32, rate: usize) {
    if let Some(gap) = u32::try_from(rate).ok().filter(|rate| *rate > 0) {
        sleep_until(started + Duration::from_secs(1) * index / gap).await;
    }
}

fn json_response(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
