//! Contexts in SQL. What they may say is not decided here.

mod named;

use async_trait::async_trait;
use parlance_core::domain::{
    ContextId, ConversationContext, ConversationId, MessageId, NamedContext, Timestamp, UserId,
};
use parlance_server::port::store::{Contexts, Retold, StoreError, Told};
use sqlx::{Error, FromRow};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    pool::{on_both, read, transaction},
};

/// The conversation's own text, and the edits, each with the bytes of the message that it names. In one statement, so that
/// they are of one moment; not joined, so that the text comes once.
const TOLD: &str = "select cast(null as uuid) as message_id, c.context as content, true as counts, c.context_rev as number \
    from conversations c where c.id = $1 and c.user_id = $2 \
    union all \
    select e.message_id, e.content, e.counts, cast(octet_length(m.content) as bigint) \
    from context_edits e join conversations c on c.id = e.conversation_id join messages m on m.id = e.message_id \
    where e.conversation_id = $1 and c.user_id = $2";

#[derive(FromRow)]
struct Line {
    /// `None` on the conversation's own line.
    message_id: Option<Uuid>,
    content: Option<String>,
    counts: bool,
    /// The rev on the conversation's own line, else bytes.
    number: i64,
}

/// `None` without the conversation's own line.
fn told(lines: Vec<Line>) -> Option<Told> {
    let (mut told, mut is_there) = (Told::default(), false);
    for line in lines {
        let number = line.number.cast_unsigned();
        let Some(message) = line.message_id.map(MessageId) else {
            is_there = true;
            told.context.content = line.content.unwrap_or_default();
            told.rev = number;
            continue;
        };
        told.edited_bytes += number;
        if !line.counts {
            told.context.excluded.insert(message);
        }
        if let Some(wording) = line.content {
            told.context.wordings.insert(message, wording);
        }
    }
    is_there.then_some(told)
}

/// Reading within a transaction that writes.
trait Telling {
    async fn lines(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
    ) -> Result<Vec<Line>, Error>;

    /// Whether the message is one of the conversation.
    async fn edit(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        counts: bool,
        wording: Option<&str>,
    ) -> Result<bool, Error>;
}

on_both! { impl Telling {
    async fn lines(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
    ) -> Result<Vec<Line>, Error> {
        sqlx::query_as(TOLD)
            .bind(conversation.0)
            .bind(owner.0)
            .fetch_all(&mut *self)
            .await
    }

    async fn edit(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        counts: bool,
        wording: Option<&str>,
    ) -> Result<bool, Error> {
        let stored = sqlx::query(
            "insert into context_edits (conversation_id, message_id, counts, content) \
             select m.conversation_id, m.id, $3, $4 from messages m where m.id = $2 and m.conversation_id = $1",
        )
        .bind(conversation.0)
        .bind(message.0)
        .bind(counts)
        .bind(wording)
        .execute(&mut *self)
        .await?;
        Ok(stored.rows_affected() == 1)
    }
} }

#[async_trait]
impl Contexts for Database {
    async fn contexts(&self, owner: UserId) -> Result<Vec<NamedContext>, StoreError> {
        self.named_contexts(owner).await
    }

    async fn context(
        &self,
        owner: UserId,
        id: ContextId,
    ) -> Result<Option<NamedContext>, StoreError> {
        self.named_context(owner, id).await
    }

    async fn create_context(
        &self,
        owner: UserId,
        context: &NamedContext,
        most: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store_context(owner, context, most, now).await
    }

    async fn change_context(
        &self,
        owner: UserId,
        context: &NamedContext,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.rewrite_context(owner, context, now).await
    }

    async fn delete_context(&self, owner: UserId, id: ContextId) -> Result<bool, StoreError> {
        self.drop_context(owner, id).await
    }

    async fn told(
        &self,
        owner: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Told>, StoreError> {
        Ok(told(read!(self.pool, |db| db.lines(owner, conversation))))
    }

    async fn tell(
        &self,
        owner: UserId,
        conversation: ConversationId,
        context: &ConversationContext,
        seen: Option<u64>,
    ) -> Result<Retold, StoreError> {
        let messages = context.excluded.iter().chain(context.wordings.keys());
        let mut messages: Vec<MessageId> = messages.copied().collect();
        messages.sort_unstable();
        messages.dedup();
        let rev = transaction!(self.pool, |tx| {
            // First of all: whoever comes at the same moment waits here.
            let rev: Option<i64> = sqlx::query_scalar(
                "update conversations set context = $3, context_rev = context_rev + 1 \
                 where id = $1 and user_id = $2 and deleted_at is null returning context_rev",
            )
            .bind(conversation.0)
            .bind(owner.0)
            .bind(&context.content)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            let rev = rev.ok_or(StoreError::NotFound)?.cast_unsigned();
            if seen.is_some_and(|seen| seen != rev - 1) {
                return Ok(Retold::Stale);
            }
            let before = told(tx.lines(owner, conversation).await.map_err(fault)?);
            let before = before.unwrap_or_default().context;
            let is_told_otherwise =
                before.excluded != context.excluded || before.wordings != context.wordings;
            if is_told_otherwise {
                for statement in [
                    "delete from context_edits where conversation_id = $1",
                    // They hold what was said before.
                    "delete from summaries where conversation_id = $1",
                ] {
                    sqlx::query(statement)
                        .bind(conversation.0)
                        .execute(&mut *tx)
                        .await
                        .map_err(fault)?;
                }
                for message in &messages {
                    let counts = !context.excluded.contains(message);
                    let wording = context.wordings.get(message).map(String::as_str);
                    let stored = tx.edit(conversation, *message, counts, wording);
                    if !stored.await.map_err(fault)? {
                        return Ok(Retold::Unknown(*message));
                    }
                }
            }
            rev
        });
        Ok(Retold::Done(rev))
    }
}
