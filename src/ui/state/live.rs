//! A conversation as one viewer holds it: the page it opened with, moved on by the events of its stream.
//!
//! Pure: events in, an outcome out. The rules are those of the wire protocol: a delta is valid only on top of the
//! frame it names, a snapshot replaces, a final replaces the live text by the stored message and lets it be checked.

mod path;
mod position;
mod running;
mod send;
#[cfg(test)]
pub(super) mod tests;

use parlance_core::domain::{
    Bye, Event, GenerationFailure, GenerationId, GenerationKind, GenerationStatus, Lane,
    MessageEvent, MessageId, Part, PartText, Problem, ProblemCode, StatusEvent, digest,
    event::ConversationEvent, lane::FIRST,
};

use super::page::{OpenPage, Turn};

use position::seen;
pub use running::Running;

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

/// What a reader should know besides, in one quiet line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// The server came back with an older state than was shown here.
    Reset,
    /// Another reply was asked for and did not come; the earlier one stands.
    NoOther(ProblemCode),
    /// The same, because the person stopped it.
    Cancelled,
}

impl Lapse {
    /// Another reply ended so, without a text.
    fn of(status: GenerationStatus, error: Option<Problem>) -> Self {
        match error {
            Some(problem) if status != GenerationStatus::Cancelled => Self::NoOther(problem.code),
            _ => Self::Cancelled,
        }
    }
}

/// A conversation as this viewer holds it.
#[derive(Clone, Debug)]
pub struct Live {
    pub title: String,
    pub turns: Vec<Turn>,
    pub active: Option<Running>,
    pub failure: Option<GenerationFailure>,
    pub lapse: Option<Lapse>,
    /// Whether the path has messages before `turns`.
    pub earlier: bool,
    /// Turns that stepped aside for a reply that is being written in their place.
    aside: Vec<Turn>,
    /// Which of the replies to one message it is about; one that is alone is the first.
    lane: Lane,
    /// The message whose replies are compared.
    pub(super) compared: Option<MessageId>,
    cursor: String,
    /// The last generation that is known to be over: whatever still arrives of it is old.
    ended: Option<String>,
    changes: Changes,
}

impl Live {
    /// Begins with what the page brought.
    #[must_use]
    pub fn new(page: &OpenPage) -> Self {
        Self::of_lane(page, FIRST)
    }

    /// The same for one of several replies that are compared.
    #[must_use]
    pub fn of_lane(page: &OpenPage, lane: Lane) -> Self {
        let seen = seen(&page.cursor, lane);
        let active = page.active.as_ref().map(|reply| {
            let mut running =
                Running::new(reply.generation_id, reply.message_id, reply.user_message_id);
            let here = seen.filter(|cursor| cursor.generation == Some(reply.generation_id.into()));
            running.seq = here.map_or(0, |cursor| cursor.seq);
            running.status = reply.status;
            running.kind = reply.kind;
            running.parts.clone_from(&reply.parts);
            running
        });
        let mut live = Self {
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
            failure: None,
            lapse: None,
            earlier: page.earlier,
            aside: Vec::new(),
            lane,
            compared: None,
            cursor: page.cursor.clone(),
            changes: Changes::default(),
        };
        match page.failure.clone() {
            Some(failure) if live.is_answered(failure.user_message_id) => {
                live.lapse = Some(Lapse::of(failure.status, failure.error));
            }
            failure => live.failure = failure,
        }
        live
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
            Event::Conversation(change) => self.conversation(change),
        };
        // The position moves only after the state holds what it stands for.
        if matches!(outcome, Outcome::Applied | Outcome::Mismatch) {
            self.come_to(id);
        }
        outcome
    }

    fn conversation(&mut self, change: ConversationEvent) -> Outcome {
        self.changes.title |= self.title != change.title;
        self.title = change.title;
        // While replies are compared the head may be another one than the first; while one is written, it is on its way.
        // After that, whoever reads another path was not told of it.
        let idle = self.active.is_none() && change.generation_id.is_none();
        let astray = idle && change.compared.is_none() && change.head != self.head();
        if astray || change.compared != self.compared {
            return Outcome::Refetch;
        }
        Outcome::Applied
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
                kind,
                continues_message_id,
                parts,
                lane: _,
            } => {
                if self.is_over(&g) || self.holds(message_id) {
                    self.ended = Some(g);
                    return Outcome::Applied;
                }
                let mut running = Running::new(generation_id, message_id, user_message_id);
                running.g = g;
                running.seq = seq;
                running.status = status;
                running.kind = kind;
                running.parts = parts;
                self.keep_shown(&mut running, continues_message_id);
                self.begin(running);
                if self.holds(user_message_id) {
                    Outcome::Applied
                } else {
                    Outcome::Refetch
                }
            }
            MessageEvent::Delta {
                g,
                prev,
                seq,
                part,
                text,
                lane: _,
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
                lane: _,
            } => {
                // An end is always that of the newest generation: whatever else was running here is over too, and its
                // own end was missed.
                let shown = self.active.take().filter(|running| running.g == g);
                self.changes.reply = true;
                self.ended = Some(g);
                // The end may come before the last of the text, which it then brings itself: only whoever holds
                // every frame can compare.
                let last = seen(id, self.lane).map(|cursor| cursor.seq);
                let again = shown
                    .as_ref()
                    .is_some_and(|running| running.kind != GenerationKind::New);
                let whole = shown.is_none_or(|running| {
                    let text = running.part(Part::Text);
                    last.is_some_and(|last| running.seq < last)
                        || (text.len() as u64 == text_len
                            && digest::sha256_hex(text) == text_sha256)
                });
                let Some(message) = message else {
                    return self.end_without(generation_id, user_message_id, status, error, again);
                };
                let id = message.id;
                if !self.store(*message) {
                    return Outcome::Refetch;
                }
                // This page began when the others had stepped aside already, and never knew them.
                let alone = |turn: &Turn| turn.id == Some(id) && turn.siblings.is_empty();
                if again && self.turns.iter().any(alone) {
                    return Outcome::Refetch;
                }
                if whole {
                    Outcome::Applied
                } else {
                    Outcome::Mismatch
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
                if self.store(*message) {
                    Outcome::Applied
                } else {
                    Outcome::Refetch
                }
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
                running.fare = Some(event);
                self.changes.reply = true;
                Outcome::Applied
            }
            None => Outcome::Ignored,
        }
    }

    /// A reply begins, on the page or in place of an earlier one.
    fn begin(&mut self, running: Running) {
        self.cut_behind(running.user_message_id);
        if self.active.as_ref().is_none_or(|old| old.g != running.g) {
            self.lapse = None;
        }
        self.active = Some(running);
        self.failure = None;
        self.changes.reply = true;
        self.changes.text = true;
    }

    /// Lets `running` keep what the reader sees: of the reply that it goes on from, or of itself.
    fn keep_shown(&mut self, running: &mut Running, continues: Option<MessageId>) {
        if let Some(old) = self.active.as_mut().filter(|old| old.g == running.g) {
            running.keep(old);
        } else if let Some(turn) = continues.and_then(|id| {
            let mut turns = self.turns.iter();
            turns.find(|turn| turn.id == Some(id))
        }) {
            running.kept.clone_from(&turn.content);
            running.kept_html.clone_from(&turn.html);
        }
    }

    /// A generation ended and there is no message: the path ends with what was asked, or as it did before.
    fn end_without(
        &mut self,
        generation_id: GenerationId,
        user_message_id: MessageId,
        status: GenerationStatus,
        error: Option<Problem>,
        again: bool,
    ) -> Outcome {
        if self.restore(user_message_id) || self.is_answered(user_message_id) {
            self.lapse = Some(Lapse::of(status, error));
            return Outcome::Refetch;
        }
        self.failure = Some(GenerationFailure {
            generation_id,
            user_message_id,
            status,
            error,
        });
        if self.holds(user_message_id) && !again {
            Outcome::Applied
        } else {
            Outcome::Refetch
        }
    }

    fn is_over(&self, g: &str) -> bool {
        self.ended.as_deref() == Some(g)
    }
}
