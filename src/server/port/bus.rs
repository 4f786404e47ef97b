//! Word from one instance to the others that something has changed.
//!
//! Only ever a hint: the truth is in the store, and whoever waits for a hint also looks for himself now
//! and then. So nothing here fails, blocks, or carries text of a conversation.

use futures::stream::BoxStream;
use parlance_core::domain::{ConversationId, SessionId, StatusEvent, UserId};

/// Something that another instance may want to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Frames of the conversation's reply were committed.
    Written(ConversationId),
    /// Something durable changed in the conversation.
    Stored {
        conversation: ConversationId,
        user: UserId,
    },
    /// How the conversation's reply fares while it has no text to show. The one thing that is not in the store: it is
    /// told anew now and then as long as it lasts.
    Faring {
        conversation: ConversationId,
        status: StatusEvent,
    },
    /// A session has ended.
    Revoked(SessionId),
    /// Hints may have been lost: look at everything.
    Lost,
}

/// A way to give hints to all other instances. Hints of one's own do not come back.
pub trait Bus: Send + Sync {
    /// Gives hints; returns at once.
    fn publish(&self, hints: &[Hint]);

    /// The hints of others from now on. Never ends.
    fn hints(&self) -> BoxStream<'static, Hint>;
}
