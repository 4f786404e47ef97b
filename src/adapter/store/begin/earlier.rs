//! Whether a message was taken in before: a person's client may say the same thing again, when it never
//! heard the answer, and must get that answer.

use parlance_core::domain::{ConversationId, GenerationId, MessageId, UserId};
use parlance_server::port::store::{Begun, Constraint, GenerationRow, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use super::super::{
    fault::{corrupt, fault},
    pool::on_both,
    row::{Run, run_columns},
};

const STORED: &str =
    "select id, conversation_id, rev from messages where user_id = $1 and client_message_id = $2";
/// The first answer of each lane: later ones were asked for with another call.
const ANSWERS: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g where g.user_message_id = $1 and g.kind = 'new' order by g.no"
);
const WAITING: &str = "select conversation_id, message_id, reply_message_id, generation_id, rev \
    from waiting_turns where user_id = $1 and client_message_id = $2";

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    conversation_id: Uuid,
    rev: i64,
}

#[derive(FromRow)]
struct Waiting {
    conversation_id: Uuid,
    message_id: Uuid,
    reply_message_id: Uuid,
    generation_id: Uuid,
    rev: i64,
}

/// The look-up, on a connection with the conversation's lock.
pub(in super::super) trait Earlier {
    /// The answer to the same client id of the same person, with the rev of that time, so that a client
    /// whose first answer was lost misses nothing.
    ///
    /// # Errors
    /// `Conflict(ClientMessageId)` when it was used in another conversation.
    async fn earlier(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        client_message_id: &str,
    ) -> Result<Option<Begun>, StoreError>;
}

/// Refuses what was said elsewhere.
fn same(one: Uuid, conversation: ConversationId) -> Result<(), StoreError> {
    if one == conversation.0 {
        Ok(())
    } else {
        Err(StoreError::Conflict(Constraint::ClientMessageId))
    }
}

on_both! { impl Earlier {
    async fn earlier(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        client_message_id: &str,
    ) -> Result<Option<Begun>, StoreError> {
        let stored: Option<Stored> = sqlx::query_as(STORED)
            .bind(user.0)
            .bind(client_message_id)
            .fetch_optional(&mut *self)
            .await
            .map_err(fault)?;
        if let Some(stored) = stored {
            same(stored.conversation_id, conversation)?;
            let runs: Vec<Run> = sqlx::query_as(ANSWERS)
                .bind(stored.id)
                .fetch_all(&mut *self)
                .await
                .map_err(fault)?;
            let mut runs = runs.into_iter().map(GenerationRow::try_from);
            return Ok(Some(Begun::Repeated {
                generation: runs.next().ok_or_else(|| corrupt("turn"))??,
                beside: runs.collect::<Result<_, _>>()?,
                rev: stored.rev.cast_unsigned(),
            }));
        }
        let waiting: Option<Waiting> = sqlx::query_as(WAITING)
            .bind(user.0)
            .bind(client_message_id)
            .fetch_optional(&mut *self)
            .await
            .map_err(fault)?;
        let Some(waiting) = waiting else {
            return Ok(None);
        };
        same(waiting.conversation_id, conversation)?;
        Ok(Some(Begun::Waiting {
            message_id: MessageId(waiting.message_id),
            reply_message_id: MessageId(waiting.reply_message_id),
            generation_id: GenerationId(waiting.generation_id),
            rev: waiting.rev.cast_unsigned(),
        }))
    }
} }
