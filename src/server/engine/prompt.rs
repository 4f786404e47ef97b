//! What the model is asked: the persona's prompt, the conversation's own text, the persona's preset messages, then the path
//! up to the person's message as the conversation's context has it told, as far back as the model's window reaches; a
//! summary in place of what it does not.
//!
//! Timestamps, ids, greetings and failed attempts stay out: they change from turn to turn, and a provider caches a
//! prompt only as long as its beginning stays the same.

mod fit;
mod material;
mod outlook;
pub(super) mod tokens;

pub(crate) use self::outlook::Next;

use parlance_core::domain::{
    Character, ConversationId, GenerationKind, Message, MessageId, PersonaId, Problem, ProblemCode,
    UserId,
};

use self::{
    fit::fit,
    material::{Material, Plan, Sizes},
    tokens::Counter,
};
use super::Inner;
use crate::port::{
    llm::{Llm, Prompt},
    store::{GenerationRow, PathEnd, StoreError, Told},
};

/// More bytes than this are never one token, on the average of a whole text.
const BYTES_PER_TOKEN: u64 = 8;
/// More of a window than this is not filled with what was said, tokens: anybody may say that theirs is larger.
const LARGEST_WINDOW: u32 = 2_000_000;

/// A prompt, and what is to be done beside asking it.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) prompt: Prompt,
    /// On the conversation's first turn: what the person wrote.
    pub(super) first_message: Option<String>,
    /// What does not fit any more, or soon will not.
    pub(super) digest: Option<Digest>,
    /// Of the context by which the messages are told.
    pub(super) context_rev: u64,
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
    llm: &dyn Llm,
) -> Result<Result<Built, Problem>, StoreError> {
    let window = llm.window();
    let place = Place {
        user: row.user_id,
        conversation: row.conversation_id,
    };
    let told = place.told(inner).await?;
    let path = place.path(inner, row.user_message_id, window, &told);
    let path = path.await?;
    let character = place.character(inner, row.persona_id).await?;
    let Some(material) = Material::new(character, path, kept, llm.continues_prefix()) else {
        return Err(StoreError::NotFound);
    };
    let is_first =
        row.kind == GenerationKind::New && material.history.is_empty() && !material.earlier;
    let material = material.in_context(&told.context);
    let first_message = material.question().filter(|_| is_first).map(str::to_owned);
    let budget = budget(window);
    let (material, plan) = if material.fits_by_bytes(budget) {
        (material, Plan::default())
    } else {
        let weighed = match weigh(inner, place, material, budget).await? {
            Ok(weighed) => weighed,
            Err(problem) => return Ok(Err(problem)),
        };
        let Some(plan) = weighed.plan else {
            return Ok(Err(Problem::new(ProblemCode::ContextOverflow)));
        };
        (weighed.material, plan)
    };
    let (prompt, digest) = material.carry_out(&plan);
    Ok(Ok(Built {
        prompt,
        first_message,
        digest,
        context_rev: told.rev,
    }))
}

/// Whose conversation it is.
#[derive(Clone, Copy)]
struct Place {
    user: UserId,
    conversation: ConversationId,
}

impl Place {
    async fn told(self, inner: &Inner) -> Result<Told, StoreError> {
        let told = inner.store.told(self.user, self.conversation).await?;
        told.ok_or(StoreError::NotFound)
    }

    /// As much of the path up to `last` as could possibly fit; what is not told as it was said does not count.
    async fn path(
        self,
        inner: &Inner,
        last: MessageId,
        window: u32,
        told: &Told,
    ) -> Result<PathEnd, StoreError> {
        let most_bytes = u64::from(window.min(LARGEST_WINDOW)) * BYTES_PER_TOKEN;
        let most_bytes = most_bytes + told.edited_bytes.min(most_bytes);
        let store = &inner.store;
        store
            .path_to(self.user, self.conversation, last, most_bytes)
            .await
    }

    async fn character(
        self,
        inner: &Inner,
        persona: Option<PersonaId>,
    ) -> Result<Option<Character>, StoreError> {
        let persona = match persona {
            Some(id) => inner.store.speaker(self.user, id).await?,
            None => None,
        };
        Ok(persona.map(|persona| persona.character))
    }
}

/// Material whose tokens are counted.
struct Weighed {
    material: Material,
    sizes: Sizes,
    counter: Counter,
    /// `None`: the fixed texts alone are too long.
    plan: Option<Plan>,
}

/// Counts, and decides what goes in.
///
/// # Errors
/// The inner one: a fault of ours.
async fn weigh(
    inner: &Inner,
    place: Place,
    material: Material,
    budget: usize,
) -> Result<Result<Weighed, Problem>, StoreError> {
    let counted = tokio::task::spawn_blocking(move || {
        let counter = Counter::load();
        let sizes = material.sizes(&counter);
        (material, sizes, counter)
    });
    let (material, sizes, counter) = match counted.await {
        Ok(counted) => counted,
        Err(error) => {
            tracing::error!(%error, conversation_id = %place.conversation, "the prompt's tokens were not counted");
            return Ok(Err(Problem::new(ProblemCode::Internal)));
        }
    };
    counter.clone().linger();
    let plan = match budget.checked_sub(sizes.fixed) {
        None => None,
        Some(budget) if fit(&sizes.history, budget).is_comfortable() && !material.earlier => {
            Some(Plan::default())
        }
        Some(budget) => {
            let (user, conversation, path) = (place.user, place.conversation, material.ids());
            let summary = inner.store.summary(user, conversation, &path).await?;
            Some(material.plan(&sizes, budget, summary, &counter))
        }
    };
    Ok(Ok(Weighed {
        material,
        sizes,
        counter,
        plan,
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
