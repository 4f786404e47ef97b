//! Model providers for tests: the wire formats of OpenAI's chat, Anthropic's messages, Google's Gemini and of an agent
//! (`docs/agent.md`), spoken over a real socket, requests read as strictly as by the real ones.
//!
//! The **model name** says how the reply behaves, so a test picks it per request and tests that run side by side do
//! not disturb one another. A name is made of parts joined by `+`; `@RATE` is tokens per second, 0 or nothing = as fast
//! as possible.
//!
//! | part | reply |
//! | --- | --- |
//! | `words-200@50` | 200 tokens `w<n>@<µs since the Unix epoch> `, n from 1: lost, doubled, reordered or late ones show |
//! | `think-20+words-100@100` | 20 reasoning tokens `r<n> ` first |
//! | `echo` | the last user message |
//! | `history` | the JSON of the `messages` received |
//! | `markdown` | [`MARKDOWN`] in small pieces, 200 a second unless told |
//! | `essay-5000@100` | 5 000 such pieces: [`MARKDOWN`] over and over |
//! | `polyglot` | [`POLYGLOT`] one character at a time |
//! | `as-said` | as the model that the first word of the last user message names (alone, without other parts) |
//! | `fault-KIND@K@RATE` | a fault after K tokens (5 unless told); alone it brings words of its own, at least 20 |
//!
//! Faults instead of a reply: `fault-400`…`fault-599` (`@SECONDS`: Retry-After; 429 always has one), `fault-429-date@SECONDS`
//! (Retry-After as a date), `fault-400-text`, `fault-400-context`, `fault-502-html`, `fault-200-json`, `fault-key-echo`,
//! `fault-reset-early` (no response head), `fault-stall-before` (the same, but silence).
//! Faults that pass, counted by the very model name, words afterwards: `fault-flaky@N` (503 for the first N requests),
//! `fault-flaky-STATUS@N`, `fault-reset-first@N`, `fault-busy@SECONDS` and `fault-busy-date@SECONDS` (429 with Retry-After once).
//! Faults within the stream: `fault-error-in-stream`, `fault-reset`, `fault-eof`, `fault-stall`, `fault-stall-comments`
//! (comments go on), `fault-bad-chunk`, `fault-gzip` (compressed unasked),
//! `fault-nul`, `fault-invalid-utf8`, `fault-big-delta` (1 MB), `fault-huge-delta` (2 MB), `fault-length`, `fault-done-missing`,
//! `fault-duplicate-finish`, `fault-after-done`, `fault-empty-deltas`. Odd framing of a sound stream:
//! `fault-split-utf8`, `fault-split-sse` (a byte at a time), `fault-slow-loris`, `fault-crlf`, `fault-comments`,
//! `fault-no-space`. What a provider may do and nobody asked for: `fault-refusal` (the reply is cut off for what it says),
//! `fault-blocked` (held back before its first word), `fault-tool` (it ends with a call for a tool), `fault-image`,
//! `fault-foreign` (events, blocks and parts that nobody knows).
//!
//! All of it works in every dialect, in the shapes of that dialect; an agent, which is told no model, is always
//! `as-said`. Beside the providers, tests read `GET /stats`, `GET /requests` and `GET /visits`, and `POST /reset` forgets them.
//! Nothing of the product may enter: this crate must stay an independent witness.

mod dialect;
mod ledger;
mod player;
mod refusal;
mod routes;
mod script;
mod socket;
mod spec;
mod wire;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use ledger::{End, Seen, Stats, Visit};
pub use script::{MARKDOWN, POLYGLOT};

/// A running provider. Dropping it frees the port and breaks off every reply under way.
#[derive(Debug)]
pub struct Upstream {
    addr: SocketAddr,
    ledger: Arc<ledger::Ledger>,
    server: JoinHandle<()>,
    _alive: watch::Sender<()>,
}

impl Upstream {
    /// Starts on a free port of 127.0.0.1, inside the caller's tokio runtime.
    ///
    /// # Panics
    /// When no loopback port can be bound: a test has nothing to do without it.
    pub async fn start() -> Self {
        Self::bind((Ipv4Addr::LOCALHOST, 0).into())
            .await
            .expect("a free port on 127.0.0.1")
    }

    /// Starts on `addr`; port 0 picks a free one.
    ///
    /// # Errors
    /// What the system says when the address cannot be bound.
    pub async fn bind(addr: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let ledger = Arc::new(ledger::Ledger::default());
        let (alive, watcher) = watch::channel(());
        let router = routes::router(routes::App {
            ledger: Arc::clone(&ledger),
            alive: watcher,
        });
        let service = router.into_make_service_with_connect_info::<socket::Line>();
        let server = tokio::spawn(async move {
            // Its error type is a formality: accepting never returns.
            let _ = axum::serve(socket::Door(listener), service).await;
        });
        Ok(Self {
            addr,
            ledger,
            server,
            _alive: alive,
        })
    }

    /// What goes into `OPENAI_BASE_URL`: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.root_url())
    }

    /// What goes into `ANTHROPIC_BASE_URL`.
    pub fn anthropic_url(&self) -> String {
        format!("{}/anthropic", self.root_url())
    }

    /// What goes into `GOOGLE_GEMINI_BASE_URL`.
    pub fn gemini_url(&self) -> String {
        format!("{}/gemini", self.root_url())
    }

    /// What goes into `PARLANCE_AGENT_URL`.
    pub fn agent_url(&self) -> String {
        format!("{}/agent", self.root_url())
    }

    /// Where `/stats` and `/requests` are: `http://127.0.0.1:PORT`.
    pub fn root_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The counters now.
    pub fn stats(&self) -> Stats {
        self.ledger.stats()
    }

    /// The last 50 chat requests, newest last.
    pub fn requests(&self) -> Vec<Seen> {
        self.ledger.requests()
    }

    /// Every chat request since the start or the last reset: when it came, when and how it ended.
    pub fn visits(&self) -> Vec<Visit> {
        self.ledger.visits()
    }

    /// Forgets counters and requests; replies under way still count as active.
    pub fn reset(&self) {
        self.ledger.reset();
    }

    /// Waits until the counters satisfy `wanted`, looking every 5 ms.
    ///
    /// # Errors
    /// The last counters seen, when `limit` passes first.
    pub async fn wait_for(
        &self,
        limit: Duration,
        wanted: impl Fn(&Stats) -> bool,
    ) -> Result<Stats, Stats> {
        let end = tokio::time::Instant::now() + limit;
        loop {
            let stats = self.stats();
            if wanted(&stats) {
                return Ok(stats);
            }
            if tokio::time::Instant::now() >= end {
                return Err(stats);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[cfg(test)]
mod tests;
