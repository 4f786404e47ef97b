//! The terminal transaction of a turn: whatever ends a generation, exactly one call does.

use parlance_core::domain::{GenerationKind, Message, MessageStatus, Role};
use parlance_server::port::store::{Finish, Finished, GenerationRow, StoreError};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{Pool, transaction},
    row::{Run, Speech, chosen, first_token_ms, run_columns, speech_columns},
};

const STORED_RUN: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g where g.id = $1"
);
const STORED_REPLY: &str = concat!(
    "select ",
    speech_columns!(),
    " from messages m where m.id = $1"
);

/// Where replies are compared the last of them to end moves the head: to that of the lowest lane that has one.
const HEAD_OF_LANES: &str = "update conversations set head_message_id = coalesce((select g.reply_message_id \
    from generations g where g.user_message_id = $2 and g.status in ('completed', 'stopped', 'interrupted') \
    order by g.lane limit 1), head_message_id) where id = $1 and head_message_id = $2 \
    and not exists (select 1 from generations r where r.conversation_id = $1 \
    and r.status in ('queued', 'starting', 'streaming'))";

/// What ending a generation needs and only one engine has.
pub(super) trait Seal {
    /// Closes the log of generation `no` after frame `last_seq`. `false` when the log is longer than that.
    async fn seal(&mut self, no: i64, last_seq: i64) -> Result<bool, sqlx::Error>;
}

impl Database {
    /// See `Turns::finish_generation`. The conversation's row is locked first, as when a turn begins, so
    /// that the two cannot wait for each other.
    ///
    /// # Errors
    /// `Unavailable` when frames beyond `last_seq` have been committed: read the log again, then repeat.
    pub(super) async fn finish(&self, finish: Finish) -> Result<Finished, StoreError> {
        let Finish {
            generation,
            last_seq,
            reply,
            error,
            ..
        } = &finish;
        if let Pool::Postgres { partitions, .. } = &self.pool {
            partitions.cover(generation.no).await.map_err(fault)?;
        }
        let last_seq = i64::try_from(*last_seq).map_err(|_| corrupt("frame number"))?;
        let error_json = error.as_ref().map(Json);
        let (prompt_tokens, completion_tokens) = finish
            .usage
            .map(|usage| (usage.prompt_tokens, usage.completion_tokens))
            .unzip();
        let ended_at = Moment(finish.ended_at);

        let (rev, compared) = transaction!(self.pool, |tx| {
            let locked: Option<(i64, Option<Uuid>)> = sqlx::query_as(
                "update conversations set rev = rev + 1, updated_at = $3, changed_at = $3 \
                 where id = $1 and user_id = $2 returning rev, compared_message_id",
            )
            .bind(generation.conversation_id.0)
            .bind(generation.user_id.0)
            .bind(ended_at)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
            let Some((rev, compared)) = locked else {
                return Err(StoreError::NotFound);
            };
            let compared = compared == Some(generation.user_message_id.0);

            let ended = sqlx::query(
                "update generations set status = $2, error = $3, model = $4, finish_reason = $5, \
                 prompt_tokens = $6, completion_tokens = $7, first_token_at = $8, ended_at = $9, \
                 last_seq = $10, ended_rev = $11 \
                 where id = $1 and status in ('queued', 'starting', 'streaming')",
            )
            .bind(generation.id.0)
            .bind(finish.status.as_str())
            .bind(error_json)
            .bind(finish.model.as_deref())
            .bind(finish.finish_reason.as_deref())
            .bind(prompt_tokens)
            .bind(completion_tokens)
            .bind(finish.first_token_at.map(Moment))
            .bind(ended_at)
            .bind(last_seq)
            .bind(rev)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            if ended.rows_affected() == 0 {
                let run: Option<Run> = sqlx::query_as(STORED_RUN)
                    .bind(generation.id.0)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(fault)?;
                let speech: Option<Speech> = sqlx::query_as(STORED_REPLY)
                    .bind(generation.reply_message_id.0)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(fault)?;
                return lost(run, speech);
            }
            if !tx.seal(generation.no, last_seq).await.map_err(fault)? {
                return Err(StoreError::Unavailable(format!(
                    "the log of generation {} goes on after frame {last_seq}",
                    generation.id
                )));
            }

            if let Some(reply) = reply {
                sqlx::query(
                    "insert into messages (id, conversation_id, parent_id, user_id, role, content, reasoning, \
                     status, finish_reason, error, model, persona_id, prompt_tokens, completion_tokens, \
                     response_ms, rev, created_at, continues_message_id, model_config_id, cost_micros) \
                     values ($1, $2, $3, $4, 'assistant', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                     $18, $19)",
                )
                .bind(generation.reply_message_id.0)
                .bind(generation.conversation_id.0)
                .bind(generation.user_message_id.0)
                .bind(generation.user_id.0)
                .bind(&reply.content)
                .bind(reply.reasoning.as_deref())
                .bind(word(reply.status)?)
                .bind(finish.finish_reason.as_deref())
                .bind(error_json)
                .bind(finish.model.as_deref())
                .bind(generation.persona_id.map(|persona| persona.0))
                .bind(prompt_tokens)
                .bind(completion_tokens)
                .bind(response_ms(&finish))
                .bind(rev)
                .bind(ended_at)
                .bind(generation.continues_message_id.map(|message| message.0))
                .bind(chosen(generation.model_config_id))
                .bind(finish.cost_micros)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
                sqlx::query(
                    "update conversations set message_count = message_count + 1, last_message_at = $4, \
                     head_message_id = case when head_message_id = $3 and not $5 then $2 else head_message_id end \
                     where id = $1",
                )
                .bind(generation.conversation_id.0)
                .bind(generation.reply_message_id.0)
                .bind(generation.user_message_id.0)
                .bind(ended_at)
                .bind(compared)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            } else if generation.kind != GenerationKind::New {
                sqlx::query(
                    "update conversations set head_message_id = \
                     (select g.previous_head_id from generations g where g.id = $2) \
                     where id = $1 and head_message_id = $3",
                )
                .bind(generation.conversation_id.0)
                .bind(generation.id.0)
                .bind(generation.user_message_id.0)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            }
            if compared {
                sqlx::query(HEAD_OF_LANES)
                    .bind(generation.conversation_id.0)
                    .bind(generation.user_message_id.0)
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
            }
            (rev.cast_unsigned(), compared)
        });
        Ok(won(finish, rev, compared))
    }
}

/// Milliseconds from asking for the reply to its end.
fn response_ms(finish: &Finish) -> i64 {
    (finish.ended_at.0 - finish.generation.created_at.0).div_euclid(1_000)
}

/// What the winner stored.
fn won(finish: Finish, rev: u64, compared: bool) -> Finished {
    let response_ms = Some(response_ms(&finish));
    let message = finish.reply.map(|reply| Message {
        id: finish.generation.reply_message_id,
        conversation_id: finish.generation.conversation_id,
        parent_id: Some(finish.generation.user_message_id),
        continues_message_id: finish.generation.continues_message_id,
        role: Role::Assistant,
        content: reply.content,
        reasoning: reply.reasoning,
        status: reply.status,
        finish_reason: finish.finish_reason,
        error: finish.error.clone(),
        model: finish.model,
        model_config_id: finish.generation.model_config_id,
        persona_id: finish.generation.persona_id,
        usage: finish.usage,
        cost_micros: finish.cost_micros,
        first_token_ms: first_token_ms(finish.first_token_at, response_ms, finish.ended_at),
        response_ms,
        created_at: finish.ended_at,
    });
    let generation = GenerationRow {
        status: finish.status,
        error: finish.error,
        last_seq: finish.last_seq,
        ended_rev: rev,
        ..finish.generation
    };
    Finished {
        won: true,
        generation,
        message,
        rev,
        compared,
    }
}

/// What somebody else had stored before.
fn lost(run: Option<Run>, speech: Option<Speech>) -> Result<Finished, StoreError> {
    let generation = GenerationRow::try_from(run.ok_or(StoreError::NotFound)?)?;
    let message = speech.map(Message::try_from).transpose()?;
    Ok(Finished {
        won: false,
        compared: false,
        rev: generation.ended_rev,
        generation,
        message,
    })
}

fn word(status: MessageStatus) -> Result<&'static str, StoreError> {
    match status {
        MessageStatus::Completed => Ok("completed"),
        MessageStatus::Stopped => Ok("stopped"),
        MessageStatus::Interrupted => Ok("interrupted"),
        MessageStatus::Streaming => Err(StoreError::Broken(
            "a stored message is never streaming".to_owned(),
        )),
    }
}
