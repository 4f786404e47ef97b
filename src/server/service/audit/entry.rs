//! An entry of the audit log, put together piece by piece and made harmless on the way.

use std::fmt::Write;

use parlance_core::domain::{Timestamp, UserId};
use uuid::Uuid;

use super::Kind;
use crate::{port::store::NewAuditEvent, service::Client};

/// Longest text in an entry, characters as they were given.
const TEXT_CHARS: usize = 200;
/// Most notes of an entry.
const NOTES: usize = 16;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Entry {
    kind: Kind,
    actor: Option<UserId>,
    address: Option<String>,
    user_agent: Option<String>,
    subject: Option<Uuid>,
    notes: Vec<(&'static str, String)>,
}

impl Entry {
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            actor: None,
            address: None,
            user_agent: None,
            subject: None,
            notes: Vec::new(),
        }
    }

    /// Who did it, where that is known: whose password was guessed at is the subject.
    #[must_use]
    pub fn by(mut self, actor: UserId) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Where the request came from.
    #[must_use]
    pub fn from(mut self, client: &Client) -> Self {
        self.address = client.address.map(|address| address.to_string());
        self.user_agent = client.user_agent.as_deref().map(plain);
        self
    }

    /// What it was done to: a session, a key, another account.
    #[must_use]
    pub fn about(mut self, subject: Uuid) -> Self {
        self.subject = Some(subject);
        self
    }

    /// A word more. Never a secret, never what somebody wrote.
    #[must_use]
    pub fn note(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        if self.notes.len() < NOTES {
            self.notes.push((name, plain(&value.to_string())));
        }
        self
    }

    pub(crate) fn into_event(self, at: Timestamp) -> NewAuditEvent {
        let notes: serde_json::Map<String, serde_json::Value> = self
            .notes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        NewAuditEvent {
            at,
            kind: self.kind.word().to_owned(),
            actor: self.actor,
            address: self.address,
            user_agent: self.user_agent,
            subject: self.subject,
            notes: serde_json::Value::Object(notes).to_string(),
        }
    }
}

/// `text` cut, with everything written out that could end a line, hide or turn what stands beside it.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(TEXT_CHARS));
    for c in text.chars().take(TEXT_CHARS) {
        if c.is_control() || is_invisible(c) {
            // Writing into a string cannot fail.
            let _ = write!(plain, "\\u{{{:x}}}", u32::from(c));
        } else {
            plain.push(c);
        }
    }
    plain
}

/// Line and paragraph separators, zero width characters, and what changes the direction of a line.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(entry: Entry) -> NewAuditEvent {
        entry.into_event(Timestamp(0))
    }

    #[test]
    fn what_somebody_typed_stays_in_its_field() {
        let hostile = "a\n{\"kind\":\"forged\"}\r\u{0}\u{1b}[2K\u{2028}\u{202e}张三\"\\";
        let client = Client {
            user_agent: Some(hostile.to_owned()),
            ..Client::default()
        };
        let event = event(
            Entry::new(Kind::SignInFailed)
                .from(&client)
                .note("name", hostile),
        );
        let agent = event.user_agent.unwrap();
        assert!(
            agent.starts_with("a\\u{a}{") && agent.contains("张三"),
            "{agent}"
        );
        let notes: serde_json::Value = serde_json::from_str(&event.notes).unwrap();
        assert_eq!(notes["name"], agent.as_str());
        assert_eq!(notes.as_object().unwrap().len(), 1);
        for text in [&agent, &event.notes] {
            assert!(text.chars().all(|c| !c.is_control() && !is_invisible(c)));
        }
    }

    #[test]
    fn texts_and_notes_have_an_end() {
        let long = "很".repeat(10_000);
        let mut entry = Entry::new(Kind::SignedIn);
        for _ in 0..100 {
            entry = entry.note("again", &long);
        }
        assert_eq!(entry.notes.len(), NOTES);
        assert_eq!(
            event(entry).notes,
            format!("{{\"again\":\"{}\"}}", "很".repeat(TEXT_CHARS))
        );
    }
}
