//! Unsent texts in SQL. A draft belongs to its writer alone, so the conversation's owner is not asked. While the
//! conversation is deleted it is not shown, and stands there again when the conversation is restored.

use async_trait::async_trait;
use parlance_core::domain::{ConversationId, Timestamp, UserId};
use parlance_server::port::store::{Drafts, StoreError};
use sqlx::Error;
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, write},
};

/// What was typed and not sent.
pub(super) trait Unsent {
    async fn unsent(
        &mut self,
        owner: UserId,
        conversation: Option<ConversationId>,
    ) -> Result<Option<String>, Error>;
}

on_both! { impl Unsent {
    async fn unsent(
        &mut self,
        owner: UserId,
        conversation: Option<ConversationId>,
    ) -> Result<Option<String>, Error> {
        sqlx::query_scalar(
            "select content from drafts d where user_id = $1 and conversation_id = $2 and not exists \
             (select 1 from conversations c where c.id = d.conversation_id and c.deleted_at is not null)",
        )
        .bind(owner.0)
        .bind(key(conversation))
        .fetch_optional(&mut *self)
        .await
    }
} }

/// The conversation's id, or the nil id for one that does not exist yet.
fn key(conversation: Option<ConversationId>) -> Uuid {
    conversation.map_or(Uuid::nil(), |id| id.0)
}

#[async_trait]
impl Drafts for Database {
    async fn save_draft(
        &self,
        owner: UserId,
        conversation: Option<ConversationId>,
        text: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if text.is_empty() {
            write!(self.pool, |db| sqlx::query(
                "delete from drafts where user_id = $1 and conversation_id = $2"
            )
            .bind(owner.0)
            .bind(key(conversation))
            .execute(db)
            .await
            .map_err(fault)?);
            return Ok(());
        }
        write!(self.pool, |db| {
            sqlx::query(
            "insert into drafts (user_id, conversation_id, content, updated_at) values ($1, $2, $3, $4) \
             on conflict (user_id, conversation_id) \
             do update set content = excluded.content, updated_at = excluded.updated_at"
        )
        .bind(owner.0)
        .bind(key(conversation))
        .bind(text)
        .bind(Moment(now))
        .execute(db)
        .await
        .map_err(fault)?
        });
        Ok(())
    }

    async fn draft(
        &self,
        owner: UserId,
        conversation: Option<ConversationId>,
    ) -> Result<Option<String>, StoreError> {
        Ok(read!(self.pool, |db| db.unsent(owner, conversation)))
    }
}
