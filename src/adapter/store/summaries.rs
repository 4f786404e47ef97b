//! Which summary stands for the beginning of a path. Writing one is a matter of `turns`.

use std::collections::HashSet;

use parlance_core::domain::{ConversationId, MessageId, UserId};
use parlance_server::port::store::{StoreError, Summary};
use uuid::Uuid;

use super::{Database, fault::fault, pool::snapshot};

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
}
