//! A conversation as one viewer holds it: the page it opened with, moved on by the events of its stream.
//!
//! Pure: events in, an outcome out. The rules are those of the wire protocol: a delta is valid only on top of the
//! frame it names, a snapshot replaces, a final replaces the live text by the stored message and lets it be checked.

mod send;
#[cfg(test)]
mod tests;

use parlance_core::domain::{
    Bye, Cursor, Event, GenerationFailure, GenerationId, GenerationStatus, Hello, Message,
    MessageEvent, MessageId, Part, PartText, Problem, Resume, Role, ShortId, StatusEvent, digest,
    event::Fare, limits,
};

use super::page::{OpenPage, Turn};

/// What an event did, and what its bringer has to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The state moved on.
    Applied,
    /// Known already, or nothing that concerns the state.
    Ignored,
    /// Frames are missing: reconnect with the cursor held.
    Gap,
    /// Applied, but the text that was shown is not the text that was stored.
    Mismatch,
    /// The state cannot be moved on by events: read the conversation anew.
    Refetch,
    /// The server is about to close.
    Bye(Bye),
}

/// Which parts of the state changed since the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub title: bool,
    pub turns: bool,
    /// The reply began, ended or changed its status; also set when `failure` changed.
    pub reply: bool,
    /// Text of the reply.
    pub text: bool,
}

/// A reply that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    pub generation_id: GenerationId,
    pub message_id: MessageId,
    pub user_message_id: MessageId,
    pub status: GenerationStatus,
    /// How it fares, when the server said so.
    pub fare: Option<Fare>,
    pub parts: Vec<PartText>,
    g: String,
    seq: u64,
}

impl Running {
    fn new(generation_id: GenerationId, message_id: MessageId, user_message_id: MessageId) -> Self {
        Self {
            generation_id,
            message_id,
            user_message_id,
            status: GenerationStatus::Queued,
            fare: None,
            parts: Vec::new(),
            g: ShortId::from(generation_id).to_string(),
            seq: 0,
        }
    }

    /// The text of one strand so far, empty when there is none.
    #[must_use]
    pub fn part(&self, kind: Part) -> &str {
        self.parts
            .iter()
            .find(|part| part.kind == kind)
            .map_or("", |part| part.text.as_str())
    }
}

/// A conversation as this viewer holds it.
#[derive(Clone, Debug)]
pub struct Live {
    pub title: String,
    pub turns: Vec<Turn>,
    pub active: Option<Running>,
    pub failure: Option<GenerationFailure>,
    cursor: String,
    /// The last generation that is known to be over: whatever still arrives of it is old.
    ended: Option<String>,
    changes: Changes,
}

impl Live {
    /// Begins with what the page brought.
    #[must_use]
    pub fn new(page: &OpenPage) -> Self {
        let seen = page.cursor.parse::<Cursor>().ok();
        let active = page.active.as_ref().map(|reply| {
            let mut running =
                Running::new(reply.generation_id, reply.message_id, reply.user_message_id);
            let here = seen.filter(|cursor| cursor.generation == Some(reply.generation_id.into()));
            running.seq = here.map_or(0, |cursor| cursor.seq);
            running.status = reply.status;
            running.parts.clone_from(&reply.parts);
            running
        });
        Self {
            title: page.conversation.title.clone(),
            turns: page.turns.clone(),
            // A cursor on a generation that no longer runs: that one is over.
            ended: match &active {
                Some(_) => None,
                None => seen
                    .and_then(|cursor| cursor.generation)
                    .map(|g| g.to_string()),
            },
            active,
            failure: page.failure.clone(),
            cursor: page.cursor.clone(),
            changes: Changes::default(),
        }
    }

    /// Begins anew from a fresh page; messages that are still on their way stay.
    pub fn adopt(&mut self, page: &OpenPage) {
        let pending: Vec<Turn> = self
            .turns
            .drain(..)
            .filter(|turn| turn.id.is_none())
            .collect();
        *self = Self::new(page);
        self.turns.extend(pending);
        self.changes = Changes {
            title: true,
            turns: true,
            reply: true,
            text: true,
        };
    }

    /// The position to come back with.
    #[must_use]
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What changed since this was last called.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Takes one event in. `id` is the position that came with it, empty when there was none.
    pub fn apply(&mut self, event: Event, id: &str) -> Outcome {
        let outcome = match event {
            Event::Hello(hello) => return self.greet(&hello),
            Event::Bye(bye) => return Outcome::Bye(bye),
            Event::Ping(_) | Event::Error(_) => return Outcome::Ignored,
            Event::Message(change) => self.message(change, id),
            Event::Status(status) => self.status(status),
            Event::Conversation(change) => {
                self.changes.title |= self.title != change.title;
                self.title = change.title;
                Outcome::Applied
            }
        };
        // The position moves only after the state holds what it stands for.
        if matches!(outcome, Outcome::Applied | Outcome::Mismatch) && id.parse::<Cursor>().is_ok() {
            id.clone_into(&mut self.cursor);
        }
        outcome
    }

    fn greet(&self, hello: &Hello) -> Outcome {
        let held = self.cursor.parse::<Cursor>().map_or(0, |cursor| cursor.rev);
        let too_far = hello.rev.saturating_sub(held) > limits::CHANGES as u64;
        match hello.resume {
            Resume::Reset => Outcome::Refetch,
            Resume::Snapshot if too_far => Outcome::Refetch,
            Resume::Snapshot | Resume::Exact => Outcome::Ignored,
        }
    }

    fn message(&mut self, change: MessageEvent, id: &str) -> Outcome {
        match change {
            MessageEvent::Snapshot {
                generation_id,
                g,
                message_id,
                user_message_id,
                seq,
                status,
                parts,
            } => {
                if self.is_over(&g) || self.holds(message_id) {
                    self.ended = Some(g);
                    return Outcome::Applied;
                }
                let mut running = Running::new(generation_id, message_id, user_message_id);
                running.g = g;
                running.seq = seq;
                running.status = status;
                running.parts = parts;
                self.begin(running);
                Outcome::Applied
            }
            MessageEvent::Delta {
                g,
                prev,
                seq,
                part,
                text,
            } => self.delta(&g, prev, seq, part, &text),
            MessageEvent::Final {
                generation_id,
                g,
                user_message_id,
                status,
                message,
                error,
                text_len,
                text_sha256,
            } => {
                // An end is always that of the newest generation: whatever else was running here is over too, and its
                // own end was missed.
                let shown = self.active.take().filter(|running| running.g == g);
                self.changes.reply = true;
                self.ended = Some(g);
                // The end may come before the last of the text, which it then brings itself: only whoever holds
                // every frame can compare.
                let last = id.parse::<Cursor>().ok().map(|cursor| cursor.seq);
                let whole = shown.is_none_or(|running| {
                    let text = running.part(Part::Text);
                    last.is_some_and(|last| running.seq < last)
                        || (text.len() as u64 == text_len
                            && digest::sha256_hex(text) == text_sha256)
                });
                match message {
                    Some(message) => self.store(*message),
                    None => self.fail(generation_id, user_message_id, status, error),
                }
                match (self.holds(user_message_id), whole) {
                    (false, _) => Outcome::Refetch,
                    (true, false) => Outcome::Mismatch,
                    (true, true) => Outcome::Applied,
                }
            }
            MessageEvent::Upsert { message } => {
                if let Some(running) = self
                    .active
                    .take_if(|running| running.message_id == message.id)
                {
                    self.ended = Some(running.g);
                    self.changes.reply = true;
                }
                self.store(*message);
                Outcome::Applied
            }
            MessageEvent::Delete { id } => {
                self.turns.retain(|turn| turn.id != Some(id));
                self.changes.turns = true;
                Outcome::Applied
            }
        }
    }

    fn delta(&mut self, g: &str, prev: u64, seq: u64, part: Part, text: &str) -> Outcome {
        let Some(running) = self.active.as_mut().filter(|running| running.g == g) else {
            return if self.is_over(g) {
                Outcome::Ignored
            } else {
                Outcome::Gap
            };
        };
        if seq <= running.seq {
            return Outcome::Ignored;
        }
        if prev != running.seq {
            return Outcome::Gap;
        }
        PartText::append(&mut running.parts, part, text);
        running.seq = seq;
        if running.status != GenerationStatus::Streaming || running.fare.is_some() {
            running.status = GenerationStatus::Streaming;
            running.fare = None;
            self.changes.reply = true;
        }
        self.changes.text = true;
        Outcome::Applied
    }

    fn status(&mut self, event: StatusEvent) -> Outcome {
        match self
            .active
            .as_mut()
            .filter(|running| running.generation_id == event.generation_id)
        {
            Some(running) => {
                running.fare = Some(event.status);
                self.changes.reply = true;
                Outcome::Applied
            }
            None => Outcome::Ignored,
        }
    }

    fn begin(&mut self, running: Running) {
        self.active = Some(running);
        self.failure = None;
        self.changes.reply = true;
        self.changes.text = true;
    }

    fn fail(
        &mut self,
        generation_id: GenerationId,
        user_message_id: MessageId,
        status: GenerationStatus,
        error: Option<Problem>,
    ) {
        self.failure = Some(GenerationFailure {
            generation_id,
            user_message_id,
            status,
            error,
        });
    }

    /// Puts a stored message where it belongs: over its older self, over the sent text that it is, or behind the
    /// message that it answers.
    fn store(&mut self, message: Message) {
        self.changes.turns = true;
        let known = self
            .turns
            .iter()
            .position(|turn| turn.id == Some(message.id));
        let sent = || {
            let mine =
                |turn: &Turn| turn.id.is_none() && turn.content.trim() == message.content.trim();
            if message.role == Role::User {
                self.turns.iter().position(mine)
            } else {
                None
            }
        };
        let parent = message.parent_id;
        if let Some(place) = known.or_else(sent) {
            let old = &mut self.turns[place];
            let key = std::mem::take(&mut old.key);
            let html = old.html.take().filter(|_| old.content == message.content);
            *old = Turn {
                key,
                html,
                ..Turn::from(message)
            };
            return;
        }
        let behind = parent.and_then(|id| self.turns.iter().position(|turn| turn.id == Some(id)));
        let place = behind.map_or(self.turns.len(), |place| place + 1);
        self.turns.insert(place, Turn::from(message));
    }

    fn holds(&self, id: MessageId) -> bool {
        self.turns.iter().any(|turn| turn.id == Some(id))
    }

    fn is_over(&self, g: &str) -> bool {
        self.ended.as_deref() == Some(g)
    }
}
