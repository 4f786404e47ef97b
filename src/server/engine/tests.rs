//! The engine on a memory, with a scripted model and time that is turned by hand.

mod instances;
mod lifecycle;
mod memory;
mod model;
mod policy;
mod store;
mod world;

use parlance_core::domain::{ConversationId, Message, MessageId, MessageStatus, Role, Timestamp};
use uuid::Uuid;

/// A stored message of nobody's conversation.
pub(super) fn message(number: u128, role: Role, content: &str) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(number)),
        conversation_id: ConversationId(Uuid::nil()),
        parent_id: None,
        continues_message_id: None,
        role,
        content: content.to_owned(),
        reasoning: None,
        status: MessageStatus::Completed,
        finish_reason: None,
        error: None,
        model: None,
        persona_id: None,
        usage: None,
        first_token_ms: None,
        response_ms: None,
        created_at: Timestamp(0),
    }
}
