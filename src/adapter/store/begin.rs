//! The first transaction of a turn: what is asked, and the generation that will answer it.

mod asked;
mod earlier;
mod lock;
mod spent;

use parlance_core::domain::{GenerationId, ModelConfigId, WhenBusy, lane::FIRST};
use parlance_server::port::store::{Ask, Begin, Begun, Constraint, Parent, StoreError};
use uuid::Uuid;

use super::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::transaction,
    row::{chosen, kept, list},
    step::{Choice, NewRun, NewWords, Steps},
};
use asked::{ASKED, Aim, Asked};
use earlier::Earlier;
pub(super) use lock::{Lock, Locked};
use spent::Spent;

impl Database {
    /// See `Turns::begin_turn`. Every early return but that of a message which waits rolls back, the new
    /// rev included.
    pub(super) async fn begin(&self, begin: Begin) -> Result<Begun, StoreError> {
        let conversation = begin.conversation_id;
        let asked_persona = begin.persona_id.map(|persona| persona.0);
        let beside: Vec<_> = begin.beside.iter().map(|one| one.model).collect();
        let (runs, rev) = transaction!(self.pool, |tx| {
            if begin.create && matches!(begin.ask, Ask::Message { .. }) {
                sqlx::query(
                    "insert into conversations (id, user_id, persona_id, title, created_at, updated_at, changed_at, \
                     model_config_id, parameters, compare_with, context) values ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8, \
                     coalesce((select n.content from conversation_contexts n where n.user_id = $2 and n.is_default), '')) \
                     on conflict (id) do nothing",
                )
                .bind(conversation.0)
                .bind(begin.user_id.0)
                .bind(asked_persona)
                .bind(&begin.title)
                .bind(Moment(begin.now))
                .bind(chosen(begin.model.filter(|id| *id != ModelConfigId::INLINE)))
                .bind(kept(&begin.parameters))
                .bind(list(&beside))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            }
            let locked: Option<Locked> = tx
                .lock(conversation, begin.user_id, begin.now)
                .await
                .map_err(fault)?;
            let locked = locked.ok_or(StoreError::NotFound)?;
            let persona = asked_persona.or(locked.persona_id);

            let aim = match &begin.ask {
                Ask::Message {
                    id,
                    client_message_id,
                    content,
                    parent,
                } => {
                    let earlier = tx.earlier(begin.user_id, conversation, client_message_id);
                    if let Some(earlier) = earlier.await? {
                        return Ok(earlier);
                    }
                    tx.has_left(begin.user_id, begin.allowance, begin.now)
                        .await?;
                    let active = tx.active_run(conversation).await.map_err(fault)?;
                    may_wait(active, &locked.when_busy)?;
                    let asked_parent = *parent;
                    let parent = match asked_parent {
                        Parent::Head => locked.head_message_id,
                        Parent::Root => None,
                        Parent::Message(parent) => {
                            let known: Option<Uuid> = sqlx::query_scalar(
                                "select id from messages where id = $1 and conversation_id = $2",
                            )
                            .bind(parent.0)
                            .bind(conversation.0)
                            .fetch_optional(&mut *tx)
                            .await
                            .map_err(fault)?;
                            Some(known.ok_or(StoreError::NotFound)?)
                        }
                    };
                    let words = NewWords {
                        id: *id,
                        conversation,
                        user: begin.user_id,
                        client_message_id: Some(client_message_id),
                        content,
                        rev: locked.rev,
                        now: begin.now,
                    };
                    // Whoever comes while others wait goes behind them, even if nothing runs right now.
                    let waiting = tx.count_waiting(conversation).await.map_err(fault)?;
                    // A model that comes with its request is kept nowhere, so nobody could ask it later; nor is what
                    // is asked beside the first.
                    let is_kept =
                        begin.model != Some(ModelConfigId::INLINE) && begin.beside.is_empty();
                    if (asked_parent != Parent::Head || !is_kept)
                        && let Some(active) = active
                    {
                        // Where it would go is decided now, and there is no telling what will be there then.
                        return Err(StoreError::GenerationActive(GenerationId(active)));
                    }
                    if asked_parent == Parent::Head && (active.is_some() || waiting > 0) {
                        if !is_kept || waiting >= i64::from(begin.most_waiting) {
                            return Err(StoreError::Conflict(Constraint::Waiting));
                        }
                        let (reply, generation) = (begin.reply_message_id, begin.generation_id);
                        let choice = Choice {
                            persona: asked_persona,
                            model: begin.model,
                            parameters: &begin.parameters,
                        };
                        tx.keep_words(&words, reply, generation, &choice)
                            .await
                            .map_err(fault)?;
                        tx.commit().await.map_err(fault)?;
                        return Ok(Begun::Waiting {
                            message_id: *id,
                            reply_message_id: reply,
                            generation_id: generation,
                            rev: locked.rev.cast_unsigned(),
                        });
                    }
                    tx.store_words(&words, parent, persona)
                        .await
                        .map_err(fault)?;
                    Aim::new(*id)
                }
                Ask::Again(id) | Ask::Further(id) => {
                    tx.has_left(begin.user_id, begin.allowance, begin.now)
                        .await?;
                    tx.refuse_beside_active(conversation).await?;
                    let asked: Option<Asked> = sqlx::query_as(ASKED)
                        .bind(id.0)
                        .bind(conversation.0)
                        .fetch_optional(&mut *tx)
                        .await
                        .map_err(fault)?;
                    let asked = asked.ok_or(StoreError::NotFound)?;
                    let aim = match begin.ask {
                        Ask::Further(_) => asked.further(*id),
                        _ => asked.again(*id),
                    };
                    aim.ok_or(StoreError::NotFound)?
                }
            };
            let mut runs = Vec::with_capacity(1 + begin.beside.len());
            for run in lanes(&begin, aim, persona, &locked) {
                let no = tx.store_run(&run).await.map_err(fault)?;
                runs.push(run.stored(no));
            }
            sqlx::query(
                "update conversations set title = case when title = '' then $2 else title end, \
                 head_message_id = $3, compared_message_id = $5, updated_at = $4 where id = $1",
            )
            .bind(conversation.0)
            .bind(&begin.title)
            .bind(aim.user_message)
            .bind(Moment(begin.now))
            .bind((!begin.beside.is_empty()).then_some(aim.user_message))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            (runs, locked.rev)
        });
        let mut runs = runs.into_iter();
        Ok(Begun::Started {
            generation: runs.next().ok_or_else(|| corrupt("turn"))?,
            beside: runs.collect(),
            rev: rev.cast_unsigned(),
        })
    }
}

/// Refuses a message beside the reply `active`, unless the conversation lets messages wait.
fn may_wait(active: Option<Uuid>, when_busy: &str) -> Result<(), StoreError> {
    let when_busy: WhenBusy = when_busy.parse().map_err(|_| corrupt("when_busy"))?;
    match active {
        Some(active) if when_busy != WhenBusy::Queue => {
            Err(StoreError::GenerationActive(GenerationId(active)))
        }
        _ => Ok(()),
    }
}

/// The generations of a turn that begins now, lane by lane.
fn lanes(begin: &Begin, aim: Aim, persona: Option<Uuid>, locked: &Locked) -> Vec<NewRun> {
    let mut lanes = vec![first(begin, aim, persona, locked)];
    for (lane, beside) in (FIRST + 1..).zip(&begin.beside) {
        lanes.push(NewRun {
            id: beside.generation_id,
            reply_message: beside.reply_message_id,
            model: Some(beside.model),
            queued: beside.queued,
            lane,
            ..first(begin, aim, persona, locked)
        });
    }
    lanes
}

fn first(begin: &Begin, aim: Aim, persona: Option<Uuid>, locked: &Locked) -> NewRun {
    NewRun {
        id: begin.generation_id,
        conversation: begin.conversation_id,
        user: begin.user_id,
        user_message: aim.user_message,
        reply_message: begin.reply_message_id,
        persona,
        model: locked.model(begin.model),
        parameters: locked.parameters(&begin.parameters),
        kind: aim.kind,
        continues: aim.continues,
        kept_frames: aim.kept_frames,
        lane: FIRST,
        previous_head: locked.head_message_id,
        queued: begin.queued,
        owner: begin.owner,
        now: begin.now,
    }
}
