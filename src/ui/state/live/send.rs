//! A person's own message on its way: shown at once, then taken over by what the server stored, or taken back.

use parlance_core::domain::{Accepted, MessageId, MessageStatus, ProblemCode, Role};

use super::{Live, Running};
use crate::state::page::{Delivery, Facts, Turn};

impl Live {
    /// Shows a message that has just been sent off under the id that the browser minted for it.
    pub fn sending(&mut self, client_message_id: &str, text: &str) {
        self.failure = None;
        self.lapse = None;
        self.changes.reply = true;
        self.changes.turns = true;
        self.turns.push(Turn {
            parent: self.head(),
            delivery: Delivery::Sending,
            ..own(client_message_id, text)
        });
    }

    /// The server took in another wording of a message behind `parent`. The stream may have been faster.
    pub fn reworded(
        &mut self,
        client_message_id: &str,
        text: &str,
        parent: Option<MessageId>,
        accepted: &Accepted,
    ) {
        if !self.holds(accepted.message_id) {
            self.put(Turn {
                id: Some(accepted.message_id),
                parent,
                ..own(client_message_id, text)
            });
        }
        self.accepted(client_message_id, accepted);
    }

    /// The server took it in. The stream may have been faster: then the message, or even its whole reply, is here.
    pub fn accepted(&mut self, client_message_id: &str, accepted: &Accepted) {
        self.changes.turns = true;
        if self.holds(accepted.message_id) {
            self.turns
                .retain(|turn| turn.id.is_some() || turn.key != client_message_id);
        } else if let Some(turn) = self
            .turns
            .iter_mut()
            .find(|turn| turn.key == client_message_id)
        {
            turn.id = Some(accepted.message_id);
            turn.delivery = Delivery::Sent;
        }
        let running = Running::new(
            accepted.generation_id,
            accepted.reply_message_id,
            accepted.message_id,
        );
        let begun = self
            .active
            .as_ref()
            .is_some_and(|active| active.generation_id == accepted.generation_id);
        if !begun && !self.is_over(&running.g) && !self.holds(accepted.reply_message_id) {
            self.begin(running);
        }
    }

    /// Shows a message again that was not taken before the page was loaded anew.
    pub fn unsent(&mut self, client_message_id: &str, text: &str) {
        self.changes.turns = true;
        self.turns.push(Turn {
            parent: self.head(),
            delivery: Delivery::Failed,
            ..own(client_message_id, text)
        });
    }

    /// The server refused it, or was not there, and it stays in sight with its reason. `false` when the stream showed
    /// meanwhile that it did arrive.
    pub fn failed(&mut self, client_message_id: &str, reason: Option<ProblemCode>) -> bool {
        let mut turns = self.turns.iter_mut();
        let turn = turns.find(|turn| turn.id.is_none() && turn.key == client_message_id);
        let held = turn.is_some();
        if let Some(turn) = turn {
            turn.delivery = Delivery::Failed;
            turn.error = reason;
            self.changes.turns = true;
        }
        held
    }

    /// The server refused it, or was not there: takes it back and gives its text. `None` when the stream showed
    /// meanwhile that it did arrive.
    pub fn refused(&mut self, client_message_id: &str) -> Option<String> {
        let place = self
            .turns
            .iter()
            .position(|turn| turn.id.is_none() && turn.key == client_message_id)?;
        self.changes.turns = true;
        Some(self.turns.remove(place).content)
    }
}

/// A message of the person who reads.
fn own(client_message_id: &str, text: &str) -> Turn {
    Turn {
        key: client_message_id.to_owned(),
        id: None,
        parent: None,
        siblings: Vec::new(),
        role: Role::User,
        content: text.to_owned(),
        html: None,
        reasoning: None,
        status: MessageStatus::Completed,
        error: None,
        model: None,
        delivery: Delivery::Sent,
        facts: Facts::default(),
    }
}
