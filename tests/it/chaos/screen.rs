//! The reply on one screen, kept by the rules that clients follow (design A.6), and what it saw on the way.
//!
//! Text is appended only on top of the frame that it names; a cursor moves only after the screen holds what it
//! stands for. What must not enter: connections.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::history::{Said, Shown, Step};
use crate::harness::events::Event;

/// What a client has to do after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    GoOn,
    /// Frames are missing: come back with the cursor held.
    Rejoin,
    /// The server is about to close and says when to come back (ms), and why.
    Bye(u64, String),
}

/// A screen: what it shows, and how it got there.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    pub cursor: Option<String>,
    pub shown: Shown,
    /// How generations ended, by their short ids: the data of their `final`.
    pub ends: BTreeMap<String, Value>,
    pub steps: Vec<Step>,
    /// `resume` of the last greeting.
    pub resume: String,
}

impl Screen {
    /// A page that was loaded: the conversation as the API shows it.
    pub fn open(open: &Value) -> Self {
        let mut screen = Self::default();
        screen.load(open);
        screen
    }

    /// Loads the page anew.
    pub fn load(&mut self, open: &Value) {
        let cursor = open["cursor"].as_str().unwrap_or_default();
        let mut fields = cursor.split(':').skip(1);
        let mut field = || fields.next().unwrap_or_default();
        let (g, seq) = (field().to_owned(), field().parse().unwrap_or(0));
        let active = &open["active"];
        self.cursor = Some(cursor.to_owned());
        self.steps.push(Step::Reset);
        self.steps.push(Step::Opened {
            messages: Said::all(open),
        });
        self.shown = Shown::default();
        if active.is_object() {
            self.shown = Shown {
                g,
                seq,
                message: word(active, "message_id"),
                text: part(active, "text"),
                thought: part(active, "reasoning"),
            };
            self.note();
        }
    }

    /// Stands on a generation that this client asked for itself, before its first frame.
    pub fn expect(&mut self, g: &str, message: &str, cursor: &str) {
        self.cursor = Some(cursor.to_owned());
        self.shown = Shown {
            g: g.to_owned(),
            message: message.to_owned(),
            ..Shown::default()
        };
    }

    /// The same place with an empty history.
    pub fn copy(&self) -> Self {
        Self {
            steps: Vec::new(),
            ..self.clone()
        }
    }

    /// Takes one event in; `cursor` is the last position that the stream has told.
    pub fn apply(&mut self, event: &Event, cursor: Option<&str>) -> Next {
        let next = match event.kind.as_str() {
            "hello" => {
                self.resume = word(&event.data, "resume");
                if self.resume == "reset" {
                    self.steps.push(Step::Reset);
                    self.shown = Shown::default();
                }
                return Next::GoOn;
            }
            "bye" => {
                let wait = event.data["retry_ms"].as_u64().unwrap_or_default();
                return Next::Bye(wait, word(&event.data, "reason"));
            }
            "message" => self.message(&event.data),
            _ => Next::GoOn,
        };
        if next == Next::GoOn && cursor.is_some() {
            self.cursor = cursor.map(str::to_owned);
        }
        next
    }

    fn message(&mut self, data: &Value) -> Next {
        let g = word(data, "g");
        match data["op"].as_str().unwrap_or_default() {
            "snapshot" if !self.ends.contains_key(&g) => {
                self.shown = Shown {
                    g,
                    message: word(data, "message_id"),
                    seq: data["seq"].as_u64().unwrap_or_default(),
                    text: part(data, "text"),
                    thought: part(data, "reasoning"),
                };
                self.note();
            }
            "delta" => return self.delta(&g, data),
            "final" => self.end(g, data),
            "upsert" => self.steps.push(Step::Stored(Said::of(&data["message"]))),
            _ => {}
        }
        Next::GoOn
    }

    fn delta(&mut self, g: &str, data: &Value) -> Next {
        let number = |name: &str| data[name].as_u64().unwrap_or_default();
        if self.ends.contains_key(g) || (self.shown.g == g && number("seq") <= self.shown.seq) {
            return Next::GoOn;
        }
        if self.shown.g != g || number("prev") != self.shown.seq {
            self.steps.push(Step::Gap);
            return Next::Rejoin;
        }
        self.shown.seq = number("seq");
        let target = match data["part"].as_str().unwrap_or("text") {
            "text" => &mut self.shown.text,
            _ => &mut self.shown.thought,
        };
        target.push_str(data["text"].as_str().unwrap_or_default());
        self.note();
        Next::GoOn
    }

    fn end(&mut self, g: String, data: &Value) {
        let message = data["message"]
            .is_object()
            .then(|| Said::of(&data["message"]));
        let text = message.as_ref().map_or("", |said| said.text.as_str());
        if data["text_len"] != text.len() || data["text_sha256"] != sha256(text) {
            self.steps.push(Step::Mismatch);
        }
        self.steps.push(Step::Over {
            g: g.clone(),
            status: word(data, "status"),
            message,
        });
        self.ends.insert(g, data.clone());
    }

    fn note(&mut self) {
        self.steps.push(Step::Shown(self.shown.clone()));
    }
}

fn word(data: &Value, name: &str) -> String {
    data[name].as_str().unwrap_or_default().to_owned()
}

/// The text of one strand of a reply under way.
fn part(data: &Value, kind: &str) -> String {
    let parts = data["parts"].as_array().into_iter().flatten();
    parts
        .filter(|part| part["kind"] == kind)
        .map(|part| word(part, "text"))
        .collect()
}

fn sha256(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
