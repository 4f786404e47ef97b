//! What the next request would be, were it sent now: gathered, counted and cut by the code that makes requests, and then
//! told instead of sent.

use std::collections::BTreeMap;

use parlance_core::domain::{
    ConversationId, Fate, Message, MessageId, ModelConfigId, Outlook, OutlookMessage, PersonaId,
    Problem, ProblemCode, Role, UserId,
};
use tokio::sync::Semaphore;

use super::{Material, Place, Weighed, budget, weigh};
use crate::{
    engine::Engine,
    port::{
        llm::NoModel,
        store::{PathEnd, StoreError, Told},
    },
};

/// Characters of a message that are shown.
const EXCERPT: usize = 200;
/// Counting takes a core, and reads all that could be sent: two at a time leave the rest for replies.
static COUNTING: Semaphore = Semaphore::const_new(2);

/// What a conversation is about to ask.
pub(crate) struct Next {
    pub(crate) user: UserId,
    pub(crate) conversation: ConversationId,
    /// The last message of the path; `None` while there is none.
    pub(crate) head: Option<MessageId>,
    pub(crate) persona: Option<PersonaId>,
    pub(crate) model: Option<ModelConfigId>,
}

impl Engine {
    /// The outlook of a conversation, and the context that it is an outlook of.
    ///
    /// # Errors
    /// `NotFound`. The inner one: a fault of ours.
    pub(crate) async fn outlook(
        &self,
        next: Next,
    ) -> Result<Result<(Told, Outlook), Problem>, StoreError> {
        let inner = &self.inner;
        let (model, model_is_there) = match inner.model(next.user, next.model).await {
            Ok(model) => (model, true),
            Err(NoModel::Unavailable) => (inner.model.clone(), false),
            Err(NoModel::Store(error)) => return Err(error),
        };
        let Ok(_turn) = COUNTING.acquire().await else {
            return Ok(Err(Problem::new(ProblemCode::Internal)));
        };
        let window = model.llm.window();
        let place = Place {
            user: next.user,
            conversation: next.conversation,
        };
        let told = place.told(inner).await?;
        let path = match next.head {
            Some(head) => place.path(inner, head, window, &told).await?,
            None => PathEnd {
                messages: Vec::new(),
                earlier: false,
            },
        };
        let character = place.character(inner, next.persona).await?;
        let said = path.messages.iter().map(Said::of).collect();
        let material = Material::ahead(character, path).in_context(&told.context);
        let weighed = match weigh(inner, place, material, budget(window)).await? {
            Ok(weighed) => weighed,
            Err(problem) => return Ok(Err(problem)),
        };
        // Counting takes its time.
        let counted = tokio::task::spawn_blocking(move || {
            let outlook = outlook(&weighed, &told, said);
            (told, outlook)
        });
        let Ok((told, outlook)) = counted.await else {
            return Ok(Err(Problem::new(ProblemCode::Internal)));
        };
        let outlook = Outlook {
            model_is_there,
            window,
            most: number(budget(window)),
            ..outlook
        };
        Ok(Ok((told, outlook)))
    }
}

/// What is shown of a message that does not go in at all.
struct Said {
    id: MessageId,
    role: Role,
    excerpt: String,
}

impl Said {
    fn of(message: &Message) -> Self {
        Self {
            id: message.id,
            role: message.role,
            excerpt: excerpt(&message.content),
        }
    }
}

/// All but what is said of the model.
fn outlook(weighed: &Weighed, told: &Told, said: Vec<Said>) -> Outlook {
    let Weighed {
        material,
        counter,
        plan,
        ..
    } = weighed;
    let of = |text: Option<&str>| text.map_or(0, |text| counter.of_turn(text));
    let context = of(material.context.as_deref());
    let system = of(material.system.as_deref()) + context;
    let presets = material.presets.iter();
    let presets: usize = presets.map(|turn| counter.of_turn(&turn.content)).sum();
    let summary = of(plan.as_ref().and_then(|plan| plan.told()));
    let fates = fates(weighed);
    let in_it = |fate: &&(usize, Fate)| fate.1 == Fate::Sent;
    let messages: usize = fates.values().filter(in_it).map(|(tokens, _)| tokens).sum();
    let path = said
        .into_iter()
        .map(|said| shown(said, told, &fates))
        .collect();
    Outlook {
        model_is_there: true,
        window: 0,
        most: 0,
        system: number(system),
        context: number(context),
        presets: number(presets),
        summary: number(summary),
        messages: number(messages),
        fits: plan.is_some(),
        earlier: material.earlier,
        path,
    }
}

/// Tokens and fate of each message that counts.
fn fates(weighed: &Weighed) -> BTreeMap<MessageId, (usize, Fate)> {
    let Weighed {
        material,
        sizes,
        plan,
        ..
    } = weighed;
    let rows = material.history.iter().zip(&sizes.history).enumerate();
    rows.map(|(at, (message, size))| {
        let fate = match plan {
            _ if message.content.is_empty() => Fate::Empty,
            Some(plan) if at >= plan.from => Fate::Sent,
            Some(plan) if at < plan.covered && plan.told().is_some() => Fate::Summarised,
            _ => Fate::LeftOut,
        };
        (message.id, (size.tokens, fate))
    })
    .collect()
}

fn shown(said: Said, told: &Told, fates: &BTreeMap<MessageId, (usize, Fate)>) -> OutlookMessage {
    let wording = told.context.wordings.get(&said.id);
    let excerpt = wording.map_or(said.excerpt, |wording| self::excerpt(wording));
    let (tokens, fate) = match fates.get(&said.id) {
        Some((tokens, fate)) => (*tokens, *fate),
        // What it would cost is not counted: it costs nothing.
        None => (0, Fate::Excluded),
    };
    OutlookMessage {
        id: said.id,
        role: said.role,
        excerpt,
        reworded: wording.is_some(),
        tokens: number(tokens),
        fate,
    }
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn number(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
