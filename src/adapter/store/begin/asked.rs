//! What a turn answers, told from the row of the message that the person named. No statement is run here.

use parlance_core::domain::{GenerationKind, MessageId};
use sqlx::FromRow;
use uuid::Uuid;

/// The message that `Again` and `Further` name, with what decides whether they may.
pub(super) const ASKED: &str = "select m.parent_id, m.role, m.status, m.content <> '' as has_text, \
    coalesce(m.reasoning, '') <> '' as has_reasoning, p.role as parent_role \
    from messages m left join messages p on p.id = m.parent_id \
    where m.id = $1 and m.conversation_id = $2";

/// A row of [`ASKED`].
#[derive(FromRow)]
pub(super) struct Asked {
    parent_id: Option<Uuid>,
    role: String,
    status: String,
    has_text: bool,
    has_reasoning: bool,
    parent_role: Option<String>,
}

/// What a generation will answer, and how.
#[derive(Clone, Copy)]
pub(super) struct Aim {
    pub(super) kind: GenerationKind,
    pub(super) user_message: Uuid,
    pub(super) continues: Option<Uuid>,
    pub(super) kept_frames: i64,
}

impl Aim {
    /// The first reply to a message that is stored just now.
    pub(super) fn new(message: MessageId) -> Self {
        Self {
            kind: GenerationKind::New,
            user_message: message.0,
            continues: None,
            kept_frames: 0,
        }
    }
}

impl Asked {
    /// Once more: what this reply answered, or this message of a person.
    pub(super) fn again(&self, id: MessageId) -> Option<Aim> {
        let user_message = match self.role.as_str() {
            "user" => id.0,
            _ => self.answered()?,
        };
        Some(Aim {
            kind: GenerationKind::Regenerate,
            user_message,
            continues: None,
            kept_frames: 0,
        })
    }

    /// On from the end of this reply, if it is an unfinished one.
    pub(super) fn further(&self, id: MessageId) -> Option<Aim> {
        let unfinished = ["stopped", "interrupted"].contains(&self.status.as_str());
        let user_message = self.answered().filter(|_| unfinished)?;
        Some(Aim {
            kind: GenerationKind::Continue,
            user_message,
            continues: Some(id.0),
            kept_frames: i64::from(self.has_text) + i64::from(self.has_reasoning),
        })
    }

    /// The person's message that this reply answers.
    fn answered(&self) -> Option<Uuid> {
        let reply = self.role == "assistant" && self.parent_role.as_deref() == Some("user");
        self.parent_id.filter(|_| reply)
    }
}
