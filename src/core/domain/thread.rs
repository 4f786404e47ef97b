//! The tree that `parent_id` spans, and the one path through it that a person reads.

use std::collections::HashMap;

use super::{Message, MessageId};

/// The messages from the root to `head`, in reading order. A `head` that is not among `messages`
/// gives an empty path; a cycle, which the store never writes, ends the walk.
#[must_use]
pub fn path_to(messages: Vec<Message>, head: Option<MessageId>) -> Vec<Message> {
    let mut by_id: HashMap<MessageId, Message> = messages
        .into_iter()
        .map(|message| (message.id, message))
        .collect();
    let mut path = Vec::new();
    let mut next = head;
    while let Some(message) = next.and_then(|id| by_id.remove(&id)) {
        next = message.parent_id;
        path.push(message);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ConversationId, MessageStatus, Role, Timestamp};
    use uuid::Uuid;

    fn message(id: u128, parent: Option<u128>) -> Message {
        Message {
            id: MessageId(Uuid::from_u128(id)),
            conversation_id: ConversationId(Uuid::nil()),
            parent_id: parent.map(|id| MessageId(Uuid::from_u128(id))),
            role: Role::User,
            content: String::new(),
            reasoning: None,
            status: MessageStatus::Completed,
            finish_reason: None,
            error: None,
            model: None,
            persona_id: None,
            usage: None,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn leaves_other_branches_out() {
        let tree = vec![
            message(1, None),
            message(2, Some(1)),
            message(3, Some(1)),
            message(4, Some(3)),
        ];
        let path = path_to(tree, Some(MessageId(Uuid::from_u128(4))));
        let ids: Vec<_> = path.iter().map(|message| message.id.0.as_u128()).collect();
        assert_eq!(ids, [1, 3, 4]);
    }
}
