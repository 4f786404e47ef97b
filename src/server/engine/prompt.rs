//! What the model is asked: the persona's prompt and its preset messages, then the path up to the person's message, as far back as the model's
//! window reaches; a summary in place of what it does not.
//!
//! Timestamps, ids, greetings and failed attempts stay out: they change from turn to turn, and a provider caches a
//! prompt only as long as its beginning stays the same.

mod fit;
mod material;
pub(super) mod tokens;

use parlance_core::domain::{GenerationKind, Message, Problem, ProblemCode};

use self::{fit::fit, material::Material, tokens::Counter};
use super::Inner;
use crate::port::{
    llm::Prompt,
    store::{GenerationRow, StoreError},
};

/// More bytes than this are never one token, on the average of a whole text.
const BYTES_PER_TOKEN: u64 = 8;

/// A prompt, and what is to be done beside asking it.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) prompt: Prompt,
    /// On the conversation's first turn: what the person wrote.
    pub(super) first_message: Option<String>,
    /// What does not fit any more, or soon will not.
    pub(super) digest: Option<Digest>,
}

/// Messages to be summed up.
#[derive(Debug)]
pub(super) struct Digest {
    /// What the messages before them said, in short.
    pub(super) previous: Option<String>,
    /// Oldest first; never empty.
    pub(super) messages: Vec<Message>,
}

/// Builds the prompt for a generation. `kept` is the reply that it goes on from.
///
/// # Errors
/// The inner one: not even the person's message fits the window (`context_overflow`).
pub(super) async fn build(
    inner: &Inner,
    row: &GenerationRow,
    kept: Option<&Message>,
) -> Result<Result<Built, Problem>, StoreError> {
    let window = inner.llm.window();
    let most_bytes = u64::from(window) * BYTES_PER_TOKEN;
    let path = inner
        .store
        .path_to(
            row.user_id,
            row.conversation_id,
            row.user_message_id,
            most_bytes,
        )
        .await?;
    let persona = match row.persona_id {
        Some(id) => inner.store.speaker(row.user_id, id).await?,
        None => None,
    };
    let character = persona.map(|persona| persona.character);
    let Some(material) = Material::new(character, path, kept, inner.llm.continues_prefix()) else {
        return Err(StoreError::NotFound);
    };
    let budget = budget(window);
    let is_first = row.kind == GenerationKind::New && material.history.is_empty();
    if material.fits_by_bytes(budget) {
        return Ok(Ok(material.whole(is_first)));
    }
    let counted = tokio::task::spawn_blocking(move || {
        let counter = Counter::load();
        let sizes = material.sizes(&counter);
        (material, sizes, counter)
    });
    let (material, sizes, counter) = match counted.await {
        Ok(counted) => counted,
        Err(error) => {
            tracing::error!(%error, generation_id = %row.id, "the prompt's tokens were not counted");
            return Ok(Err(Problem::new(ProblemCode::Internal)));
        }
    };
    counter.clone().linger();
    let Some(budget) = budget.checked_sub(sizes.fixed) else {
        return Ok(Err(Problem::new(ProblemCode::ContextOverflow)));
    };
    let whole = fit(&sizes.history, budget);
    if whole.is_comfortable() && !material.earlier {
        return Ok(Ok(material.whole(is_first)));
    }
    let summary = inner
        .store
        .summary(row.user_id, row.conversation_id, &material.ids())
        .await?;
    let (prompt, digest) = material.shortened(&sizes, budget, summary, &counter);
    Ok(Ok(Built {
        prompt,
        first_message: None,
        digest,
    }))
}

/// Tokens that a prompt may have: the answer needs room too.
fn budget(window: u32) -> usize {
    (window - (window / 4).min(4096)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_has_room() {
        assert_eq!(budget(8_192), 8_192 - 2_048);
        assert_eq!(budget(131_072), 131_072 - 4_096);
        assert_eq!(budget(0), 0);
    }
}
