//! What a turn needs before anything else: its conversation, and an owner who may have replies written.

use parlance_core::domain::{ConversationId, ModelConfigId, Parameters, Timestamp, UserId};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::store::moment::Moment;

/// A conversation whose row is locked.
#[derive(FromRow)]
pub(in crate::store) struct Locked {
    pub(in crate::store) rev: i64,
    pub(in crate::store) head_message_id: Option<Uuid>,
    pub(in crate::store) persona_id: Option<Uuid>,
    pub(in crate::store) model_config_id: Option<Uuid>,
    pub(in crate::store) parameters: Option<Json<Parameters>>,
    pub(in crate::store) when_busy: String,
}

impl Locked {
    /// The model that a turn asks, which may have named one itself.
    pub(in crate::store) fn model(&self, named: Option<ModelConfigId>) -> Option<ModelConfigId> {
        named.or(self.model_config_id.map(ModelConfigId))
    }

    /// The parameters of a turn, which may have set some itself.
    pub(in crate::store) fn parameters(&self, set: &Parameters) -> Parameters {
        match &self.parameters {
            Some(own) => set.over(own),
            None => set.clone(),
        }
    }
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
                     returning rev, head_message_id, persona_id, model_config_id, parameters, when_busy"
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
