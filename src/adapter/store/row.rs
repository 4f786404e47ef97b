//! Rows as both engines give them, and their way into the domain. No SQL but the lists of columns.

use std::{borrow::Cow, collections::HashMap};

use parlance_core::domain::{
    Conversation, ConversationId, ConversationStatus, GenerationId, Group, Lane, Message,
    MessageId, MessageStatus, ModelConfigId, Parameters, Part, PersonaId, Problem, Role, Timestamp,
    Usage, User, UserId,
};
use parlance_server::port::{
    journal::Frame,
    store::{GenerationRow, StoreError},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{fault::corrupt, moment::Moment};

/// Columns of [`Person`], of the table `u`.
macro_rules! person_columns {
    () => {
        "u.id, u.username, u.email, u.email_verified_at, u.group_name, u.avatar_url, u.created_at, u.updated_at"
    };
}

/// Last message of the path that is read, of the table `c`. While replies are compared it is the first lane's that is
/// read, which ends with the message as long as there is no reply.
macro_rules! read_head {
    () => {
        "case when c.compared_message_id is null then c.head_message_id else coalesce(\
         (select o.reply_message_id from generations o where o.user_message_id = c.compared_message_id and o.lane = 0 \
         and o.status in ('completed', 'stopped', 'interrupted') order by o.no desc limit 1), c.compared_message_id) end"
    };
}

/// Columns of [`Talk`], of the table `c`.
macro_rules! talk_columns {
    () => {
        concat!(
            "c.id, c.title, c.persona_id, c.model_config_id, c.parameters, c.compare_with, c.status, c.rev, \
             c.when_busy, c.created_at, c.updated_at, c.compared_message_id, ",
            $crate::store::row::read_head!(),
            " as head_message_id"
        )
    };
}

/// Columns of [`Speech`], of the table `m`.
macro_rules! speech_columns {
    () => {
        "m.id, m.conversation_id, m.parent_id, m.continues_message_id, m.role, m.content, m.reasoning, m.status, \
         m.finish_reason, m.error, m.model, m.model_config_id, m.persona_id, m.prompt_tokens, m.completion_tokens, \
         m.cost_micros, m.response_ms, \
         (select r.first_token_at from generations r where r.reply_message_id = m.id) as first_token_at, \
         m.rev, m.created_at"
    };
}

/// Columns of [`Run`], of the table `g`.
macro_rules! run_columns {
    () => {
        "g.id, g.no, g.conversation_id, g.user_id, g.user_message_id, g.reply_message_id, g.persona_id, g.kind, \
         g.model_config_id, g.parameters, \
         g.continues_message_id, g.kept_frames, g.owner_boot, g.status, g.error, g.last_seq, g.ended_rev, \
         g.created_at, g.lane"
    };
}

pub(super) use {person_columns, read_head, run_columns, speech_columns, talk_columns};

/// A row of `users`.
#[derive(FromRow)]
pub(super) struct Person {
    id: Uuid,
    username: String,
    email: String,
    email_verified_at: Option<Moment>,
    group_name: String,
    avatar_url: Option<String>,
    created_at: Moment,
    updated_at: Moment,
}

impl Person {
    pub(super) fn is(&self, user: UserId) -> bool {
        self.id == user.0
    }
}

impl From<Person> for User {
    fn from(row: Person) -> Self {
        Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            email_verified: row.email_verified_at.is_some(),
            // The table knows no other words; what it may have learnt since gives no rights here.
            group: Group::from_word(&row.group_name).unwrap_or_default(),
            avatar_url: row.avatar_url,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

/// A row of `conversations`.
#[derive(FromRow)]
pub(super) struct Talk {
    id: Uuid,
    title: String,
    persona_id: Option<Uuid>,
    model_config_id: Option<Uuid>,
    parameters: Option<Json<Parameters>>,
    compare_with: Option<Json<Vec<ModelConfigId>>>,
    status: String,
    rev: i64,
    when_busy: String,
    created_at: Moment,
    updated_at: Moment,
    compared_message_id: Option<Uuid>,
    pub(super) head_message_id: Option<Uuid>,
}

impl Talk {
    /// Last message of the path that is read.
    pub(super) fn head(&self) -> Option<MessageId> {
        self.head_message_id.map(MessageId)
    }

    /// The message whose replies are compared.
    pub(super) fn compared(&self) -> Option<MessageId> {
        self.compared_message_id.map(MessageId)
    }
}

impl TryFrom<Talk> for Conversation {
    type Error = StoreError;

    fn try_from(row: Talk) -> Result<Self, StoreError> {
        Ok(Self {
            id: ConversationId(row.id),
            title: row.title,
            persona_id: row.persona_id.map(PersonaId),
            model_config_id: row.model_config_id.map(ModelConfigId),
            parameters: set(row.parameters),
            compare_with: listed(row.compare_with),
            status: match row.status.as_str() {
                "active" => ConversationStatus::Active,
                "archived" => ConversationStatus::Archived,
                "deleted" => ConversationStatus::Deleted,
                _ => return Err(corrupt("conversation status")),
            },
            rev: row.rev.cast_unsigned(),
            when_busy: row.when_busy.parse().map_err(|_| corrupt("when_busy"))?,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

/// A row of `messages`.
#[derive(FromRow)]
pub(super) struct Speech {
    pub(super) id: Uuid,
    conversation_id: Uuid,
    pub(super) parent_id: Option<Uuid>,
    continues_message_id: Option<Uuid>,
    pub(super) role: String,
    content: String,
    reasoning: Option<String>,
    status: String,
    finish_reason: Option<String>,
    error: Option<Json<Problem>>,
    model: Option<String>,
    model_config_id: Option<Uuid>,
    persona_id: Option<Uuid>,
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    cost_micros: Option<i64>,
    pub(super) response_ms: Option<i64>,
    first_token_at: Option<Moment>,
    pub(super) rev: i64,
    created_at: Moment,
}

/// Milliseconds from asking for a reply to its first piece. A reply is stored at the moment of its end.
pub(super) fn first_token_ms(
    first_token_at: Option<Timestamp>,
    response_ms: Option<i64>,
    ended_at: Timestamp,
) -> Option<i64> {
    let asked_at = ended_at.0 - response_ms? * 1_000;
    Some((first_token_at?.0 - asked_at).div_euclid(1_000).max(0))
}

impl TryFrom<Speech> for Message {
    type Error = StoreError;

    fn try_from(row: Speech) -> Result<Self, StoreError> {
        Ok(Self {
            id: MessageId(row.id),
            conversation_id: ConversationId(row.conversation_id),
            parent_id: row.parent_id.map(MessageId),
            continues_message_id: row.continues_message_id.map(MessageId),
            role: match row.role.as_str() {
                "user" => Role::User,
                "assistant" => Role::Assistant,
                "system" => Role::System,
                "tool" => Role::Tool,
                _ => return Err(corrupt("message role")),
            },
            content: row.content,
            reasoning: row.reasoning,
            status: match row.status.as_str() {
                "completed" => MessageStatus::Completed,
                "stopped" => MessageStatus::Stopped,
                "interrupted" => MessageStatus::Interrupted,
                _ => return Err(corrupt("message status")),
            },
            finish_reason: row.finish_reason,
            error: row.error.map(|error| error.0),
            model: row.model,
            model_config_id: row.model_config_id.map(ModelConfigId),
            persona_id: row.persona_id.map(PersonaId),
            usage: row.prompt_tokens.zip(row.completion_tokens).map(
                |(prompt_tokens, completion_tokens)| Usage {
                    prompt_tokens,
                    completion_tokens,
                },
            ),
            cost_micros: row.cost_micros,
            first_token_ms: first_token_ms(
                row.first_token_at.map(|moment| moment.0),
                row.response_ms,
                row.created_at.0,
            ),
            response_ms: row.response_ms,
            created_at: row.created_at.0,
        })
    }
}

/// Parameters as a column has them.
pub(super) fn set(stored: Option<Json<Parameters>>) -> Parameters {
    stored.map(|json| json.0).unwrap_or_default()
}

/// Parameters for a column: null where nothing is set.
pub(super) fn kept(parameters: &Parameters) -> Option<Json<&Parameters>> {
    (!parameters.is_empty()).then_some(Json(parameters))
}

/// A choice for a column: null for what the server was set up with.
pub(super) fn chosen(model: Option<ModelConfigId>) -> Option<Uuid> {
    model
        .filter(|id| *id != ModelConfigId::INSTALLATION)
        .map(|id| id.0)
}

/// A list of models as a column has it.
pub(super) fn listed(stored: Option<Json<Vec<ModelConfigId>>>) -> Vec<ModelConfigId> {
    stored.map(|json| json.0).unwrap_or_default()
}

/// A list of models for a column: null for none.
pub(super) fn list(models: &[ModelConfigId]) -> Option<Json<&[ModelConfigId]>> {
    (!models.is_empty()).then_some(Json(models))
}

/// How a journal names a strand.
pub(super) fn part_word(part: Part) -> Cow<'static, str> {
    match part {
        Part::Text => Cow::Borrowed("text"),
        Part::Reasoning => Cow::Borrowed("reasoning"),
        Part::Tool(_) => Cow::Owned(part.to_string()),
    }
}

/// The last numbers of generations.
pub(super) fn tails(rows: Vec<(i64, i64)>) -> HashMap<i64, u64> {
    rows.into_iter()
        .map(|(no, seq)| (no, seq.cast_unsigned()))
        .collect()
}

/// A frame as a journal keeps it.
pub(super) fn frame(
    generation_no: i64,
    seq: i64,
    part: &str,
    body: String,
) -> Result<Frame, StoreError> {
    Ok(Frame {
        generation_no,
        seq: seq.cast_unsigned(),
        part: part.parse().map_err(|_| corrupt("part of a frame"))?,
        text: body,
    })
}

/// A row of `generations`.
#[derive(FromRow)]
pub(super) struct Run {
    id: Uuid,
    no: i64,
    conversation_id: Uuid,
    user_id: Uuid,
    user_message_id: Uuid,
    reply_message_id: Uuid,
    persona_id: Option<Uuid>,
    kind: String,
    model_config_id: Option<Uuid>,
    parameters: Option<Json<Parameters>>,
    continues_message_id: Option<Uuid>,
    kept_frames: i64,
    owner_boot: Uuid,
    status: String,
    error: Option<Json<Problem>>,
    last_seq: i64,
    ended_rev: i64,
    created_at: Moment,
    lane: i16,
}

impl TryFrom<Run> for GenerationRow {
    type Error = StoreError;

    fn try_from(row: Run) -> Result<Self, StoreError> {
        Ok(Self {
            id: GenerationId(row.id),
            no: row.no,
            conversation_id: ConversationId(row.conversation_id),
            user_id: UserId(row.user_id),
            user_message_id: MessageId(row.user_message_id),
            reply_message_id: MessageId(row.reply_message_id),
            persona_id: row.persona_id.map(PersonaId),
            model_config_id: row.model_config_id.map(ModelConfigId),
            parameters: set(row.parameters),
            kind: row.kind.parse().map_err(|_| corrupt("generation kind"))?,
            continues_message_id: row.continues_message_id.map(MessageId),
            kept_frames: row.kept_frames.cast_unsigned(),
            lane: Lane::try_from(row.lane).map_err(|_| corrupt("lane"))?,
            owner_boot: row.owner_boot,
            status: row
                .status
                .parse()
                .map_err(|_| corrupt("generation status"))?,
            error: row.error.map(|error| error.0),
            last_seq: row.last_seq.cast_unsigned(),
            ended_rev: row.ended_rev.cast_unsigned(),
            created_at: row.created_at.0,
        })
    }
}
