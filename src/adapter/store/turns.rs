//! Turns in SQL: the readers, and the door to the two transactions in `begin` and `finish`.

use async_trait::async_trait;
use parlance_core::domain::{ConversationId, GenerationId, Message, MessageId, UserId};
use parlance_server::port::store::{
    Begin, Begun, Finish, Finished, GenerationRow, StoreError, Turns,
};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    pool::{Pool, read},
    row::{Run, Speech, run_columns, speech_columns},
};

#[async_trait]
impl Turns for Database {
    async fn begin_turn(&self, begin: Begin) -> Result<Begun, StoreError> {
        self.begin(begin).await
    }

    async fn path(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Vec<Message>, StoreError> {
        // Ids climb to the root first; the texts are joined afterwards, so none is carried along.
        let rows: Vec<Speech> = read!(self.pool, |db| {
            sqlx::query_as(concat!(
            "with recursive climb (id, parent_id, height) as ( \
             select m.id, m.parent_id, 0 from messages m join conversations c on c.id = m.conversation_id \
             where m.id = $3 and m.conversation_id = $2 and c.user_id = $1 and c.deleted_at is null \
             union all \
             select m.id, m.parent_id, climb.height + 1 from messages m join climb on m.id = climb.parent_id \
             where m.conversation_id = $2) \
             select ",
            speech_columns!(),
            " from climb join messages m on m.id = climb.id order by climb.height desc"
        ))
        .bind(owner.0)
        .bind(conversation.0)
        .bind(message.0)
        .fetch_all(db)
        .await
        .map_err(fault)?
        });
        // Every message is on its own path.
        if rows.is_empty() {
            return Err(StoreError::NotFound);
        }
        rows.into_iter().map(Message::try_from).collect()
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
        .fetch_optional(db)
        .await
        .map_err(fault)?);
        row.map(GenerationRow::try_from).transpose()
    }

    async fn unfinished_generations(
        &self,
        instance: Uuid,
        boot: Uuid,
    ) -> Result<Vec<GenerationRow>, StoreError> {
        let rows: Vec<Run> = match &self.pool {
            // The claim on the file proves that nobody else can be writing any of them.
            Pool::Sqlite { read, .. } => sqlx::query_as(concat!(
                "select ",
                run_columns!(),
                " from generations g where g.status in ('queued', 'starting', 'streaming') order by g.no"
            ))
            .fetch_all(read)
            .await
            .map_err(fault)?,
            Pool::Postgres { pool, .. } => sqlx::query_as(concat!(
                "select ",
                run_columns!(),
                " from generations g where g.status in ('queued', 'starting', 'streaming') \
                 and g.owner_instance = $1 and g.owner_boot <> $2 order by g.no"
            ))
            .bind(instance)
            .bind(boot)
            .fetch_all(pool)
            .await
            .map_err(fault)?,
        };
        rows.into_iter().map(GenerationRow::try_from).collect()
    }
}
