//! Reads a reply's events and keeps the account of its tokens: each describes itself (`w<n>@<µs> `), so that lost,
//! doubled, reordered and late ones show. Must not enter: sockets.

use std::{collections::BTreeSet, ops::RangeInclusive};

use memchr::{memchr, memmem};
use serde_json::Value;

/// Whose events these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI's chat completion chunks.
    Provider,
    /// Parlance's own events.
    Parlance,
}

/// The account of one reply.
#[derive(Debug)]
pub struct Tally {
    dialect: Dialect,
    /// The beginning of a line that is not whole yet.
    rest: Vec<u8>,
    /// The next number in order.
    next: u64,
    missing: BTreeSet<u64>,
    text_bytes: u64,
    /// (received, µs since the Unix epoch; how long it was under way, µs) of each token.
    pub samples: Vec<(i64, i64)>,
    pub doubled: u64,
    pub reordered: u64,
    /// Bytes of events received.
    pub bytes: u64,
    /// Events with text.
    pub events: u64,
    /// The event that ends a reply has come, and says what was received.
    pub ended: bool,
    /// What it said, or what could not be read.
    pub trouble: Option<String>,
    /// The `id:` of the event that is not whole yet.
    announced: Vec<u8>,
    /// Where the reader stands, in the words of the server.
    cursor: Vec<u8>,
}

impl Tally {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            rest: Vec::new(),
            next: 1,
            missing: BTreeSet::new(),
            text_bytes: 0,
            samples: Vec::new(),
            doubled: 0,
            reordered: 0,
            bytes: 0,
            events: 0,
            ended: false,
            trouble: None,
            announced: Vec::new(),
            cursor: Vec::new(),
        }
    }

    /// The connection is gone, and with it the line that was not whole. Gives the cursor to come back with.
    pub fn cut(&mut self) -> String {
        self.rest.clear();
        self.announced.clear();
        String::from_utf8_lossy(&self.cursor).into_owned()
    }

    /// How long the tokens were under way, µs, that the provider wrote in this time (µs since the Unix epoch). By the
    /// moment of writing: what comes too late must not fall out of the account for being late.
    pub fn written_in(&self, time: RangeInclusive<i64>) -> impl Iterator<Item = i64> {
        let written = move |(received, lag): &&(i64, i64)| time.contains(&(received - lag));
        self.samples.iter().filter(written).map(|(_, lag)| *lag)
    }

    /// Tokens of `expected` that never came.
    pub fn lost(&self, expected: u64) -> u64 {
        self.gaps() + (expected + 1).saturating_sub(self.next)
    }

    /// Tokens that never came, before the last that did.
    pub fn gaps(&self) -> u64 {
        self.missing.len() as u64
    }

    /// Takes bytes as they came at `now` (µs since the Unix epoch).
    pub fn feed(&mut self, mut bytes: &[u8], now: i64) {
        self.bytes += bytes.len() as u64;
        while let Some(end) = memchr(b'\n', bytes) {
            let (line, after) = bytes.split_at(end);
            bytes = &after[1..];
            if self.rest.is_empty() {
                self.line(line, now);
            } else {
                self.rest.extend_from_slice(line);
                let whole = std::mem::take(&mut self.rest);
                self.line(&whole, now);
                self.rest = whole;
                self.rest.clear();
            }
        }
        self.rest.extend_from_slice(bytes);
    }

    fn line(&mut self, line: &[u8], now: i64) {
        let Some(data) = line.strip_prefix(b"data:") else {
            if let Some(id) = line.strip_prefix(b"id:") {
                self.announced.clear();
                self.announced.extend_from_slice(id.trim_ascii());
            }
            return;
        };
        let data = data.trim_ascii();
        if !self.announced.is_empty() {
            std::mem::swap(&mut self.cursor, &mut self.announced);
            self.announced.clear();
        }
        match self.dialect {
            Dialect::Provider if data == b"[DONE]" => self.ended = true,
            Dialect::Provider => self.words(text(data, b"\"content\":\""), now),
            Dialect::Parlance if is(data, b"\"op\":\"delta\"") => {
                self.words(text(data, b"\"text\":\""), now);
            }
            Dialect::Parlance if is(data, b"\"op\":\"snapshot\"") => self.snapshot(data, now),
            Dialect::Parlance if is(data, b"\"op\":\"final\"") => self.end(data),
            Dialect::Parlance => {
                if is(data, b"\"type\":\"error\"") || is(data, b"\"type\":\"bye\"") {
                    self.trouble = Some(String::from_utf8_lossy(data).into_owned());
                }
            }
        }
    }

    /// The text from its beginning. It comes first, with whatever the server had by then.
    fn snapshot(&mut self, data: &[u8], now: i64) {
        let event: Value = serde_json::from_slice(data).unwrap_or_default();
        let parts = event["data"]["parts"].as_array();
        let so_far: String = parts
            .into_iter()
            .flatten()
            .filter_map(|part| part["text"].as_str())
            .collect();
        self.next = 1;
        self.text_bytes = 0;
        self.missing.clear();
        self.words(so_far.as_bytes(), now);
    }

    fn end(&mut self, data: &[u8]) {
        let event: Value = serde_json::from_slice(data).unwrap_or_default();
        let told = &event["data"];
        let whole = told["status"] == "completed" && told["text_len"] == self.text_bytes;
        self.ended = whole;
        if !whole {
            let (status, length) = (&told["status"], &told["text_len"]);
            let (code, held) = (&told["error"]["code"], self.text_bytes);
            self.trouble = Some(format!(
                "final {status} ({code}) of {length} bytes, {held} received"
            ));
        }
    }

    fn words(&mut self, text: &[u8], now: i64) {
        if text.is_empty() {
            return;
        }
        self.events += 1;
        self.text_bytes += text.len() as u64;
        for word in text
            .split(|byte| *byte == b' ')
            .filter(|word| !word.is_empty())
        {
            match read(word) {
                Some((number, sent)) => {
                    self.samples.push((now, now - sent));
                    self.count(number);
                }
                None => self.trouble = Some(String::from_utf8_lossy(word).into_owned()),
            }
        }
    }

    fn count(&mut self, number: u64) {
        if number >= self.next {
            self.missing.extend(self.next..number);
            self.next = number + 1;
        } else if self.missing.remove(&number) {
            self.reordered += 1;
        } else {
            self.doubled += 1;
        }
    }
}

/// Whether an event is of this kind. Kinds stand at its beginning; looking no further keeps a token cheap.
fn is(data: &[u8], mark: &[u8]) -> bool {
    memmem::find(&data[..data.len().min(64)], mark).is_some()
}

/// The string after `key`. Tokens hold nothing that JSON would escape.
fn text<'a>(data: &'a [u8], key: &[u8]) -> &'a [u8] {
    let from = memmem::find(data, key).map_or(data.len(), |at| at + key.len());
    let rest = &data[from..];
    &rest[..memchr(b'"', rest).unwrap_or(0)]
}

/// `w<n>@<µs>`
fn read(word: &[u8]) -> Option<(u64, i64)> {
    let word = std::str::from_utf8(word).ok()?;
    let (number, sent) = word.strip_prefix('w')?.split_once('@')?;
    Some((number.parse().ok()?, sent.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(text: &str) -> String {
        format!(
            "id: 1:g:2\ndata: {{\"type\":\"message\",\"data\":{{\"op\":\"delta\",\"g\":\"g\",\"prev\":1,\"seq\":2,\
             \"text\":\"{text}\"}}}}\n\n"
        )
    }

    fn fed(text: &str) -> Tally {
        let mut tally = Tally::new(Dialect::Parlance);
        for byte in text.as_bytes() {
            tally.feed(&[*byte], 10);
        }
        tally
    }

    #[test]
    fn counts_what_is_lost_doubled_and_out_of_order() {
        let tally = fed(&(delta("w1@3 w2@4 ") + &delta("w2@4 w5@5 w3@6 ")));
        assert_eq!(tally.samples[0], (10, 7));
        assert_eq!((tally.doubled, tally.reordered, tally.events), (1, 1, 2));
        assert_eq!(tally.lost(5), 1);
        assert_eq!(tally.lost(7), 3);
    }

    #[test]
    fn believes_an_end_only_if_it_agrees_with_what_came() {
        let end = |length| {
            format!(
                "data: {{\"type\":\"message\",\"data\":{{\"op\":\"final\",\"status\":\"completed\",\"text_len\":{length}}}}}\n\n"
            )
        };
        assert!(fed(&(delta("w1@3 ") + &end(5))).ended);
        let short = fed(&(delta("w1@3 ") + &end(10)));
        assert!(!short.ended && short.trouble.is_some());
    }

    #[test]
    fn reads_the_providers_own_events() {
        let mut tally = Tally::new(Dialect::Provider);
        let chunk = r#"data: {"choices":[{"delta":{"content":"w1@3 "}}],"id":"chatcmpl-1"}"#;
        tally.feed(format!("{chunk}\n\ndata: [DONE]\n\n").as_bytes(), 9);
        assert_eq!(tally.samples, [(9, 6)]);
        assert!(tally.ended && tally.lost(1) == 0);
    }

    #[test]
    fn comes_back_with_the_cursor_of_the_last_whole_event() {
        let mut tally = fed(&delta("w1@3 "));
        tally.feed(b"id: 1:g:3\ndata: {\"type\":\"mess", 9);
        assert_eq!(tally.cut(), "1:g:2");
        tally.feed(delta("w2@7 ").as_bytes(), 10);
        assert_eq!((tally.lost(2), tally.doubled), (0, 0));
        assert_eq!(tally.written_in(6..=8).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn begins_with_the_text_that_a_snapshot_brings() {
        let snapshot = r#"data: {"type":"message","data":{"op":"snapshot","parts":[{"part":"text","text":"w1@3 w2@4 "}]}}"#;
        let tally = fed(&(snapshot.to_owned() + "\n\n" + &delta("w3@5 ")));
        assert_eq!((tally.lost(3), tally.doubled), (0, 0));
    }
}
