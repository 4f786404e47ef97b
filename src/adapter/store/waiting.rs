//! Turns that waited for the end of a reply: how the oldest begins, and which are left behind.

use parlance_core::domain::{
    ConversationId, GenerationId, GenerationKind, MessageId, ModelConfigId, Parameters, Timestamp,
    UserId, lane,
};
use parlance_server::port::store::{GenerationRow, Owner, StoreError};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{
    Database,
    begin::{Lock, Locked},
    fault::fault,
    moment::Moment,
    pool::{read, transaction},
    row::set,
    step::{NewRun, NewWords, Steps},
};

/// With what decides whether the client's id is still free: a turn of another conversation may have been let
/// in with the same one at the same moment, and then this one keeps its words and goes without.
const OLDEST: &str = "select w.no, w.user_id, w.message_id, w.reply_message_id, w.generation_id, \
    w.client_message_id, w.content, w.persona_id, w.model_config_id, w.parameters, \
    exists (select 1 from messages m where m.user_id = w.user_id \
    and m.client_message_id = w.client_message_id) as is_said \
    from waiting_turns w where w.conversation_id = $1 order by w.no limit 1";

#[derive(FromRow)]
struct Turn {
    no: i64,
    user_id: Uuid,
    message_id: Uuid,
    reply_message_id: Uuid,
    generation_id: Uuid,
    client_message_id: String,
    content: String,
    persona_id: Option<Uuid>,
    model_config_id: Option<Uuid>,
    parameters: Option<Json<Parameters>>,
    is_said: bool,
}

impl Database {
    /// See `Turns::begin_waiting`.
    pub(super) async fn begin_oldest(
        &self,
        conversation: ConversationId,
        queued: bool,
        owner: Owner,
        now: Timestamp,
    ) -> Result<Option<(GenerationRow, u64)>, StoreError> {
        // What a person who is shut out had waiting goes on waiting.
        // Most replies end with nobody waiting, and then no lock is taken. A message that comes in after this
        // look finds the reply ended, and begins by itself.
        let one: Option<Uuid> = read!(self.pool, |db| sqlx::query_scalar(
            "select w.user_id from waiting_turns w join users u on u.id = w.user_id \
             where w.conversation_id = $1 and u.is_active limit 1"
        )
        .bind(conversation.0)
        .fetch_optional(db));
        let Some(user) = one.map(UserId) else {
            return Ok(None);
        };
        let (run, no, rev) = transaction!(self.pool, |tx| {
            let locked: Option<Locked> = tx.lock(conversation, user, now).await.map_err(fault)?;
            let Some(locked) = locked else {
                return Ok(None);
            };
            if tx.active_run(conversation).await.map_err(fault)?.is_some() {
                return Ok(None);
            }
            let oldest: Option<Turn> = sqlx::query_as(OLDEST)
                .bind(conversation.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            let Some(turn) = oldest else {
                return Ok(None);
            };
            sqlx::query("delete from waiting_turns where no = $1")
                .bind(turn.no)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;

            let persona = turn.persona_id.or(locked.persona_id);
            let words = NewWords {
                id: MessageId(turn.message_id),
                conversation,
                user: UserId(turn.user_id),
                client_message_id: Some(turn.client_message_id.as_str()).filter(|_| !turn.is_said),
                content: &turn.content,
                rev: locked.rev,
                now,
            };
            tx.store_words(&words, locked.head_message_id, persona)
                .await
                .map_err(fault)?;
            let run = NewRun {
                id: GenerationId(turn.generation_id),
                conversation,
                user: UserId(turn.user_id),
                user_message: turn.message_id,
                reply_message: MessageId(turn.reply_message_id),
                persona,
                model: locked.model(turn.model_config_id.map(ModelConfigId)),
                parameters: locked.parameters(&set(turn.parameters)),
                kind: GenerationKind::New,
                continues: None,
                kept_frames: 0,
                lane: lane::FIRST,
                previous_head: locked.head_message_id,
                queued,
                owner,
                now,
            };
            let no = tx.store_run(&run).await.map_err(fault)?;
            sqlx::query(
                "update conversations set head_message_id = $2, compared_message_id = null, updated_at = $3 \
                 where id = $1",
            )
            .bind(conversation.0)
            .bind(turn.message_id)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            (run, no, locked.rev)
        });
        Ok(Some((run.stored(no), rev.cast_unsigned())))
    }

    /// See `Turns::next_model`.
    pub(super) async fn model_next(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<Option<ModelConfigId>>, StoreError> {
        let found: Option<Option<Uuid>> = read!(self.pool, |db| sqlx::query_scalar(
            "select coalesce(w.model_config_id, c.model_config_id) from waiting_turns w \
             join conversations c on c.id = w.conversation_id where w.conversation_id = $1 \
             order by w.no limit 1"
        )
        .bind(conversation.0)
        .fetch_optional(db));
        Ok(found.map(|model| {
            model
                .map(ModelConfigId)
                .filter(|id| *id != ModelConfigId::INSTALLATION)
        }))
    }

    /// See `Turns::waiting_conversations`.
    pub(super) async fn left_waiting(&self) -> Result<Vec<(ConversationId, UserId)>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = read!(self.pool, |db| {
            sqlx::query_as(
                "select distinct w.conversation_id, w.user_id from waiting_turns w \
                 join conversations c on c.id = w.conversation_id join users u on u.id = w.user_id \
                 where c.deleted_at is null and u.is_active and not exists (select 1 from generations g \
                 where g.conversation_id = w.conversation_id and g.status in ('queued', 'starting', 'streaming'))",
            )
            .fetch_all(db)
        });
        Ok(rows
            .into_iter()
            .map(|(conversation, user)| (ConversationId(conversation), UserId(user)))
            .collect())
    }
}
