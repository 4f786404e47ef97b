//! Two browsers: the product's own reducer, and one that trusts the server blindly. Where both are shown the truth it
//! is the server's doing.

use std::{collections::HashMap, fmt};

use parlance_core::domain::{
    Event, Message, MessageEvent, MessageId, Part, PartText, Resume, ShortId,
};
use parlance_ui::state::{
    live::{Live, Outcome},
    page::OpenPage,
};

use super::store::Row;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Appends every delta that arrives.
    Appending,
    /// The product's own: a delta must name the frame it follows.
    Checking,
}

impl Kind {
    pub const BOTH: [Self; 2] = [Self::Appending, Self::Checking];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Appending => "appending",
            Self::Checking => "checking",
        })
    }
}

/// An open page.
pub enum Client {
    Appending(Appending),
    Checking(Box<Live>),
}

/// What is on the screen of one reply: text and reasoning.
pub type Shown<'a> = (&'a str, &'a str);

impl Client {
    pub fn new(kind: Kind, page: &OpenPage) -> Self {
        match kind {
            Kind::Appending => Self::Appending(Appending::new(page)),
            Kind::Checking => Self::Checking(Box::new(Live::new(page))),
        }
    }

    pub fn adopt(&mut self, page: &OpenPage) {
        match self {
            Self::Appending(client) => *client = Appending::new(page),
            Self::Checking(live) => live.adopt(page),
        }
    }

    pub fn cursor(&self) -> &str {
        match self {
            Self::Appending(client) => &client.cursor,
            Self::Checking(live) => live.cursor(),
        }
    }

    pub fn apply(&mut self, event: Event, id: &str) -> Outcome {
        match self {
            Self::Appending(client) => client.apply(event, id),
            Self::Checking(live) => live.apply(event, id),
        }
    }

    /// Whether it believes that a reply is being written.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Appending(client) => client.running.is_some(),
            Self::Checking(live) => live.active.is_some(),
        }
    }

    /// The stored messages on the screen from top to bottom, as far as that order is the client's own.
    pub fn path(&self) -> Option<Vec<MessageId>> {
        match self {
            Self::Appending(_) => None,
            Self::Checking(live) => Some(live.turns.iter().filter_map(|turn| turn.id).collect()),
        }
    }

    /// What it shows of a generation; `None` when nothing.
    pub fn shown(&self, row: &Row) -> Option<Shown<'_>> {
        match self {
            Self::Appending(client) => client.shown(row),
            Self::Checking(live) => {
                let running = live.active.as_ref();
                if let Some(running) = running.filter(|one| one.generation_id == row.id) {
                    return Some((running.shown(), running.part(Part::Reasoning)));
                }
                let id = Some(row.reply_message_id);
                let turn = live.turns.iter().find(|turn| turn.id == id)?;
                Some((&turn.content, turn.reasoning.as_deref().unwrap_or_default()))
            }
        }
    }
}

/// The blind one: it knows which messages belong together, but takes every delta for the next.
pub struct Appending {
    cursor: String,
    running: Option<Running>,
    stored: HashMap<MessageId, (String, String)>,
}

struct Running {
    g: String,
    /// Unknown to whoever was not told of the beginning.
    message_id: Option<MessageId>,
    parts: Vec<PartText>,
}

impl Appending {
    fn new(page: &OpenPage) -> Self {
        let stored = page.turns.iter().filter_map(|turn| {
            let reasoning = turn.reasoning.clone().unwrap_or_default();
            Some((turn.id?, (turn.content.clone(), reasoning)))
        });
        Self {
            cursor: page.cursor.clone(),
            running: page.active.as_ref().map(|reply| Running {
                g: ShortId::from(reply.generation_id).to_string(),
                message_id: Some(reply.message_id),
                parts: reply.parts.clone(),
            }),
            stored: stored.collect(),
        }
    }

    fn apply(&mut self, event: Event, id: &str) -> Outcome {
        match event {
            Event::Hello(hello) if hello.resume == Resume::Reset => return Outcome::Refetch,
            // An earlier reply is back in its place, and this page never knew it.
            Event::Conversation(change)
                if change.generation_id.is_none() && !self.holds(change.head) =>
            {
                return Outcome::Refetch;
            }
            Event::Conversation(_) => {}
            Event::Message(change) => {
                if !self.change(change) {
                    return Outcome::Refetch;
                }
            }
            _ => return Outcome::Ignored,
        }
        if !id.is_empty() {
            id.clone_into(&mut self.cursor);
        }
        Outcome::Applied
    }

    /// `false` when the conversation has to be read anew.
    fn change(&mut self, change: MessageEvent) -> bool {
        match change {
            MessageEvent::Snapshot {
                g,
                message_id,
                parts,
                ..
            } => {
                self.running = Some(Running {
                    g,
                    message_id: Some(message_id),
                    parts,
                });
            }
            MessageEvent::Delta { g, part, text, .. } => {
                // To whatever is being written; to nothing, if nothing is.
                let running = self.running.get_or_insert_with(|| Running {
                    g,
                    message_id: None,
                    parts: Vec::new(),
                });
                PartText::append(&mut running.parts, part, &text);
            }
            MessageEvent::Final { message, .. } => {
                self.running = None;
                return message.is_none_or(|message| self.store(*message));
            }
            MessageEvent::Upsert { message } => {
                let stored = Some(message.id);
                self.running.take_if(|one| one.message_id == stored);
                return self.store(*message);
            }
            MessageEvent::Delete { id } => {
                self.stored.remove(&id);
            }
        }
        true
    }

    fn holds(&self, head: Option<MessageId>) -> bool {
        head.is_none_or(|id| self.stored.contains_key(&id))
    }

    /// `false` when it belongs to a path that this page never knew.
    fn store(&mut self, message: Message) -> bool {
        let held = self.holds(message.parent_id);
        let texts = (message.content, message.reasoning.unwrap_or_default());
        self.stored.insert(message.id, texts);
        held
    }

    fn shown(&self, row: &Row) -> Option<Shown<'_>> {
        let running = self.running.as_ref();
        let g = ShortId::from(row.id);
        if let Some(running) = running.filter(|one| one.g == g.as_str()) {
            let part = |kind| {
                let mut parts = running.parts.iter();
                parts
                    .find(|part| part.kind == kind)
                    .map_or("", |part| part.text.as_str())
            };
            return Some((part(Part::Text), part(Part::Reasoning)));
        }
        let (text, reasoning) = self.stored.get(&row.reply_message_id)?;
        Some((text, reasoning))
    }
}
