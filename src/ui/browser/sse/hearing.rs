//! What came over the stream, wherever it is held: to the list, to the open conversation, and a word to the machine.

use leptos::prelude::*;
use parlance_core::domain::{ByeReason, ConversationId, ConversationStatus, Event, ProblemCode};

use super::supervisor::Supervisor;
use crate::state::{
    connection::Input,
    live::Outcome,
    relay::{Desk, Verdict},
};

impl Supervisor {
    /// Takes in one line, with the position that came with it.
    pub(super) fn hear(&self, data: &str, id: &str) {
        let about = Event::addressee(data);
        if let (Some(desk), Some(conversation)) = (&mut self.line.borrow_mut().desk, about) {
            desk.passed(conversation, id);
        }
        // An event of a later protocol is a sign of life and nothing more.
        let Ok(event) = Event::from_json(data) else {
            return self.feed(Input::Beat);
        };
        if let Event::Conversation(change) = &event {
            self.roster.try_update(|roster| roster.apply(change));
            if change.status == ConversationStatus::Deleted && self.is_open(change.id) {
                self.feed(Input::Gone);
            }
        }
        let input = match about {
            Some(conversation) => self.hear_about(conversation, event, id),
            None => self.hear_account(&event),
        };
        self.feed(input);
    }

    fn hear_account(&self, event: &Event) -> Input {
        let mut line = self.line.borrow_mut();
        let holds = line.desk.is_some();
        match event {
            Event::Hello(_) if holds || line.answer == Some(Verdict::Carried) => {
                line.in_step = true;
                Input::Hello
            }
            // The tab that leads sees to the other farewells.
            Event::Bye(bye) if holds || bye.reason == ByeReason::Revoked => Input::Bye(*bye),
            _ => Input::Beat,
        }
    }

    fn hear_about(&self, conversation: ConversationId, event: Event, id: &str) -> Input {
        let (thread, in_step) = {
            let line = self.line.borrow();
            (line.thread, line.in_step)
        };
        let Some(thread) = thread.filter(|thread| in_step && thread.id == conversation) else {
            return Input::Beat;
        };
        if matches!(&event, Event::Error(problem) if problem.code == ProblemCode::NotFound) {
            return Input::Gone;
        }
        let input = match thread.apply(event, id) {
            Some(Outcome::Gap) => Input::Gap,
            Some(Outcome::Refetch) => Input::Stale,
            Some(Outcome::Bye(bye)) if bye.reason == ByeReason::Gone => Input::Gone,
            // It has ended for this conversation alone.
            Some(Outcome::Bye(_)) => Input::Stale,
            _ => Input::Beat,
        };
        self.paint();
        input
    }

    fn is_open(&self, conversation: ConversationId) -> bool {
        let thread = self.line.borrow().thread;
        thread.is_some_and(|thread| thread.id == conversation)
    }

    /// Whether this tab holds a stream, for itself or for all.
    pub(super) fn with_desk<T>(&self, act: impl FnOnce(&mut Desk) -> T) -> Option<T> {
        self.line.borrow_mut().desk.as_mut().map(act)
    }
}
