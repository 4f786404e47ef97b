//! The first transaction of a turn: the person's message and the generation that will answer it.

use parlance_core::domain::{GenerationId, GenerationStatus, PersonaId};
use parlance_server::port::store::{Begin, Begun, Constraint, GenerationRow, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::transaction,
    row::{Run, run_columns},
};

/// Taking the row's lock and the next rev in one statement. Everything after it in this conversation
/// waits for the commit, which is why the checks below cannot be overtaken.
const LOCK: &str = "update conversations set rev = rev + 1 \
    where id = $1 and user_id = $2 and deleted_at is null returning rev, head_message_id, persona_id";
const EARLIER: &str =
    "select id, conversation_id, rev from messages where user_id = $1 and client_message_id = $2";
const ANSWER: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g where g.user_message_id = $1 order by g.no limit 1"
);

#[derive(FromRow)]
struct Locked {
    rev: i64,
    head_message_id: Option<Uuid>,
    persona_id: Option<Uuid>,
}

#[derive(FromRow)]
struct Earlier {
    id: Uuid,
    conversation_id: Uuid,
    rev: i64,
}

impl Database {
    /// See `Turns::begin_turn`. Every early return rolls back, the new rev included. A repeated call gets
    /// the rev of the first, so that a client whose first answer was lost misses nothing.
    pub(super) async fn begin(&self, begin: Begin) -> Result<Begun, StoreError> {
        let (no, rev, persona) = transaction!(self.pool, |tx| {
            if begin.create {
                sqlx::query(
                    "insert into conversations (id, user_id, persona_id, title, created_at, updated_at) \
                     values ($1, $2, $3, $4, $5, $5) on conflict (id) do nothing",
                )
                .bind(begin.conversation_id.0)
                .bind(begin.user_id.0)
                .bind(begin.persona_id.map(|persona| persona.0))
                .bind(&begin.title)
                .bind(Moment(begin.now))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            }
            let locked: Option<Locked> = sqlx::query_as(LOCK)
                .bind(begin.conversation_id.0)
                .bind(begin.user_id.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            let Some(locked) = locked else {
                return Err(StoreError::NotFound);
            };

            let earlier: Option<Earlier> = sqlx::query_as(EARLIER)
                .bind(begin.user_id.0)
                .bind(&begin.client_message_id)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            if let Some(earlier) = earlier {
                if earlier.conversation_id != begin.conversation_id.0 {
                    return Err(StoreError::Conflict(Constraint::ClientMessageId));
                }
                let run: Run = sqlx::query_as(ANSWER)
                    .bind(earlier.id)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(fault)?;
                return Ok(Begun::Repeated {
                    generation: run.try_into()?,
                    rev: earlier.rev.cast_unsigned(),
                });
            }

            let active: Option<Uuid> = sqlx::query_scalar(
                "select id from generations where conversation_id = $1 \
                 and status in ('queued', 'starting', 'streaming')",
            )
            .bind(begin.conversation_id.0)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            if let Some(active) = active {
                return Err(StoreError::GenerationActive(GenerationId(active)));
            }

            let parent = if let Some(parent) = begin.parent_id {
                let known: Option<Uuid> = sqlx::query_scalar(
                    "select id from messages where id = $1 and conversation_id = $2",
                )
                .bind(parent.0)
                .bind(begin.conversation_id.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
                if known.is_none() {
                    return Err(StoreError::NotFound);
                }
                known
            } else {
                locked.head_message_id
            };
            let persona = begin
                .persona_id
                .map(|persona| persona.0)
                .or(locked.persona_id);

            sqlx::query(
                "insert into messages (id, conversation_id, parent_id, user_id, role, content, status, \
                 persona_id, client_message_id, rev, created_at) \
                 values ($1, $2, $3, $4, 'user', $5, 'completed', $6, $7, $8, $9)",
            )
            .bind(begin.message_id.0)
            .bind(begin.conversation_id.0)
            .bind(parent)
            .bind(begin.user_id.0)
            .bind(&begin.content)
            .bind(persona)
            .bind(&begin.client_message_id)
            .bind(locked.rev)
            .bind(Moment(begin.now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            let no: i64 = sqlx::query_scalar(
                "insert into generations (id, conversation_id, user_id, user_message_id, reply_message_id, \
                 persona_id, status, owner_instance, owner_boot, created_at, started_at) \
                 values ($1, $2, $3, $4, $5, $6, 'starting', $7, $8, $9, $9) returning no",
            )
            .bind(begin.generation_id.0)
            .bind(begin.conversation_id.0)
            .bind(begin.user_id.0)
            .bind(begin.message_id.0)
            .bind(begin.reply_message_id.0)
            .bind(persona)
            .bind(begin.owner_instance)
            .bind(begin.owner_boot)
            .bind(Moment(begin.now))
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
            sqlx::query(
                "update conversations set title = case when title = '' then $2 else title end, \
                 head_message_id = $3, message_count = message_count + 1, last_message_at = $4, \
                 updated_at = $4 where id = $1",
            )
            .bind(begin.conversation_id.0)
            .bind(&begin.title)
            .bind(begin.message_id.0)
            .bind(Moment(begin.now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            (no, locked.rev, persona)
        });
        let generation = GenerationRow {
            id: begin.generation_id,
            no,
            conversation_id: begin.conversation_id,
            user_id: begin.user_id,
            user_message_id: begin.message_id,
            reply_message_id: begin.reply_message_id,
            persona_id: persona.map(PersonaId),
            owner_boot: begin.owner_boot,
            status: GenerationStatus::Starting,
            error: None,
            last_seq: 0,
            ended_rev: 0,
            created_at: begin.now,
        };
        Ok(Begun::Started {
            generation,
            rev: rev.cast_unsigned(),
        })
    }
}
