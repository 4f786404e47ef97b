//! What a turn needs before anything else: its conversation, and an owner who may have replies written.

use parlance_core::domain::{ConversationId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::store::moment::Moment;

/// A conversation whose row is locked.
#[derive(FromRow)]
pub(in crate::store) struct Locked {
    pub(in crate::store) rev: i64,
    pub(in crate::store) head_message_id: Option<Uuid>,
    pub(in crate::store) persona_id: Option<Uuid>,
    pub(in crate::store) when_busy: String,
}

/// The lock, on a connection with an open transaction.
pub(in crate::store) trait Lock {
    /// Takes the conversation's row and the next rev. Everything after it in this conversation waits for the commit, which
    /// is why the checks that follow cannot be overtaken. Nor can the account be shut in between: its row stays as it is
    /// until the commit. `None` for a conversation that is not there, and for an owner who is shut out.
    async fn lock(
        &mut self,
        conversation: ConversationId,
        owner: UserId,
        now: Timestamp,
    ) -> Result<Option<Locked>, sqlx::Error>;
}

macro_rules! lock {
    ($connection:ty, $active:literal) => {
        impl Lock for $connection {
            async fn lock(
                &mut self,
                conversation: ConversationId,
                owner: UserId,
                now: Timestamp,
            ) -> Result<Option<Locked>, sqlx::Error> {
                sqlx::query_as(concat!(
                    "with active as (",
                    $active,
                    ") update conversations set rev = rev + 1, changed_at = $3 \
                     where id = $1 and user_id = $2 and deleted_at is null \
                     and user_id in (select id from active) \
                     returning rev, head_message_id, persona_id, when_busy"
                ))
                .bind(conversation.0)
                .bind(owner.0)
                .bind(Moment(now))
                .fetch_optional(&mut *self)
                .await
            }
        }
    };
}

lock!(
    sqlx::PgConnection,
    "select id from users where id = $2 and is_active for share"
);
// One writes at a time there.
lock!(
    sqlx::SqliteConnection,
    "select id from users where id = $2 and is_active"
);
