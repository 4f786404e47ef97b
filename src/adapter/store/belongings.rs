//! Everything of a person in SQL, by key and never by offset. The owner stands in every `where`.

use async_trait::async_trait;
use parlance_core::domain::{Conversation, ConversationId, Message, MessageId, Timestamp, UserId};
use parlance_server::port::store::{Belonging, Belongings, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, snapshot},
    row::{Speech, Talk, speech_columns, talk_columns},
};

const TALKS: &str = concat!(
    "select ",
    talk_columns!(),
    ", c.deleted_at from conversations c where c.user_id = $1 and (c.created_at, c.id) < ($2, $3) \
     order by c.created_at desc, c.id desc limit $4"
);
const OWN: &str = "select count(*) from conversations where id = $1 and user_id = $2";
/// The first condition is what an index can use.
const SPEECHES: &str = concat!(
    "select ",
    speech_columns!(),
    " from messages m where m.conversation_id = $1 and m.user_id = $2 \
     and m.rev >= $3 and (m.rev > $3 or m.id > $4) order by m.rev, m.id limit $5"
);

/// The last moment that RFC 3339 can write.
const LATEST: Timestamp = Timestamp(253_402_300_799_999_999);

#[derive(FromRow)]
struct Kept {
    #[sqlx(flatten)]
    talk: Talk,
    deleted_at: Option<Moment>,
}

#[async_trait]
impl Belongings for Database {
    async fn all_conversations(
        &self,
        owner: UserId,
        after: Option<(Timestamp, ConversationId)>,
        limit: u32,
    ) -> Result<Vec<Belonging>, StoreError> {
        let (at, id) = after.unwrap_or((LATEST, ConversationId(Uuid::max())));
        let rows: Vec<Kept> = read!(self.pool, |db| sqlx::query_as(TALKS)
            .bind(owner.0)
            .bind(Moment(at))
            .bind(id.0)
            .bind(i64::from(limit))
            .fetch_all(db));
        rows.into_iter()
            .map(|row| {
                Ok(Belonging {
                    conversation: Conversation::try_from(row.talk)?,
                    deleted_at: row.deleted_at.map(|moment| moment.0),
                })
            })
            .collect()
    }

    async fn all_messages(
        &self,
        owner: UserId,
        id: ConversationId,
        after: Option<(u64, MessageId)>,
        limit: u32,
    ) -> Result<Vec<(u64, Message)>, StoreError> {
        let (rev, last) = after.unwrap_or((0, MessageId(Uuid::nil())));
        let rows: Vec<Speech> = snapshot!(self.pool, |tx| {
            let own: i64 = sqlx::query_scalar(OWN)
                .bind(id.0)
                .bind(owner.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(fault)?;
            if own == 0 {
                return Err(StoreError::NotFound);
            }
            sqlx::query_as(SPEECHES)
                .bind(id.0)
                .bind(owner.0)
                .bind(rev.cast_signed())
                .bind(last.0)
                .bind(i64::from(limit))
                .fetch_all(&mut *tx)
                .await
                .map_err(fault)?
        });
        rows.into_iter()
            .map(|row| Ok((row.rev.cast_unsigned(), Message::try_from(row)?)))
            .collect()
    }
}
