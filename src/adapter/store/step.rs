//! Steps that more than one transaction takes: the rows of a turn. The caller holds the conversation's lock.

use parlance_core::domain::{
    ConversationId, GenerationId, GenerationKind, GenerationStatus, Lane, MessageId, ModelConfigId,
    Parameters, PersonaId, Timestamp, UserId,
};
use parlance_server::port::store::{GenerationRow, Owner, StoreError};
use sqlx::Error;
use uuid::Uuid;

use super::{
    fault::fault,
    moment::Moment,
    pool::on_both,
    row::{chosen, kept},
};

/// A person's words, to be stored or to wait.
pub(super) struct NewWords<'a> {
    pub(super) id: MessageId,
    pub(super) conversation: ConversationId,
    pub(super) user: UserId,
    /// Unique for the person.
    pub(super) client_message_id: Option<&'a str>,
    pub(super) content: &'a str,
    pub(super) rev: i64,
    pub(super) now: Timestamp,
}

/// What a message that waits asks for beside its words; what it leaves open is the conversation's to say.
pub(super) struct Choice<'a> {
    pub(super) persona: Option<Uuid>,
    pub(super) model: Option<ModelConfigId>,
    pub(super) parameters: &'a Parameters,
}

/// A generation to be stored.
pub(super) struct NewRun {
    pub(super) id: GenerationId,
    pub(super) conversation: ConversationId,
    pub(super) user: UserId,
    pub(super) user_message: Uuid,
    pub(super) reply_message: MessageId,
    pub(super) persona: Option<Uuid>,
    pub(super) model: Option<ModelConfigId>,
    pub(super) parameters: Parameters,
    pub(super) kind: GenerationKind,
    pub(super) continues: Option<Uuid>,
    pub(super) kept_frames: i64,
    pub(super) lane: Lane,
    pub(super) previous_head: Option<Uuid>,
    /// Whether it waits for a permit.
    pub(super) queued: bool,
    pub(super) owner: Owner,
    pub(super) now: Timestamp,
}

impl NewRun {
    fn status(&self) -> GenerationStatus {
        if self.queued {
            GenerationStatus::Queued
        } else {
            GenerationStatus::Starting
        }
    }

    /// The row as it is once stored with the number `no`.
    pub(super) fn stored(self, no: i64) -> GenerationRow {
        let status = self.status();
        GenerationRow {
            id: self.id,
            no,
            conversation_id: self.conversation,
            user_id: self.user,
            user_message_id: MessageId(self.user_message),
            reply_message_id: self.reply_message,
            persona_id: self.persona.map(PersonaId),
            model_config_id: self.model.filter(|id| *id != ModelConfigId::INSTALLATION),
            parameters: self.parameters,
            kind: self.kind,
            continues_message_id: self.continues.map(MessageId),
            kept_frames: self.kept_frames.cast_unsigned(),
            lane: self.lane,
            owner_boot: self.owner.boot,
            status,
            error: None,
            last_seq: 0,
            ended_rev: 0,
            created_at: self.now,
        }
    }
}

/// The steps, on a connection with an open transaction.
pub(super) trait Steps {
    /// A generation that is being written, of the first lane that has one.
    async fn active_run(&mut self, conversation: ConversationId) -> Result<Option<Uuid>, Error>;

    /// Refuses what must not happen while a generation is being written.
    ///
    /// # Errors
    /// `GenerationActive`.
    async fn refuse_beside_active(
        &mut self,
        conversation: ConversationId,
    ) -> Result<(), StoreError>;

    /// How many turns wait.
    async fn count_waiting(&mut self, conversation: ConversationId) -> Result<i64, Error>;

    /// Stores the words as a message behind `parent`.
    async fn store_words(
        &mut self,
        words: &NewWords<'_>,
        parent: Option<Uuid>,
        persona: Option<Uuid>,
    ) -> Result<(), Error>;

    /// Keeps the words until their turn comes, which will have these ids.
    async fn keep_words(
        &mut self,
        words: &NewWords<'_>,
        reply: MessageId,
        generation: GenerationId,
        choice: &Choice<'_>,
    ) -> Result<(), Error>;

    /// Stores a generation; its number.
    async fn store_run(&mut self, run: &NewRun) -> Result<i64, Error>;
}

on_both! { impl Steps {
    async fn active_run(&mut self, conversation: ConversationId) -> Result<Option<Uuid>, Error> {
        sqlx::query_scalar(
            "select id from generations where conversation_id = $1 \
             and status in ('queued', 'starting', 'streaming') order by lane limit 1",
        )
        .bind(conversation.0)
        .fetch_optional(&mut *self)
        .await
    }

    async fn refuse_beside_active(
        &mut self,
        conversation: ConversationId,
    ) -> Result<(), StoreError> {
        match self.active_run(conversation).await.map_err(fault)? {
            Some(active) => Err(StoreError::GenerationActive(GenerationId(active))),
            None => Ok(()),
        }
    }

    async fn count_waiting(&mut self, conversation: ConversationId) -> Result<i64, Error> {
        sqlx::query_scalar("select count(*) from waiting_turns where conversation_id = $1")
            .bind(conversation.0)
            .fetch_one(&mut *self)
            .await
    }

    async fn store_words(
        &mut self,
        words: &NewWords<'_>,
        parent: Option<Uuid>,
        persona: Option<Uuid>,
    ) -> Result<(), Error> {
        sqlx::query(
            "insert into messages (id, conversation_id, parent_id, user_id, role, content, status, \
             persona_id, client_message_id, rev, created_at) \
             values ($1, $2, $3, $4, 'user', $5, 'completed', $6, $7, $8, $9)",
        )
        .bind(words.id.0)
        .bind(words.conversation.0)
        .bind(parent)
        .bind(words.user.0)
        .bind(words.content)
        .bind(persona)
        .bind(words.client_message_id)
        .bind(words.rev)
        .bind(Moment(words.now))
        .execute(&mut *self)
        .await?;
        sqlx::query(
            "update conversations set message_count = message_count + 1, last_message_at = $2 where id = $1",
        )
        .bind(words.conversation.0)
        .bind(Moment(words.now))
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn keep_words(
        &mut self,
        words: &NewWords<'_>,
        reply: MessageId,
        generation: GenerationId,
        choice: &Choice<'_>,
    ) -> Result<(), Error> {
        sqlx::query(
            "insert into waiting_turns (conversation_id, user_id, message_id, reply_message_id, generation_id, \
             client_message_id, content, persona_id, rev, created_at, model_config_id, parameters) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(words.conversation.0)
        .bind(words.user.0)
        .bind(words.id.0)
        .bind(reply.0)
        .bind(generation.0)
        .bind(words.client_message_id)
        .bind(words.content)
        .bind(choice.persona)
        .bind(words.rev)
        .bind(Moment(words.now))
        // Here, and nowhere else, what the server was set up with is a choice that a message may name.
        .bind(choice.model.map(|model| model.0))
        .bind(kept(choice.parameters))
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn store_run(&mut self, run: &NewRun) -> Result<i64, Error> {
        let started_at = (!run.queued).then_some(Moment(run.now));
        sqlx::query_scalar(
            "insert into generations (id, conversation_id, user_id, user_message_id, reply_message_id, \
             persona_id, kind, continues_message_id, kept_frames, previous_head_id, status, owner_instance, \
             owner_boot, created_at, started_at, model_config_id, parameters, lane) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) returning no",
        )
        .bind(run.id.0)
        .bind(run.conversation.0)
        .bind(run.user.0)
        .bind(run.user_message)
        .bind(run.reply_message.0)
        .bind(run.persona)
        .bind(run.kind.as_str())
        .bind(run.continues)
        .bind(run.kept_frames)
        .bind(run.previous_head)
        .bind(run.status().as_str())
        .bind(run.owner.instance)
        .bind(run.owner.boot)
        .bind(Moment(run.now))
        .bind(started_at)
        .bind(chosen(run.model))
        .bind(kept(&run.parameters))
        .bind(i16::from(run.lane))
        .fetch_one(&mut *self)
        .await
    }
} }
