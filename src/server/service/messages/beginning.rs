//! Beginning a turn: whom it asks, their places in the line, and the one transaction that stores it.

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{
    ConversationId, FieldCode, GenerationId, MessageId, ModelConfigId, Parameters, PersonaId,
    ProblemCode, lane::BESIDE,
};

use super::{Messages, Sent, form::sent, title::first_title};
use crate::{
    engine::Place,
    port::{
        llm::Model,
        store::{Allowance, Ask, Begin, BeginBeside, Begun, ModelsOf, StoreError},
    },
    service::{Error, Viewer},
};

/// Turns that may wait in one conversation, where it is set so.
const MOST_WAITING: u32 = 20;
/// What a group's `tokens_per_day` are counted over: the last 24 hours, wherever the day begins.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is to be begun.
#[derive(Clone)]
pub(super) struct Turn {
    pub(super) conversation_id: ConversationId,
    pub(super) create: bool,
    pub(super) ask: Ask,
    pub(super) persona_id: Option<PersonaId>,
    pub(super) model: Option<ModelConfigId>,
    pub(super) parameters: Parameters,
    /// `None`: those of the conversation, unless the turn names a model.
    pub(super) beside: Option<Vec<ModelConfigId>>,
    pub(super) inline: Option<Arc<Model>>,
}

/// Whom a turn asks.
struct Asked {
    first: Arc<Model>,
    beside: Vec<Arc<Model>>,
}

impl Messages {
    /// What a turn will ask: what it names, else what its conversation has chosen.
    async fn asked(&self, viewer: &Viewer, turn: &Turn) -> Result<Asked, Error> {
        let mut chosen = ModelsOf::default();
        let first = match (&turn.inline, turn.model, &turn.ask) {
            (Some(inline), ..) => inline.clone(),
            (None, Some(model), Ask::Further(_)) => self.models.usable(viewer, Some(model)).await?,
            (None, Some(model), _) => self.models.chosen(viewer, Some(model)).await?,
            (None, None, _) => {
                let owner = viewer.user.id;
                let read = self.store.models_of(owner, turn.conversation_id).await?;
                chosen = read.unwrap_or_default();
                self.models.usable(viewer, chosen.model).await?
            }
        };
        let mut beside = Vec::new();
        match &turn.beside {
            Some(named) => {
                check_beside(first.id, named)?;
                for id in named {
                    beside.push(self.models.chosen(viewer, Some(*id)).await?);
                }
            }
            None => {
                // The first may have been chosen after them. One that is gone since stays away; it is the first that must
                // not be another than was chosen.
                for id in chosen.compare_with.iter().filter(|id| **id != first.id) {
                    match self.models.usable(viewer, Some(*id)).await {
                        Ok(model) => beside.push(model),
                        Err(Error::Refused(ProblemCode::ModelUnavailable)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        Ok(Asked { first, beside })
    }

    pub(super) async fn begin(&self, viewer: &Viewer, turn: Turn) -> Result<Sent, Error> {
        if self.mail_first && !viewer.user.email_verified {
            return Err(Error::Refused(ProblemCode::EmailUnverified));
        }
        let limits = self.groups.limits(viewer.user.group).await?;
        let allowance = limits.tokens_per_day.map(|tokens| Allowance {
            tokens,
            window: DAY,
        });
        // Repetitions of a message that arrive together take one place in the line, not one each.
        let _alone = match &turn.ask {
            Ask::Message {
                client_message_id, ..
            } => Some(self.sending.enter(viewer.user.id, client_message_id).await),
            Ask::Again(_) | Ask::Further(_) => None,
        };
        let asked = self.asked(viewer, &turn).await?;
        if let (1.., Some(count)) = (asked.beside.len(), self.beside.get()) {
            count(
                viewer.user.id,
                asked.beside.len(),
                limits.requests_per_minute,
            )
            .map_err(|wait| Error::Later(ProblemCode::RateLimited, wait))?;
        }
        let place = self.place(viewer, &asked.first)?;
        let queued = place.is_queued();
        let mut places = vec![place];
        let mut beside = Vec::new();
        for model in &asked.beside {
            let place = self.place(viewer, model)?;
            beside.push(BeginBeside {
                generation_id: GenerationId(self.clock.new_id()),
                reply_message_id: MessageId(self.clock.new_id()),
                model: model.id,
                queued: place.is_queued(),
            });
            places.push(place);
        }
        let begin = Begin {
            user_id: viewer.user.id,
            conversation_id: turn.conversation_id,
            create: turn.create,
            title: match &turn.ask {
                Ask::Message { content, .. } => first_title(content),
                Ask::Again(_) | Ask::Further(_) => String::new(),
            },
            reply_message_id: MessageId(self.clock.new_id()),
            generation_id: GenerationId(self.clock.new_id()),
            ask: turn.ask,
            persona_id: turn.persona_id,
            model: turn.model,
            parameters: turn.parameters,
            queued,
            most_waiting: MOST_WAITING,
            beside,
            allowance,
            owner: self.engine.owner(),
            now: self.clock.now(),
        };
        let begun = self.store_and_start(begin, places).await?;
        Ok(sent(turn.conversation_id, begun))
    }

    fn place(&self, viewer: &Viewer, model: &Arc<Model>) -> Result<Place, Error> {
        self.engine
            .admit(viewer.user.id, model)
            .map_err(|refusal| Error::Later(refusal.code, refusal.retry_after))
    }

    /// In a task of its own: a client that hangs up drops its request, and between the commit and the start that
    /// would leave a generation which nobody runs and which keeps its conversation busy for ever.
    async fn store_and_start(&self, begin: Begin, places: Vec<Place>) -> Result<Begun, Error> {
        let (store, engine) = (self.store.clone(), self.engine.clone());
        let task = tokio::spawn(async move {
            let (conversation, user) = (begin.conversation_id, begin.user_id);
            let begun = store.begin_turn(begin).await?;
            match &begun {
                Begun::Started {
                    generation, beside, ..
                }
                | Begun::Repeated {
                    generation, beside, ..
                } => {
                    let lanes = std::iter::once(generation).chain(beside);
                    for (row, place) in lanes.zip(places) {
                        engine.start(row.clone(), place);
                    }
                }
                Begun::Waiting { .. } => {
                    drop(places);
                    engine.wake(conversation, user);
                    // What it waits for may have ended in this very moment.
                    engine.begin_waiting(conversation, user).await?;
                }
            }
            Ok::<_, StoreError>(begun)
        });
        let begun = task
            .await
            .map_err(|error| Error::Internal(format!("beginning a turn: {error}")))?;
        Ok(begun?)
    }
}

/// Models that are named to be asked beside the first: not too many, and each another one.
pub(in crate::service) fn check_beside(
    first: ModelConfigId,
    beside: &[ModelConfigId],
) -> Result<(), Error> {
    if beside.len() > BESIDE {
        return Err(Error::field("compare_with", FieldCode::TooLong));
    }
    for (place, id) in beside.iter().enumerate() {
        if *id == first || beside[..place].contains(id) {
            return Err(Error::field("compare_with", FieldCode::Taken));
        }
    }
    Ok(())
}
