//! What every client saw, in order, and the judge over all of it together with what the API says in the end.
//!
//! A history is plain data, so that the judge can be given wrong ones: its own tests are lies that it must catch.

mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

/// One thing that a client saw or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The reply on the screen after an event.
    Shown(Shown),
    /// What was shown is void: the server said `reset`, or the person loaded the page anew.
    Reset,
    /// A `final`: how a generation ended, and the message that became of it.
    Over {
        g: String,
        status: String,
        message: Option<Said>,
    },
    /// A message that the stream brought as stored.
    Stored(Said),
    /// A piece of text that does not fit on what was there.
    Gap,
    /// A `final` whose length or hash are not those of its text.
    Mismatch,
    /// The client's own message was taken in.
    Sent { message: String },
    /// The conversation as the API showed it to this client.
    Opened { messages: Vec<Said> },
    /// The answer to a stop.
    Stopped { g: String, status: String, seq: u64 },
}

/// A reply under way, as it stands on a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The generation, short.
    pub g: String,
    /// The id that the message will have.
    pub message: String,
    /// Frames that it is made of.
    pub seq: u64,
    pub text: String,
    pub thought: String,
}

/// A stored message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub id: String,
    pub text: String,
    pub thought: String,
    pub status: String,
}

impl Said {
    pub fn of(message: &Value) -> Self {
        let word = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        Self {
            id: word("id"),
            text: word("content"),
            thought: word("reasoning"),
            status: word("status"),
        }
    }

    /// All messages of an opened conversation.
    pub fn all(open: &Value) -> Vec<Self> {
        let messages = open["messages"].as_array();
        messages.into_iter().flatten().map(Self::of).collect()
    }
}

/// All that one client saw.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub client: String,
    pub steps: Vec<Step>,
}

/// What the API says after everything is over.
#[derive(Debug)]
pub struct Truth {
    messages: BTreeMap<String, Said>,
    /// Whether a reply is still being written.
    active: bool,
}

impl Truth {
    /// Out of an opened conversation.
    pub fn of(open: &Value) -> Self {
        let messages = Said::all(open).into_iter();
        Self {
            messages: messages.map(|said| (said.id.clone(), said)).collect(),
            active: !open["active"].is_null(),
        }
    }
}

/// Everything that is wrong with the histories of one conversation; empty when nothing is.
pub fn judge(histories: &[History], truth: &Truth) -> Vec<String> {
    let mut wrong = Vec::new();
    for history in histories {
        rules::one(history, truth, &mut wrong);
    }
    rules::all(histories, truth, &mut wrong);
    wrong
}

/// # Panics
/// When anything is wrong, with all of it.
pub fn assert_sound(histories: &[History], open: &Value) {
    let wrong = judge(histories, &Truth::of(open));
    let shown: Vec<_> = wrong.iter().take(20).collect();
    assert!(wrong.is_empty(), "{} breaches: {shown:#?}", wrong.len());
}
