//! Which summary stands for the beginning of a path.

use std::collections::HashSet;

use parlance_core::domain::{ConversationId, MessageId, Timestamp, UserId};
use parlance_server::port::store::{StoreError, Summary};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{snapshot, transaction},
};

/// Newest first. There are few: one for each time that a path outgrew the model.
const OF_CONVERSATION: &str = "select s.message_id from summaries s join conversations c on c.id = s.conversation_id \
    where s.conversation_id = $1 and c.user_id = $2 and c.deleted_at is null \
    order by s.created_at desc, s.message_id desc";
const TEXT: &str = "select content from summaries where conversation_id = $1 and message_id = $2";

impl Database {
    /// See `Turns::summary`. The path is looked through here, because lists of ids are where the two engines
    /// differ most.
    pub(super) async fn newest_summary(
        &self,
        owner: UserId,
        conversation: ConversationId,
        path: &[MessageId],
    ) -> Result<Option<Summary>, StoreError> {
        let path: HashSet<Uuid> = path.iter().map(|message| message.0).collect();
        Ok(snapshot!(self.pool, |tx| {
            let all: Vec<Uuid> = sqlx::query_scalar(OF_CONVERSATION)
                .bind(conversation.0)
                .bind(owner.0)
                .fetch_all(&mut *tx)
                .await
                .map_err(fault)?;
            let Some(up_to) = all.into_iter().find(|message| path.contains(message)) else {
                return Ok(None);
            };
            let text: String = sqlx::query_scalar(TEXT)
                .bind(conversation.0)
                .bind(up_to)
                .fetch_one(&mut *tx)
                .await
                .map_err(fault)?;
            Some(Summary {
                up_to: MessageId(up_to),
                text,
            })
        }))
    }

    /// See `Turns::save_summary`.
    pub(super) async fn keep_summary(
        &self,
        conversation: ConversationId,
        summary: Summary,
        context_rev: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            // Locks the row: a context that changes at this moment drops what is stored here, or comes first.
            let is_current = sqlx::query(
                "update conversations set context_rev = context_rev where id = $1 and context_rev = $2",
            )
            .bind(conversation.0)
            .bind(context_rev.cast_signed())
            .execute(&mut *tx)
            .await
            .map_err(fault)?
            .rows_affected()
                == 1;
            if is_current {
                sqlx::query(
                    "insert into summaries (conversation_id, message_id, content, created_at) values ($1, $2, $3, $4) \
                     on conflict (conversation_id, message_id) \
                     do update set content = excluded.content, created_at = excluded.created_at",
                )
                .bind(conversation.0)
                .bind(summary.up_to.0)
                .bind(&summary.text)
                .bind(Moment(now))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            }
        });
        Ok(())
    }
}
