//! What follows the end of a generation by itself: a reply that the process cut off is taken up again, and a message
//! that waited gets its turn.

use std::sync::Arc;

use parlance_core::domain::{
    ConversationId, GenerationId, GenerationKind, MessageId, ModelConfigId, UserId,
};

use super::{Inner, admission::Ticket, ending::Ending};
use crate::port::store::{Ask, Begin, Begun, GenerationRow, StoreError};

/// `goes_on`: whether the ended generation left a reply that can be taken up.
pub(super) async fn after(inner: &Arc<Inner>, row: &GenerationRow, ending: &Ending, goes_on: bool) {
    // Once only: a reply that brings the process down twice must not go on doing so.
    let wanted = inner.settings.auto_continue && row.kind != GenerationKind::Continue;
    let mut begun = Ok(false);
    if wanted && goes_on && ending.is_ours() {
        begun = go_on(inner, row).await;
    }
    if !matches!(begun, Ok(true)) {
        begun = waiting(inner, row.conversation_id, row.user_id)
            .await
            .map(|()| false);
    }
    // What is not begun now is found by the next look around.
    if let Err(error) = begun {
        tracing::warn!(%error, conversation_id = %row.conversation_id, "the next turn was not begun");
    }
}

/// Begins what waits in a conversation where nothing runs.
pub(super) async fn waiting(
    inner: &Arc<Inner>,
    conversation: ConversationId,
    user: UserId,
) -> Result<(), StoreError> {
    // Most replies end with nobody waiting.
    let Some(choice) = inner.store.next_model(conversation).await? else {
        return Ok(());
    };
    let Some((ticket, queued)) = place(inner, user, choice).await else {
        return Ok(());
    };
    let begun = inner
        .store
        .begin_waiting(conversation, queued, inner.owner, inner.clock.now())
        .await?;
    if let Some((row, _)) = begun {
        inner.start(row, ticket, None);
    }
    Ok(())
}

/// A place in the line of replies. While the process is ending nothing is begun here any more: what is stored as queued
/// is taken over by another instance, or by the next start.
async fn place(
    inner: &Inner,
    user: UserId,
    choice: Option<ModelConfigId>,
) -> Option<(Ticket, bool)> {
    let provider = inner.provider(user, choice).await;
    match inner.ticket(user, &provider) {
        Ok(ticket) => {
            let queued = !ticket.is_admitted() || *inner.draining.borrow();
            Some((ticket, queued))
        }
        Err(full) => {
            tracing::warn!(user_id = %user, retry_after = ?full.retry_after, "no place for a waiting turn");
            None
        }
    }
}

/// Whether the rest was begun.
async fn go_on(inner: &Arc<Inner>, row: &GenerationRow) -> Result<bool, StoreError> {
    // Whose key came with the request is not asked twice.
    if row.model_config_id == Some(ModelConfigId::INLINE) {
        return Ok(false);
    }
    let Some((ticket, queued)) = place(inner, row.user_id, row.model_config_id).await else {
        return Ok(false);
    };
    let begin = Begin {
        user_id: row.user_id,
        conversation_id: row.conversation_id,
        create: false,
        title: String::new(),
        reply_message_id: MessageId(inner.clock.new_id()),
        generation_id: GenerationId(inner.clock.new_id()),
        ask: Ask::Further(row.reply_message_id),
        persona_id: row.persona_id,
        model: Some(row.model_config_id.unwrap_or(ModelConfigId::INSTALLATION)),
        parameters: row.parameters.clone(),
        queued,
        most_waiting: 0,
        beside: Vec::new(),
        // It goes on with what was allowed.
        allowance: None,
        owner: inner.owner,
        now: inner.clock.now(),
    };
    if let Begun::Started { generation, .. } = inner.store.begin_turn(begin).await? {
        tracing::info!(generation_id = %generation.id, continues = %row.id, "a reply is taken up again");
        inner.start(generation, ticket, None);
        return Ok(true);
    }
    Ok(false)
}
