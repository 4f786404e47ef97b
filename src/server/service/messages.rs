//! Sending a message, which begins a reply; asking for another reply, or for the rest of one; and which of several is read.

mod beginning;
mod finding;
mod form;
mod history;
mod keeping;
mod sending;
mod title;

use std::{
    marker,
    sync::{Arc, OnceLock},
    time::Duration,
};

use parlance_core::domain::{
    Accepted, ConversationId, FieldCode, Message, MessageId, MessagePage, ModelConfigId,
    ModelDraft, Parameters, PersonaId, UserId, WhenBusy, limits,
};

pub(super) use self::beginning::check_beside;
use self::{beginning::Turn, form::check, sending::Sending};
use super::{Error, Owned, Viewer, groups::Groups, models::Models, personas};
use crate::{
    engine::Engine,
    port::{
        clock::Clock,
        store::{Ask, Changes, LATEST_REV, Store},
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
    /// Asked the same beside the first, at most two, and none twice; their replies are compared until one is kept.
    /// `None`: those of the conversation, unless the message names a model of its own. A conversation that is made by this
    /// has them from now on.
    pub compare_with: Option<Vec<ModelConfigId>>,
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
    beside: Arc<OnceLock<Counter>>,
}

/// Is asked whether this person's message may be answered so many more times than once, where their group may make so many
/// requests a minute (`None`: as many as everybody). No: how long to wait.
type Counter =
    Box<dyn Fn(UserId, usize, Option<u32>) -> Result<(), Duration> + marker::Send + Sync>;

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
            beside: Arc::default(),
        }
    }

    /// Has somebody asked before a message goes to several models, with its sender, the number of those beside the first and
    /// the requests that the sender's group may make in a minute: it costs as much as so many more messages. One counter; a
    /// later one is not heard.
    pub fn count_beside(
        &self,
        counter: impl Fn(UserId, usize, Option<u32>) -> Result<(), Duration>
        + marker::Send
        + Sync
        + 'static,
    ) {
        let _ = self.beside.set(Box::new(counter));
    }

    /// Stores the message and begins the reply, which goes on whether or not anybody looks. What happens while another
    /// reply is being written is the conversation's own setting (`when_busy`).
    ///
    /// # Errors
    /// `Invalid` (`content`, `client_message_id`, `persona_id`, `model_config_id`, `compare_with`, `parameters.…`, and those
    /// of a model that comes along), `NotFound`,
    /// `GenerationActive`, `Refused(Conflict | EmailUnverified | EndpointBlocked | Forbidden | ModelUnavailable)`, `Later(Draining | QueueFull | RateLimited | StorageUnavailable | TokenLimit)`.
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
            beside: send.compare_with,
            inline,
        };
        match self.begin(viewer, turn.clone()).await {
            Err(Error::GenerationActive(running)) => {
                if !self.interrupt(viewer, send.conversation_id).await? {
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
            beside: Some(Vec::new()),
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
            beside: Some(Vec::new()),
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

    /// Ends the running replies where the conversation is set so. `false` where it is not.
    async fn interrupt(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<bool, Error> {
        let lanes = self.lanes(viewer, conversation).await?;
        if lanes.conversation.when_busy != WhenBusy::Interrupt {
            return Ok(false);
        }
        self.engine.stop_all(lanes.lanes()).await?;
        Ok(true)
    }

    /// The newest turn of a conversation, and how it stands.
    async fn lanes(&self, viewer: &Viewer, conversation: ConversationId) -> Result<Changes, Error> {
        let owner = viewer.user.id;
        let read = self.store.changes_since(owner, conversation, LATEST_REV, 0);
        read.await?.ok_or(Error::NotFound)
    }
}
