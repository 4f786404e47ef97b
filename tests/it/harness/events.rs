//! Reading a stream the way the browser does: whole events only, and a reply put together by the
//! rules of the protocol, with every breach an assertion.

use std::time::{Duration, Instant};

use futures::StreamExt;
use reqwest::Response;
use serde_json::Value;

/// Longer than any wait in a test. Heartbeats do not lengthen it: what was missed would be waited for without an end.
const PATIENCE: Duration = Duration::from_secs(60);

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: String,
    pub data: Value,
}

/// An open stream.
pub struct Events {
    body: futures::stream::BoxStream<'static, reqwest::Result<Vec<u8>>>,
    buffer: Vec<u8>,
    /// When something other than a heartbeat was read last.
    news: Instant,
    /// Last `id:` of a whole event.
    pub cursor: Option<String>,
}

impl Events {
    pub fn of(response: Response) -> Self {
        let body = response
            .bytes_stream()
            .map(|chunk| chunk.map(|bytes| bytes.to_vec()))
            .boxed();
        Self {
            body,
            buffer: Vec::new(),
            news: Instant::now(),
            cursor: None,
        }
    }

    /// The next event; `None` when the server has closed.
    pub async fn next(&mut self) -> Option<Event> {
        let event = tokio::time::timeout(PATIENCE, self.read())
            .await
            .expect("an event within a minute");
        if event.as_ref().is_none_or(|event| event.kind != "ping") {
            self.news = Instant::now();
        }
        assert!(
            self.news.elapsed() < PATIENCE,
            "nothing but heartbeats for a minute"
        );
        event
    }

    /// The same, waiting no longer than `limit`; `Err` when nothing came.
    pub async fn within(&mut self, limit: Duration) -> Result<Option<Event>, ()> {
        let read = tokio::time::timeout(limit, self.read()).await;
        read.map_err(|_| ())
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let block = String::from_utf8(block).expect("UTF-8");
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(|value| value.trim().to_owned())
                };
                let id = field("id:");
                if id.is_some() {
                    self.cursor.clone_from(&id);
                }
                if let Some(data) = field("data:") {
                    let json: Value = serde_json::from_str(&data).expect("one JSON line");
                    let kind = json["type"].as_str().expect("type").to_owned();
                    return Some(Event {
                        kind,
                        data: json["data"].clone(),
                    });
                }
            }
            match self.body.next().await {
                Some(Ok(bytes)) => self.buffer.extend(bytes),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Reads on until the reply's `final`, keeping `reply` by the rules.
    pub async fn read_to_final(&mut self, reply: &mut Reply) -> Value {
        loop {
            let event = self.next().await.expect("a final before the end");
            if reply.apply(&event) == Applied::Final {
                return event.data;
            }
        }
    }
}

/// What an event did to a reply.
#[derive(Debug, PartialEq, Eq)]
pub enum Applied {
    Text,
    Final,
    Other,
}

/// The reply as a screen would show it.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub g: String,
    pub seq: u64,
    pub text: String,
    pub reasoning: String,
}

impl Reply {
    /// # Panics
    /// On a gap, and on a final text that is not what was shown.
    pub fn apply(&mut self, event: &Event) -> Applied {
        if event.kind != "message" {
            return Applied::Other;
        }
        let data = &event.data;
        let word = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| data[name].as_u64().unwrap_or_default();
        match data["op"].as_str().expect("op") {
            "snapshot" => {
                let part = |kind: &str| {
                    let parts = data["parts"].as_array().expect("parts");
                    let found = parts.iter().find(|part| part["kind"] == kind);
                    found
                        .and_then(|part| part["text"].as_str())
                        .unwrap_or_default()
                        .to_owned()
                };
                *self = Self {
                    g: word("g"),
                    seq: number("seq"),
                    text: part("text"),
                    reasoning: part("reasoning"),
                };
                Applied::Text
            }
            "delta" => {
                assert_eq!(word("g"), self.g, "a delta of an unknown generation");
                assert_eq!(number("prev"), self.seq, "a gap");
                assert!(number("seq") > self.seq);
                self.seq = number("seq");
                match data["part"].as_str().unwrap_or("text") {
                    "text" => self.text.push_str(&word("text")),
                    _ => self.reasoning.push_str(&word("text")),
                }
                Applied::Text
            }
            "final" => {
                if let Some(content) = data["message"]["content"].as_str() {
                    assert!(
                        content.starts_with(&self.text),
                        "the stored text is not what was shown"
                    );
                    assert_eq!(number("text_len"), content.len() as u64);
                    content.clone_into(&mut self.text);
                }
                Applied::Final
            }
            _ => Applied::Other,
        }
    }
}

/// The numbers of the provider's self-describing tokens (`w<n>@<µs> `) in a text.
pub fn tokens(text: &str) -> Vec<u64> {
    text.split_whitespace()
        .map(|token| {
            let number = token
                .strip_prefix('w')
                .and_then(|rest| rest.split('@').next());
            number
                .and_then(|digits| digits.parse().ok())
                .unwrap_or_else(|| panic!("not a token: {token}"))
        })
        .collect()
}

/// Every token from 1 to the last, once and in order.
pub fn assert_whole(text: &str) {
    let numbers = tokens(text);
    let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, expected);
}
