//! What a turn is known by in the list, so that it is shown anew when it has to be and at no other time.

use parlance_core::domain::MessageId;

use crate::state::page::{Delivery, Turn};

/// The same place is the same element: its key, its delivery, how many stand in its place, when it was stored.
pub(super) type Place = (String, Delivery, usize, Option<i64>);

/// The places of a thread. A reply that was written on this page keeps the one that it had then for as long as it is
/// what it was when it ended.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Replies that were written here, and what would be their places as turns, once they are.
    written: Vec<(MessageId, Option<Place>)>,
}

impl Places {
    /// The place of the reply that is being written.
    pub(super) fn of_reply(&mut self, id: MessageId) -> Place {
        if self.written.iter().all(|(written, _)| *written != id) {
            self.written.push((id, None));
        }
        first(id)
    }

    /// The place of a turn.
    pub(super) fn of_turn(&mut self, turn: &Turn) -> Place {
        let own = (
            turn.key.clone(),
            turn.delivery,
            turn.siblings.len(),
            turn.facts.at,
        );
        let mut written = self.written.iter_mut();
        let Some((id, ended)) = written.find(|(id, _)| Some(*id) == turn.id) else {
            return own;
        };
        if *ended.get_or_insert_with(|| own.clone()) == own {
            first(*id)
        } else {
            own
        }
    }
}

/// The place of the replies to a message that are compared.
pub(super) fn of_comparison(id: MessageId) -> Place {
    (format!("{id}+"), Delivery::Sent, 0, None)
}

fn first(id: MessageId) -> Place {
    (id.to_string(), Delivery::Sent, 0, None)
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::{ConversationId, Message, Role, Timestamp};
    use uuid::Uuid;

    use super::*;

    const REPLY: MessageId = MessageId(Uuid::from_u128(2));

    fn reply() -> Turn {
        let conversation = ConversationId(Uuid::nil());
        Message::said(conversation, REPLY, Role::Assistant, "text", Timestamp(7)).into()
    }

    #[test]
    fn a_reply_keeps_its_place_when_it_becomes_a_turn() {
        let mut places = Places::default();
        let before = places.of_reply(REPLY);
        assert_eq!(places.of_turn(&reply()), before);
        assert_eq!(places.of_turn(&reply()), before);
        assert_ne!(Places::default().of_turn(&reply()), before);
    }

    #[test]
    fn another_version_beside_it_has_it_shown_anew() {
        let mut places = Places::default();
        let before = places.of_reply(REPLY);
        let beside = |count| Turn {
            siblings: vec![REPLY; count],
            ..reply()
        };
        assert_eq!(places.of_turn(&beside(2)), before);
        assert_ne!(places.of_turn(&beside(3)), before);
        assert_eq!(places.of_turn(&beside(2)), before);
    }
}
