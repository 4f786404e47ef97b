//! Conversations and their messages in SQL, for reading. The owner stands in every `where`.

use async_trait::async_trait;
use parlance_core::domain::{
    Conversation, ConversationId, ConversationStatus, GenerationId, Message, MessageId, Timestamp,
    UserId,
};
use parlance_server::port::store::{
    Changes, Conversations, GenerationRow, NewConversation, Opened, PageKey, StoreError,
};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{read, snapshot, transaction, write},
    row::{Run, Speech, Talk, run_columns, speech_columns, talk_columns},
};

const OWN: &str = concat!(
    "select ",
    talk_columns!(),
    " from conversations c where c.id = $1 and c.user_id = $2 and c.deleted_at is null"
);
const NEWER: &str = concat!(
    "select ",
    speech_columns!(),
    " from messages m where m.conversation_id = $1 and m.rev > $2 order by m.rev, m.id limit $3"
);
const NEWEST: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g where g.conversation_id = $1 order by g.no desc limit 1"
);

/// Before every row: the first page begins here. The last moment that RFC 3339 can write.
const BEFORE_ALL: PageKey = PageKey {
    updated_at: Timestamp(253_402_300_799_999_999),
    id: ConversationId(Uuid::max()),
};

/// A conversation, its messages after a rev, and its newest generation, at one moment.
struct Read {
    talk: Talk,
    speeches: Vec<Speech>,
    newest: Option<GenerationRow>,
}

impl Database {
    async fn read(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
        limit: i64,
    ) -> Result<Option<Read>, StoreError> {
        // A rev beyond i64 was never given out: nothing is newer.
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let (talk, speeches, newest) = snapshot!(self.pool, |tx| {
            let talk: Option<Talk> = sqlx::query_as(OWN)
                .bind(id.0)
                .bind(owner.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            let Some(talk) = talk else { return Ok(None) };
            let speeches: Vec<Speech> = sqlx::query_as(NEWER)
                .bind(id.0)
                .bind(since)
                .bind(limit)
                .fetch_all(&mut *tx)
                .await
                .map_err(fault)?;
            let newest: Option<Run> = sqlx::query_as(NEWEST)
                .bind(id.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            (talk, speeches, newest)
        });
        Ok(Some(Read {
            talk,
            speeches,
            newest: newest.map(GenerationRow::try_from).transpose()?,
        }))
    }
}

#[async_trait]
impl Conversations for Database {
    async fn create_conversation(&self, new: NewConversation) -> Result<Conversation, StoreError> {
        write!(self.pool, |db| sqlx::query(
            "insert into conversations (id, user_id, persona_id, title, created_at, updated_at) \
             values ($1, $2, $3, $4, $5, $5)"
        )
        .bind(new.id.0)
        .bind(new.user_id.0)
        .bind(new.persona_id.map(|persona| persona.0))
        .bind(&new.title)
        .bind(Moment(new.created_at))
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(Conversation {
            id: new.id,
            title: new.title,
            persona_id: new.persona_id,
            status: ConversationStatus::Active,
            rev: 0,
            created_at: new.created_at,
            updated_at: new.created_at,
        })
    }

    async fn list_conversations(
        &self,
        owner: UserId,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError> {
        let after = after.unwrap_or(BEFORE_ALL);
        let rows: Vec<Talk> = read!(self.pool, |db| sqlx::query_as(concat!(
            "select ",
            talk_columns!(),
            " from conversations c where c.user_id = $1 and c.deleted_at is null \
             and (c.updated_at, c.id) < ($2, $3) order by c.updated_at desc, c.id desc limit $4"
        ))
        .bind(owner.0)
        .bind(Moment(after.updated_at))
        .bind(after.id.0)
        .bind(i64::from(limit))
        .fetch_all(db)
        .await
        .map_err(fault)?);
        rows.into_iter().map(Conversation::try_from).collect()
    }

    async fn open_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
    ) -> Result<Option<Opened>, StoreError> {
        let Some(Read {
            talk,
            speeches,
            newest,
        }) = self.read(owner, id, since, i64::MAX).await?
        else {
            return Ok(None);
        };
        Ok(Some(Opened {
            head: talk.head_message_id.map(MessageId),
            conversation: talk.try_into()?,
            messages: speeches
                .into_iter()
                .map(Message::try_from)
                .collect::<Result<_, _>>()?,
            newest,
        }))
    }

    async fn changes_since(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
        limit: usize,
    ) -> Result<Option<Changes>, StoreError> {
        // One more than asked tells whether there are more.
        let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let Some(Read {
            talk,
            mut speeches,
            newest,
        }) = self.read(owner, id, since, one_more).await?
        else {
            return Ok(None);
        };
        let truncated = speeches.len() > limit;
        speeches.truncate(limit);
        Ok(Some(Changes {
            conversation: talk.try_into()?,
            messages: speeches
                .into_iter()
                .map(|speech| Ok((speech.rev.cast_unsigned(), Message::try_from(speech)?)))
                .collect::<Result<_, StoreError>>()?,
            truncated,
            newest,
        }))
    }

    async fn delete_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<Option<GenerationId>, StoreError> {
        let active: Option<Uuid> = transaction!(self.pool, |tx| {
            let gone = sqlx::query(
                "update conversations set status = 'deleted', deleted_at = $3, updated_at = $3, rev = rev + 1 \
                 where id = $1 and user_id = $2 and deleted_at is null",
            )
            .bind(id.0)
            .bind(owner.0)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if gone.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
            sqlx::query("delete from drafts where user_id = $1 and conversation_id = $2")
                .bind(owner.0)
                .bind(id.0)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            sqlx::query_scalar(
                "select id from generations where conversation_id = $1 \
                 and status in ('queued', 'starting', 'streaming')",
            )
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?
        });
        Ok(active.map(GenerationId))
    }
}
