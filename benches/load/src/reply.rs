//! One reply as its reader sees it: asked for, and read to its end. Must not enter: how many there are, and when.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use http_body_util::BodyExt;
use hyper::{Response, StatusCode, body::Incoming};
use tokio::time::timeout;

use crate::{chat::Chat, tally::Tally};

/// What a reply may take beyond its own length.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A reply, and how it was received.
#[derive(Debug)]
pub struct Reply {
    pub tally: Tally,
    /// µs since the Unix epoch.
    pub asked: i64,
    pub refused: Option<String>,
}

impl Reply {
    pub fn new(chat: &Chat) -> Self {
        Self {
            tally: Tally::new(chat.dialect()),
            asked: 0,
            refused: None,
        }
    }

    /// Asks, and reads to the end. An error is a refusal; what breaks later is in the tally.
    pub async fn read(&mut self, chat: &mut Chat) -> Result<()> {
        self.asked = now();
        let answer = chat.ask().await?;
        take(answer, &mut self.tally).await
    }
}

/// Reads an answer that is a stream of events, until the stream ends. An error is a refusal; what breaks later is in the
/// tally.
pub async fn take(answer: Response<Incoming>, tally: &mut Tally) -> Result<()> {
    if answer.status() != StatusCode::OK {
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        bail!("{status}: {}", String::from_utf8_lossy(&body));
    }
    let mut body = answer.into_body();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(bytes) = frame.data_ref() {
                    tally.feed(bytes, now());
                }
            }
            Err(error) => {
                tally.trouble = Some(error.to_string());
                break;
            }
        }
    }
    Ok(())
}

/// Asks for one reply and reads it; µs from the request to the provider's first token.
pub async fn ask_once(chat: &mut Chat) -> Result<i64> {
    let mut reply = Reply::new(chat);
    timeout(PATIENCE, reply.read(chat)).await??;
    let first = reply
        .tally
        .samples
        .first()
        .context("a reply without a token")?;
    Ok(first.0 - first.1 - reply.asked)
}

/// µs since the Unix epoch, the clock of the provider's tokens.
pub fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
