//! One open socket: written only when it takes, asked for a sign of life, and given up when it gives none.
//!
//! Must not enter: what is said.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, WebSocket},
};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    Close,
    feeds::{Feeds, Heard},
    frame::word,
};
use crate::web::error::Fault;

/// A peer that takes nothing for so long is gone.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// For the peer's half of the closing handshake.
const CLOSE_TIME: Duration = Duration::from_secs(2);

pub(super) struct Line {
    socket: WebSocket,
    heartbeat: Duration,
    next_ping: Instant,
    /// When the peer last sent anything.
    heard: Instant,
}

/// The peer has left, or takes nothing any more.
#[derive(Debug)]
pub(super) struct Gone;

/// What there is to do next.
pub(super) enum Next {
    /// The peer said this.
    Said(String),
    /// The peer said something that cannot be taken.
    Refused(Close),
    /// The engine did.
    Event(Heard),
}

impl Line {
    pub(super) fn new(socket: WebSocket, heartbeat: Duration) -> Self {
        let now = Instant::now();
        Self {
            socket,
            heartbeat,
            next_ping: now + heartbeat,
            heard: now,
        }
    }

    /// Writes one text message.
    pub(super) async fn say(&mut self, text: String) -> Result<(), Gone> {
        self.write(Message::Text(text.into())).await
    }

    /// Answers what the peer said, if there is anything to answer.
    pub(super) async fn answer(
        &mut self,
        answer: Result<Option<String>, Fault>,
    ) -> Result<(), Gone> {
        let answer = answer.unwrap_or_else(|fault| Some(word("error", fault.into_problem())));
        match answer {
            Some(text) => self.say(text).await,
            None => Ok(()),
        }
    }

    /// Waits for the peer or the engine, whichever comes first, and keeps the heart beating meanwhile.
    pub(super) async fn next(&mut self, feeds: &mut Feeds) -> Result<Next, Gone> {
        loop {
            // Two and a half, so that one lost answer is no death.
            let death = self.heard + self.heartbeat * 5 / 2;
            tokio::select! {
                // The peer first: after a slow write its answers lie unread, and must count before its death does.
                biased;
                message = self.socket.recv() => {
                    self.heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => return Ok(Next::Said(text.as_str().to_owned())),
                        Some(Ok(Message::Binary(_))) => return Ok(Next::Said(String::new())),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Close(_))) | None => return Err(Gone),
                        Some(Err(error)) => {
                            let too_long = error.to_string().contains("too long");
                            return Ok(Next::Refused(if too_long { Close::TooLarge } else { Close::Malformed }));
                        }
                    }
                }
                heard = feeds.next(), if !feeds.is_empty() => return Ok(Next::Event(heard)),
                () = sleep_until(death) => return Err(Gone),
                () = sleep_until(self.next_ping) => {
                    self.next_ping = Instant::now() + self.heartbeat;
                    self.write(Message::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    /// Says why and waits a moment for the peer to agree: hanging up on unread input would break the connection
    /// before the peer has read the reason.
    pub(super) async fn close(mut self, close: Close) {
        let frame = CloseFrame {
            code: close.code(),
            reason: close.word().into(),
        };
        if self.write(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        let agreed = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        // Whoever does not agree is hung up on.
        let _ = timeout(CLOSE_TIME, agreed).await;
    }

    async fn write(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(WRITE_TIME, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}
