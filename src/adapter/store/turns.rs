//! Turns in SQL: the readers, what changes one row, and the door to the transactions in `begin`, `waiting`
//! and `finish`.

use async_trait::async_trait;
use parlance_core::domain::{
    ConversationId, GenerationId, Message, MessageId, ModelConfigId, Timestamp, UserId,
};
use parlance_server::port::store::{
    Begin, Begun, Finish, Finished, GenerationRow, Owner, PathEnd, StoreError, Summary, Turns,
};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    path::Paths,
    pool::{read, transaction, write},
    row::{Run, Speech, run_columns, speech_columns},
    step::Steps,
};

/// Ids and sizes climb until the texts are too many; the texts themselves are joined afterwards.
const PATH_END: &str = concat!(
    "with recursive climb (id, parent_id, height, bytes) as ( \
     select m.id, m.parent_id, 0, cast(octet_length(m.content) as bigint) \
     from messages m join conversations c on c.id = m.conversation_id \
     where m.id = $3 and m.conversation_id = $2 and c.user_id = $1 and c.deleted_at is null \
     union all \
     select m.id, m.parent_id, climb.height + 1, climb.bytes + octet_length(m.content) \
     from climb join messages m on m.id = climb.parent_id \
     where climb.bytes <= $4) \
     select ",
    speech_columns!(),
    " from climb join messages m on m.id = climb.id \
     where climb.height = 0 or climb.bytes <= $4 order by climb.height desc"
);

/// Lets the path end with `$2`, one of the replies that are compared. `$more` is set besides, `$end` ends the statement.
macro_rules! chosen_reply {
    ($more:literal, $end:literal) => {
        concat!(
            "update conversations set rev = rev + 1, changed_at = $3, head_message_id = $2",
            $more,
            " where id = (select m.conversation_id from messages m where m.id = $2) \
             and user_id = $1 and deleted_at is null and compared_message_id = \
             (select g.user_message_id from generations g where g.reply_message_id = $2)",
            $end
        )
    };
}

#[async_trait]
impl Turns for Database {
    async fn begin_turn(&self, begin: Begin) -> Result<Begun, StoreError> {
        self.begin(begin).await
    }

    async fn begin_waiting(
        &self,
        conversation: ConversationId,
        queued: bool,
        owner: Owner,
        now: Timestamp,
    ) -> Result<Option<(GenerationRow, u64)>, StoreError> {
        self.begin_oldest(conversation, queued, owner, now).await
    }

    async fn next_model(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<Option<ModelConfigId>>, StoreError> {
        self.model_next(conversation).await
    }

    async fn waiting_conversations(&self) -> Result<Vec<(ConversationId, UserId)>, StoreError> {
        self.left_waiting().await
    }

    async fn start_generation(
        &self,
        id: GenerationId,
        boot: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let started = write!(self.pool, |db| sqlx::query(
            "update generations set status = 'starting', started_at = $3 \
             where id = $1 and owner_boot = $2 and status = 'queued' \
             and exists (select 1 from users u where u.id = generations.user_id and u.is_active)"
        )
        .bind(id.0)
        .bind(boot)
        .bind(Moment(now))
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(started == 1)
    }

    async fn path_to(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
        most_bytes: u64,
    ) -> Result<PathEnd, StoreError> {
        let rows: Vec<Speech> = read!(self.pool, |db| sqlx::query_as(PATH_END)
            .bind(owner.0)
            .bind(conversation.0)
            .bind(message.0)
            .bind(i64::try_from(most_bytes).unwrap_or(i64::MAX))
            .fetch_all(db));
        // Every message is on its own path.
        let oldest = rows.first().ok_or(StoreError::NotFound)?;
        Ok(PathEnd {
            earlier: oldest.parent_id.is_some(),
            messages: rows
                .into_iter()
                .map(Message::try_from)
                .collect::<Result<_, _>>()?,
        })
    }

    async fn finish_generation(&self, finish: Finish) -> Result<Finished, StoreError> {
        self.finish(finish).await
    }

    async fn generation(
        &self,
        owner: UserId,
        id: GenerationId,
    ) -> Result<Option<GenerationRow>, StoreError> {
        let row: Option<Run> = read!(self.pool, |db| sqlx::query_as(concat!(
            "select ",
            run_columns!(),
            " from generations g where g.id = $1 and g.user_id = $2"
        ))
        .bind(id.0)
        .bind(owner.0)
        .fetch_optional(db));
        row.map(GenerationRow::try_from).transpose()
    }

    async fn message(&self, owner: UserId, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row: Option<Speech> = read!(self.pool, |db| sqlx::query_as(concat!(
            "select ",
            speech_columns!(),
            " from messages m join conversations c on c.id = m.conversation_id \
             where m.id = $1 and c.user_id = $2 and c.deleted_at is null"
        ))
        .bind(id.0)
        .bind(owner.0)
        .fetch_optional(db));
        row.map(Message::try_from).transpose()
    }

    async fn prefer_reply(
        &self,
        owner: UserId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let preferred = write!(self.pool, |db| sqlx::query(chosen_reply!("", ""))
            .bind(owner.0)
            .bind(message.0)
            .bind(Moment(now))
            .execute(db)
            .await
            .map_err(fault)?);
        match preferred {
            1 => Ok(()),
            _ => Err(StoreError::NotFound),
        }
    }

    async fn keep_reply(
        &self,
        owner: UserId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            let conversation: Option<Uuid> = sqlx::query_scalar(chosen_reply!(
                ", compared_message_id = null",
                " returning id"
            ))
            .bind(owner.0)
            .bind(message.0)
            .bind(Moment(now))
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            let conversation = ConversationId(conversation.ok_or(StoreError::NotFound)?);
            tx.refuse_beside_active(conversation).await?;
        });
        Ok(())
    }

    async fn select_branch(
        &self,
        owner: UserId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<ConversationId, StoreError> {
        Ok(transaction!(self.pool, |tx| {
            let conversation: Option<Uuid> = sqlx::query_scalar(
                "update conversations set rev = rev + 1, changed_at = $3 \
                 where id = (select m.conversation_id from messages m where m.id = $2) \
                 and user_id = $1 and deleted_at is null returning id",
            )
            .bind(owner.0)
            .bind(message.0)
            .bind(Moment(now))
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            let conversation = ConversationId(conversation.ok_or(StoreError::NotFound)?);
            tx.refuse_beside_active(conversation).await?;
            let head = tx
                .newest_below(conversation, message)
                .await
                .map_err(fault)?;
            sqlx::query(
                "update conversations set head_message_id = $2, compared_message_id = null where id = $1",
            )
            .bind(conversation.0)
            .bind(head)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            conversation
        }))
    }

    async fn summary(
        &self,
        owner: UserId,
        conversation: ConversationId,
        path: &[MessageId],
    ) -> Result<Option<Summary>, StoreError> {
        self.newest_summary(owner, conversation, path).await
    }

    async fn save_summary(
        &self,
        conversation: ConversationId,
        summary: Summary,
        context_rev: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.keep_summary(conversation, summary, context_rev, now)
            .await
    }
}
