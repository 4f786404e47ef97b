//! A turn: the person's message, the generation that answers it, and its one end.

use async_trait::async_trait;
use parlance_core::domain::{
    ConversationId, GenerationId, GenerationKind, GenerationStatus, Lane, Message, MessageId,
    MessageStatus, ModelConfigId, Parameters, PersonaId, Problem, Timestamp, Usage, UserId,
};
use uuid::Uuid;

use super::StoreError;

/// Where in the tree a person's message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Behind the last message of the path that is read.
    Head,
    /// At the very beginning: another wording of the first message.
    Root,
    Message(MessageId),
}

/// What a turn is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A new message of the person.
    Message {
        id: MessageId,
        /// Unique for the person: the same one again changes nothing.
        client_message_id: String,
        content: String,
        parent: Parent,
    },
    /// The message that this reply answered, once more; or this message, if it is the person's own.
    Again(MessageId),
    /// This unfinished reply (`stopped` or `interrupted`): go on from its end.
    Further(MessageId),
}

/// A turn to be begun.
#[derive(Clone, Debug)]
pub struct Begin {
    pub user_id: UserId,
    pub conversation_id: ConversationId,
    /// Make the conversation, with this title, if nobody has one with this id. Only with [`Ask::Message`].
    pub create: bool,
    /// The title, if the conversation has none yet.
    pub title: String,
    pub reply_message_id: MessageId,
    pub generation_id: GenerationId,
    pub ask: Ask,
    /// `None`: that of the conversation.
    pub persona_id: Option<PersonaId>,
    /// `None`: that of the conversation. A conversation that is made by this has it from now on.
    pub model: Option<ModelConfigId>,
    /// Over those of the conversation, or where one is made by this: those of the conversation.
    pub parameters: Parameters,
    /// Whether it waits for a permit (`queued`) or begins at once (`starting`).
    pub queued: bool,
    /// A message sent while a reply is being written in the conversation waits for its end, if the
    /// conversation is set so (`when_busy`: `queue`) and fewer than this many wait already.
    pub most_waiting: u32,
    /// Models that are asked the same beside the first, at most as many as there are lanes for; only with
    /// [`Ask::Message`]. Their replies are compared from now on; without any, nothing is. A conversation that is made by
    /// this has them from now on.
    pub beside: Vec<BeginBeside>,
    /// `None`: tokens are not counted.
    pub allowance: Option<Allowance>,
    pub owner: Owner,
    pub now: Timestamp,
}

/// One more reply to the message of a turn, in the next lane.
#[derive(Clone, Debug)]
pub struct BeginBeside {
    pub generation_id: GenerationId,
    pub reply_message_id: MessageId,
    pub model: ModelConfigId,
    /// As in [`Begin`].
    pub queued: bool,
}

/// How many tokens a person may have had, asked and answered, for one more turn to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Fewer than these.
    pub tokens: u64,
    /// Counted back from the beginning of the turn.
    pub window: std::time::Duration,
}

/// The process that writes a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The installation: the same over restarts.
    pub instance: Uuid,
    /// This run of it.
    pub boot: Uuid,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Begun {
    /// Stored just now; somebody must run the generations.
    Started {
        generation: GenerationRow,
        /// In the order of their lanes.
        beside: Vec<GenerationRow>,
        rev: u64,
    },
    /// Stored by an earlier call with the same client id.
    Repeated {
        generation: GenerationRow,
        /// In the order of their lanes.
        beside: Vec<GenerationRow>,
        rev: u64,
    },
    /// A reply is being written: the message is kept, and [`Turns::begin_waiting`] will begin its turn. Also the
    /// answer to a repeated call as long as it waits.
    Waiting {
        message_id: MessageId,
        reply_message_id: MessageId,
        generation_id: GenerationId,
        rev: u64,
    },
}

/// A row of `generations`.
#[derive(Clone, Debug)]
pub struct GenerationRow {
    pub id: GenerationId,
    /// Short number that the journal uses.
    pub no: i64,
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub user_message_id: MessageId,
    pub reply_message_id: MessageId,
    pub persona_id: Option<PersonaId>,
    /// Whose model is asked; `None`: what the server was set up with.
    pub model_config_id: Option<ModelConfigId>,
    /// What conversation and message set beyond the model configuration.
    pub parameters: Parameters,
    pub kind: GenerationKind,
    /// With `continue`: the reply whose text it begins with.
    pub continues_message_id: Option<MessageId>,
    /// With `continue`: how many strands that text has, which is how many frames it takes.
    pub kept_frames: u64,
    /// Which of the replies to its message.
    pub lane: Lane,
    /// The run of the process that writes it.
    pub owner_boot: Uuid,
    pub status: GenerationStatus,
    pub error: Option<Problem>,
    /// Frames in its log; known once it is terminal.
    pub last_seq: u64,
    /// `conversations.rev` of the transaction that ended it; 0 before.
    pub ended_rev: u64,
    pub created_at: Timestamp,
}

impl GenerationRow {
    /// The stored reply, once it has ended with one.
    #[must_use]
    pub fn reply(&self) -> Option<MessageId> {
        use GenerationStatus::{Completed, Interrupted, Stopped};
        matches!(self.status, Completed | Stopped | Interrupted).then_some(self.reply_message_id)
    }
}

/// The reply to be stored; all from committed frames.
#[derive(Clone, Debug)]
pub struct Reply {
    pub content: String,
    pub reasoning: Option<String>,
    pub status: MessageStatus,
}

/// The end of a generation.
#[derive(Clone, Debug)]
pub struct Finish {
    pub generation: GenerationRow,
    /// A terminal one.
    pub status: GenerationStatus,
    /// Frames committed; the seal takes the next number where the journal is in the same database.
    pub last_seq: u64,
    /// `None` for `failed` and `cancelled`.
    pub reply: Option<Reply>,
    pub error: Option<Problem>,
    pub finish_reason: Option<String>,
    pub model: Option<String>,
    pub usage: Option<Usage>,
    /// Millionths of the currency that the prices are in.
    pub cost_micros: Option<i64>,
    pub first_token_at: Option<Timestamp>,
    pub ended_at: Timestamp,
}

/// What the store holds after the end.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Whether this call ended it; `false` when somebody else had, and then the rest is theirs.
    pub won: bool,
    pub generation: GenerationRow,
    pub message: Option<Message>,
    pub rev: u64,
    /// Whether the reply is one of several that are compared; known to the winner.
    pub compared: bool,
}

/// Turns of a conversation.
#[async_trait]
pub trait Turns: Send + Sync {
    /// Stores the message and the generation (`queued` or `starting`) before any provider is asked. The head of
    /// the path becomes the message that is answered; where it was before is kept for an end without a reply.
    /// A conversation is busy as long as a reply is being written in any lane. What is asked beside the first cannot wait
    /// for its turn.
    ///
    /// # Errors
    /// `NotFound` (conversation, parent or asked message not this person's; [`Ask::Further`] on anything but an
    /// unfinished reply), `GenerationActive` (a reply is being written, and waiting is not wanted or not
    /// possible), `Conflict(ClientMessageId)` when the client id was used in another conversation,
    /// `Conflict(Waiting)` when too many wait, `Spent` when the allowance is used up (a repeated call is answered
    /// nonetheless). An account that is shut out has no conversations (`NotFound`): either the turn is stored before the
    /// account is shut, and seen by whoever then asks for what is being written, or it is not stored at all.
    async fn begin_turn(&self, begin: Begin) -> Result<Begun, StoreError>;

    /// Which model the oldest waiting turn of a conversation will ask (`Some(None)`: what the server was set up with);
    /// `None` when nothing waits.
    async fn next_model(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<Option<ModelConfigId>>, StoreError>;

    /// Begins the oldest waiting turn of a conversation, if there is one and nothing is being written. `queued` as in
    /// [`Begin`].
    async fn begin_waiting(
        &self,
        conversation: ConversationId,
        queued: bool,
        owner: Owner,
        now: Timestamp,
    ) -> Result<Option<(GenerationRow, u64)>, StoreError>;

    /// Conversations in which a turn waits and nothing is being written: what a crash leaves behind.
    async fn waiting_conversations(&self) -> Result<Vec<(ConversationId, UserId)>, StoreError>;

    /// The generation has its permit: `queued` becomes `starting`. `false` when it is not queued any more, is
    /// another process's, or its person was shut out while it waited.
    async fn start_generation(
        &self,
        id: GenerationId,
        boot: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The messages up to and including `message`, oldest first: as many of the newest as have at most `most_bytes` of
    /// content together, and always the last. The cost depends on that, not on the length of the conversation.
    ///
    /// # Errors
    /// `NotFound`.
    async fn path_to(
        &self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
        most_bytes: u64,
    ) -> Result<PathEnd, StoreError>;

    /// The terminal transaction: seal, message, status, rev, head. Exactly one call wins. A `regenerate` or `continue`
    /// that ends without a reply puts the head back where it was before. Of replies that are compared the last to end
    /// moves the head: to that of the lowest lane that has one.
    async fn finish_generation(&self, finish: Finish) -> Result<Finished, StoreError>;

    /// `None` when it is not the owner's.
    async fn generation(
        &self,
        owner: UserId,
        id: GenerationId,
    ) -> Result<Option<GenerationRow>, StoreError>;

    /// One message; `None` when it is not the owner's.
    async fn message(&self, owner: UserId, id: MessageId) -> Result<Option<Message>, StoreError>;

    /// Of the replies that are compared, this one: it ends the path already now, whatever else is still being written.
    ///
    /// # Errors
    /// `NotFound` for anything but a stored reply that is compared.
    async fn prefer_reply(
        &self,
        owner: UserId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Of the replies that are compared, this one: it ends the path, and nothing is compared any more.
    ///
    /// # Errors
    /// `NotFound` for anything but a stored reply that is compared, `GenerationActive` as long as one is being written.
    async fn keep_reply(
        &self,
        owner: UserId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// The path is now the one through `message`, down to the newest message below it. Nothing is compared any more.
    ///
    /// # Errors
    /// `NotFound`, `GenerationActive`.
    async fn select_branch(
        &self,
        owner: UserId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<ConversationId, StoreError>;

    /// The summary that stands for the beginning of a path that has become too long for the model: the newest whose
    /// last summarised message is among `path`.
    async fn summary(
        &self,
        owner: UserId,
        conversation: ConversationId,
        path: &[MessageId],
    ) -> Result<Option<Summary>, StoreError>;

    /// Keeps a summary, unless the conversation's context has another rev than the one by which its messages were told;
    /// one for the same message is replaced.
    async fn save_summary(
        &self,
        conversation: ConversationId,
        summary: Summary,
        context_rev: u64,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}

/// The end of a path.
#[derive(Clone, Debug)]
pub struct PathEnd {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Whether there are earlier ones.
    pub earlier: bool,
}

/// What the messages up to one said, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The last message that it covers.
    pub up_to: MessageId,
    pub text: String,
}
