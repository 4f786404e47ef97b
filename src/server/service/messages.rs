//! Sending a message, which begins a reply; asking for another reply, or for the rest of one; and which of several is read.

mod finding;
mod history;
mod sending;
mod title;

use std::{sync::Arc, time::Duration};

use parlance_core::domain::{
    Accepted, ConversationId, Cursor, FieldCode, GenerationId, MessageId, MessagePage, PersonaId,
    ProblemCode, WhenBusy, limits,
};

use self::{sending::Sending, title::first_title};
use super::{Error, Owned, Viewer, groups::Groups, personas};
use crate::{
    engine::{Engine, Place},
    port::{
        clock::Clock,
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
    /// Whether only those may send whose address is known to be theirs.
    mail_first: bool,
}

impl Messages {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        engine: Engine,
        groups: Groups,
        mail_first: bool,
    ) -> Self {
        Self {
            store,
            clock,
            engine,
            sending: Sending::default(),
            groups,
            mail_first,
        }
    }

    /// Stores the message and begins the reply, which goes on whether or not anybody looks. What happens while another
    /// reply is being written is the conversation's own setting (`when_busy`).
    ///
    /// # Errors
    /// `Invalid` (`content`, `client_message_id`, `persona_id`), `NotFound`, `GenerationActive`,
    /// `Refused(Conflict | EmailUnverified)`, `Later(Draining | QueueFull | StorageUnavailable | TokenLimit)`.
    pub async fn send(&self, viewer: &Viewer, send: Send) -> Result<Sent, Error> {
        check(&send)?;
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
    /// `NotFound`, `Invalid` (`persona_id`), `GenerationActive`, `Later`.
    pub async fn regenerate(
        &self,
        viewer: &Viewer,
        message: MessageId,
        persona: Option<String>,
    ) -> Result<Sent, Error> {
        let persona_id = self.persona(viewer, persona.as_deref()).await?;
        let conversation_id = self.conversation_of(viewer, message).await?;
        let ask = Ask::Again(message);
        let turn = Turn {
            conversation_id,
            create: false,
            ask,
            persona_id,
        };
        self.begin(viewer, turn).await
    }

    /// Has a stopped or interrupted reply written to its end: a sibling that begins with its text.
    ///
    /// # Errors
    /// `NotFound` (also for a reply that is whole), `GenerationActive`, `Later`.
    pub async fn go_on(&self, viewer: &Viewer, message: MessageId) -> Result<Sent, Error> {
        let conversation_id = self.conversation_of(viewer, message).await?;
        let turn = Turn {
            conversation_id,
            create: false,
            ask: Ask::Further(message),
            persona_id: None,
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

    async fn conversation_of(
        &self,
        viewer: &Viewer,
        message: MessageId,
    ) -> Result<ConversationId, Error> {
        let message = Owned::find(viewer, |owner| self.store.message(owner, message)).await?;
        Ok(message.conversation_id)
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
        let place = self
            .engine
            .admit(viewer.user.id)
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
}

fn sent(conversation_id: ConversationId, begun: Begun) -> Sent {
    let (repeated, waiting) = match begun {
        Begun::Started { .. } => (false, false),
        Begun::Repeated { .. } => (true, false),
        Begun::Waiting { .. } => (false, true),
    };
    let (message_id, reply_message_id, generation_id, cursor, rev) = match begun {
        Begun::Started { generation, rev } | Begun::Repeated { generation, rev } => (
            generation.user_message_id,
            generation.reply_message_id,
            generation.id,
            Cursor::on(rev, generation.id, 0),
            rev,
        ),
        Begun::Waiting {
            message_id,
            reply_message_id,
            generation_id,
            rev,
        } => (
            message_id,
            reply_message_id,
            generation_id,
            Cursor::idle(rev),
            rev,
        ),
    };
    Sent {
        accepted: Accepted {
            conversation_id,
            message_id,
            reply_message_id,
            generation_id,
            cursor: cursor.to_string(),
        },
        repeated,
        waiting,
        whole_turn: Cursor::idle(rev.saturating_sub(1)).to_string(),
    }
}

fn check(send: &Send) -> Result<(), Error> {
    if send.content.trim().is_empty() {
        return Err(Error::field("content", FieldCode::Required));
    }
    if send.content.len() > limits::MESSAGE_BYTES {
        return Err(Error::field("content", FieldCode::TooLarge));
    }
    // PostgreSQL cannot store it, and no keyboard types it.
    if send.content.contains('\0') {
        return Err(Error::field("content", FieldCode::Malformed));
    }
    let id = &send.client_message_id;
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match id.len() {
        0 => Err(Error::field("client_message_id", FieldCode::Required)),
        1..=limits::CLIENT_MESSAGE_ID_CHARS if plain => Ok(()),
        _ => Err(Error::field("client_message_id", FieldCode::Malformed)),
    }
}
