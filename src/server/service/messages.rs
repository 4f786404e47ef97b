//! Sending a message, which begins a reply; asking for another reply, or for the rest of one; and which of several is read.

mod finding;
mod form;
mod history;
mod sending;
mod title;

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{
    Accepted, ConversationId, FieldCode, GenerationId, Message, MessageId, MessagePage,
    ModelConfigId, ModelDraft, Parameters, PersonaId, ProblemCode, WhenBusy, limits,
};

use self::{
    form::{check, sent},
    sending::Sending,
    title::first_title,
};
use super::{Error, Owned, Viewer, groups::Groups, models::Models, personas};
use crate::{
    engine::{Engine, Place},
    port::{
        clock::Clock,
        llm::Model,
        store::{Allowance, Ask, Begin, Begun, Store, StoreError},
    },
};

pub use crate::port::store::Parent;
pub use finding::{Found, Surroundings};
pub use history::HistoryPage;

/// A message to be taken in.
#[derive(Clone, Debug)]
pub struct Send {
    pub conversation_id: ConversationId,
    /// Make the conversation if there is none with this id yet.
    pub create: bool,
    pub content: String,
    /// `[A-Za-z0-9_-]{1,64}`; the same one again changes nothing.
    pub client_message_id: String,
    pub parent: Parent,
    /// Slug or id; `None`: that of the conversation.
    pub persona: Option<String>,
    /// Asked for this reply; `None`: that of the conversation. A conversation that is made by this has it from now on.
    pub model: Option<ModelConfigId>,
    /// The same, over those of the conversation.
    pub parameters: Parameters,
    /// A model that the request itself brings, in place of a chosen one: asked for this reply and stored nowhere.
    pub inline: Option<ModelDraft>,
}

/// Who shall write another reply; what is left open is the conversation's to say.
#[derive(Clone, Debug, Default)]
pub struct Again {
    /// Slug or id.
    pub persona: Option<String>,
    pub model: Option<ModelConfigId>,
    pub parameters: Parameters,
}

/// A turn that was taken in.
#[derive(Clone, Debug)]
pub struct Sent {
    pub accepted: Accepted,
    /// An earlier call with the same client id had stored it.
    pub repeated: bool,
    /// Its turn comes when the reply that is being written has ended.
    pub waiting: bool,
    /// Cursor of a stream that brings the whole turn: the message, the reply from its beginning, the end.
    pub whole_turn: String,
}

/// Turns that may wait in one conversation, where it is set so.
const MOST_WAITING: u32 = 20;
/// What a group's `tokens_per_day` are counted over: the last 24 hours, wherever the day begins.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The verbs of messages.
#[derive(Clone)]
pub struct Messages {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    sending: Sending,
    groups: Groups,
    models: Models,
    /// Whether only those may send whose address is known to be theirs.
    mail_first: bool,
}

impl Messages {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        engine: Engine,
        groups: Groups,
        models: Models,
        mail_first: bool,
    ) -> Self {
        Self {
            store,
            clock,
            engine,
            sending: Sending::default(),
            groups,
            models,
            mail_first,
        }
    }

    /// Stores the message and begins the reply, which goes on whether or not anybody looks. What happens while another
    /// reply is being written is the conversation's own setting (`when_busy`).
    ///
    /// # Errors
    /// `Invalid` (`content`, `client_message_id`, `persona_id`, `model_config_id`, `parameters.…`, and those
    /// of a model that comes along), `NotFound`,
    /// `GenerationActive`, `Refused(Conflict | EmailUnverified | EndpointBlocked | Forbidden | ModelUnavailable)`, `Later(Draining | QueueFull | StorageUnavailable | TokenLimit)`.
    pub async fn send(&self, viewer: &Viewer, send: Send) -> Result<Sent, Error> {
        check(&send)?;
        let inline = match send.inline {
            Some(draft) => Some(self.models.inline(viewer, draft).await?),
            None => None,
        };
        let persona_id = self.persona(viewer, send.persona.as_deref()).await?;
        let ask = Ask::Message {
            id: MessageId(self.clock.new_id()),
            client_message_id: send.client_message_id,
            parent: send.parent,
            content: send.content,
        };
        let mut turn = Turn {
            conversation_id: send.conversation_id,
            create: send.create,
            ask,
            persona_id,
            model: inline.as_ref().map(|model| model.id).or(send.model),
            parameters: send.parameters,
            inline,
        };
        match self.begin(viewer, turn.clone()).await {
            Err(Error::GenerationActive(running)) => {
                if !self
                    .interrupt(viewer, send.conversation_id, running)
                    .await?
                {
                    return Err(Error::GenerationActive(running));
                }
                turn.create = false;
                self.begin(viewer, turn).await
            }
            begun => begun,
        }
    }

    /// Has a reply written anew, beside the one that is there; or, of a person's message that has none, tries again.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` (`persona_id`, `model_config_id`, `parameters.…`), `GenerationActive`,
    /// `Refused(EmailUnverified | Forbidden | ModelUnavailable)`, `Later`.
    pub async fn regenerate(
        &self,
        viewer: &Viewer,
        message: MessageId,
        again: Again,
    ) -> Result<Sent, Error> {
        super::models::check_parameters(&again.parameters)?;
        let persona_id = self.persona(viewer, again.persona.as_deref()).await?;
        let conversation_id = self.own(viewer, message).await?.conversation_id;
        let ask = Ask::Again(message);
        let turn = Turn {
            conversation_id,
            create: false,
            ask,
            persona_id,
            model: again.model,
            parameters: again.parameters,
            inline: None,
        };
        self.begin(viewer, turn).await
    }

    /// Has a stopped or interrupted reply written to its end by the model that began it: a sibling that begins with its
    /// text.
    ///
    /// # Errors
    /// `NotFound` (also for a reply that is whole), `GenerationActive`, `Refused(EmailUnverified | Forbidden)`, `Later`;
    /// `Refused(ModelUnavailable)` when that model is gone.
    pub async fn go_on(&self, viewer: &Viewer, message: MessageId) -> Result<Sent, Error> {
        let begun = self.own(viewer, message).await?;
        let model = match begun.model_config_id {
            // Its address and key are gone with the request that brought them.
            Some(ModelConfigId::INLINE) => None,
            Some(id) => Some(id),
            None => Some(ModelConfigId::INSTALLATION),
        };
        let turn = Turn {
            conversation_id: begun.conversation_id,
            create: false,
            ask: Ask::Further(message),
            persona_id: None,
            model,
            parameters: Parameters::default(),
            inline: None,
        };
        self.begin(viewer, turn).await
    }

    /// Reads on from this message: it and what came after it last are now the path.
    ///
    /// # Errors
    /// `NotFound`, `GenerationActive`.
    pub async fn select(
        &self,
        viewer: &Viewer,
        message: MessageId,
    ) -> Result<ConversationId, Error> {
        let conversation = self
            .store
            .select_branch(viewer.user.id, message, self.clock.now())
            .await?;
        self.engine.wake(conversation, viewer.user.id);
        Ok(conversation)
    }

    /// The stretch of the path before a message.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` (`limit`).
    pub async fn earlier(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        before: MessageId,
        limit: Option<u32>,
    ) -> Result<MessagePage, Error> {
        let limit = limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT);
        if !(1..=limits::PAGE_ITEMS).contains(&limit) {
            return Err(Error::field("limit", FieldCode::Malformed));
        }
        let page = self
            .store
            .messages_before(viewer.user.id, conversation, before, limit)
            .await?;
        Ok(page)
    }

    async fn persona(
        &self,
        viewer: &Viewer,
        persona: Option<&str>,
    ) -> Result<Option<PersonaId>, Error> {
        personas::named(self.store.as_ref(), viewer, persona, "persona_id").await
    }

    async fn own(&self, viewer: &Viewer, message: MessageId) -> Result<Message, Error> {
        let message = Owned::find(viewer, |owner| self.store.message(owner, message)).await?;
        Ok(message.into_inner())
    }

    /// What a turn will ask: what it names, else what its conversation has chosen.
    async fn model(&self, viewer: &Viewer, turn: &Turn) -> Result<Arc<Model>, Error> {
        if let Some(inline) = &turn.inline {
            return Ok(inline.clone());
        }
        match (turn.model, &turn.ask) {
            (Some(model), Ask::Further(_)) => self.models.usable(viewer, Some(model)).await,
            (Some(model), _) => self.models.chosen(viewer, Some(model)).await,
            (None, _) => {
                let owner = viewer.user.id;
                let chosen = self.store.model_of(owner, turn.conversation_id).await?;
                self.models.usable(viewer, chosen.flatten()).await
            }
        }
    }

    /// Ends the running reply where the conversation is set so. `false` where it is not.
    async fn interrupt(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        running: GenerationId,
    ) -> Result<bool, Error> {
        let owner = viewer.user.id;
        let opened = self
            .store
            .open_conversation(owner, conversation, None, 1)
            .await?
            .ok_or(Error::NotFound)?;
        if opened.conversation.when_busy != WhenBusy::Interrupt {
            return Ok(false);
        }
        if let Some(row) = self.store.generation(owner, running).await? {
            self.engine.stop(row).await?;
        }
        Ok(true)
    }

    async fn begin(&self, viewer: &Viewer, turn: Turn) -> Result<Sent, Error> {
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
        let model = self.model(viewer, &turn).await?;
        let place = self
            .engine
            .admit(viewer.user.id, &model)
            .map_err(|refusal| Error::Later(refusal.code, refusal.retry_after))?;
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
            queued: place.is_queued(),
            most_waiting: MOST_WAITING,
            allowance,
            owner: self.engine.owner(),
            now: self.clock.now(),
        };
        Ok(sent(
            turn.conversation_id,
            self.store_and_start(begin, place).await?,
        ))
    }

    /// In a task of its own: a client that hangs up drops its request, and between the commit and the start that
    /// would leave a generation which nobody runs and which keeps its conversation busy for ever.
    async fn store_and_start(&self, begin: Begin, place: Place) -> Result<Begun, Error> {
        let (store, engine) = (self.store.clone(), self.engine.clone());
        let task = tokio::spawn(async move {
            let (conversation, user) = (begin.conversation_id, begin.user_id);
            let begun = store.begin_turn(begin).await?;
            match &begun {
                Begun::Started { generation, .. } | Begun::Repeated { generation, .. } => {
                    engine.start(generation.clone(), place);
                }
                Begun::Waiting { .. } => {
                    drop(place);
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

/// What is to be begun.
#[derive(Clone)]
struct Turn {
    conversation_id: ConversationId,
    create: bool,
    ask: Ask,
    persona_id: Option<PersonaId>,
    model: Option<ModelConfigId>,
    parameters: Parameters,
    inline: Option<Arc<Model>>,
}
