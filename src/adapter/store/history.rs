//! Messages across conversations in SQL. The owner stands in every `where`.

use async_trait::async_trait;
use parlance_core::domain::{ConversationId, Message, UserId};
use parlance_server::port::store::{History, Past, StoreError};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    pool::snapshot,
    row::{Speech, speech_columns},
};

/// `$2` is a conversation or null, which stands for all.
macro_rules! told {
    () => {
        " from messages m join conversations c on c.id = m.conversation_id \
         where m.user_id = $1 and c.user_id = $1 and c.deleted_at is null and ($2 is null or c.id = $2)"
    };
}

const TOTAL: &str = concat!("select count(*)", told!());
const PAGE: &str = concat!(
    "select ",
    speech_columns!(),
    told!(),
    " order by m.created_at desc, m.rev desc, m.id desc limit $3 offset $4"
);
const OWN: &str =
    "select count(*) from conversations where user_id = $1 and deleted_at is null and id = $2";

#[async_trait]
impl History for Database {
    async fn history(
        &self,
        owner: UserId,
        conversation: Option<ConversationId>,
        offset: u64,
        limit: u32,
    ) -> Result<Past, StoreError> {
        let conversation: Option<Uuid> = conversation.map(|id| id.0);
        // No table has more rows than this.
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let (total, rows) = snapshot!(self.pool, |tx| {
            if conversation.is_some() {
                let own: i64 = sqlx::query_scalar(OWN)
                    .bind(owner.0)
                    .bind(conversation)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(fault)?;
                if own == 0 {
                    return Err(StoreError::NotFound);
                }
            }
            let total: i64 = sqlx::query_scalar(TOTAL)
                .bind(owner.0)
                .bind(conversation)
                .fetch_one(&mut *tx)
                .await
                .map_err(fault)?;
            let rows: Vec<Speech> = sqlx::query_as(PAGE)
                .bind(owner.0)
                .bind(conversation)
                .bind(i64::from(limit))
                .bind(offset)
                .fetch_all(&mut *tx)
                .await
                .map_err(fault)?;
            (total, rows)
        });
        Ok(Past {
            items: rows
                .into_iter()
                .map(Message::try_from)
                .collect::<Result<_, _>>()?,
            total: total.cast_unsigned(),
        })
    }
}
