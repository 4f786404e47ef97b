//! The engine on a memory, with a scripted model and time that is turned by hand.

mod instances;
mod lanes;
mod lifecycle;
mod memory;
mod model;
mod policy;
mod store;
mod world;

use parlance_core::domain::{ConversationId, Message, MessageId, Role, Timestamp};
use uuid::Uuid;

/// A stored message of nobody's conversation.
pub(super) fn message(number: u128, role: Role, content: &str) -> Message {
    let conversation = ConversationId(Uuid::nil());
    let id = MessageId(Uuid::from_u128(number));
    Message::said(conversation, id, role, content, Timestamp(0))
}
