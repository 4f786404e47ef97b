//! What the model is asked: the persona's prompt, then the path up to the person's message.
//!
//! Timestamps, ids and failed attempts stay out.

use parlance_core::domain::{Message, Role};

use super::Inner;
use crate::port::{
    llm::{Prompt, Turn},
    store::{GenerationRow, StoreError},
};

pub(super) async fn build(inner: &Inner, row: &GenerationRow) -> Result<Prompt, StoreError> {
    let path = inner
        .store
        .path(row.user_id, row.conversation_id, row.user_message_id)
        .await?;
    let persona = match row.persona_id {
        Some(id) => inner.store.persona(row.user_id, &id.to_string()).await?,
        None => None,
    };
    let system = persona.map(|persona| Turn {
        role: Role::System,
        content: persona.system_prompt,
    });
    Ok(Prompt {
        turns: system
            .into_iter()
            .chain(path.into_iter().filter_map(turn))
            .collect(),
    })
}

fn turn(message: Message) -> Option<Turn> {
    // A reply of reasoning alone has nothing that could be repeated to the model.
    (!message.content.is_empty()).then_some(Turn {
        role: message.role,
        content: message.content,
    })
}
