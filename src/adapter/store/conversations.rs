//! Conversations in SQL: the list, what changes in their rows, and the door to what `reading` holds. The
//! owner stands in every `where`.

mod bin;
mod list;

pub(super) use list::Lists;

use async_trait::async_trait;
use parlance_core::domain::{
    Conversation, ConversationId, ConversationSort, ConversationStatus, MessageId, MessagePage,
    ModelConfigId, Parameters, Timestamp, UserId, WhenBusy,
};
use parlance_server::port::store::{
    Change, Changes, Conversations, Gone, Listed, ModelsOf, NewConversation, Opened, PageKey,
    Renamed, StoreError, TitleBy,
};
use sqlx::{Error, types::Json};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, transaction, write},
    row::{Talk, chosen, kept, list, listed, talk_columns},
};

/// A conversation of its owner.
pub(super) const OWN: &str = concat!(
    "select ",
    talk_columns!(),
    " from conversations c where c.id = $1 and c.user_id = $2 and c.deleted_at is null"
);
/// A conversation of its owner, on a connection.
pub(super) trait Talks {
    async fn own_talk(&mut self, owner: UserId, id: ConversationId) -> Result<Option<Talk>, Error>;
}

on_both! { impl Talks {
    async fn own_talk(
        &mut self,
        owner: UserId,
        id: ConversationId,
    ) -> Result<Option<Talk>, Error> {
        sqlx::query_as(OWN)
            .bind(id.0)
            .bind(owner.0)
            .fetch_optional(&mut *self)
            .await
    }
} }

/// Whose title stands: one by somebody higher stays.
const RENAME: &str = "update conversations set title = $3, title_by = $4, rev = rev + 1, changed_at = $5 \
    where id = $1 and user_id = $2 and deleted_at is null \
    and (title = '' or title_by = 'first_words' or title_by = $4 or $4 = 'person')";

fn word(by: TitleBy) -> &'static str {
    match by {
        TitleBy::FirstWords => "first_words",
        TitleBy::Model => "model",
        TitleBy::Person => "person",
    }
}

#[async_trait]
impl Conversations for Database {
    async fn create_conversation(&self, new: NewConversation) -> Result<Conversation, StoreError> {
        // A title that is there before any message is the person's own.
        let by = if new.title.is_empty() {
            TitleBy::FirstWords
        } else {
            TitleBy::Person
        };
        write!(self.pool, |db| {
            sqlx::query(
                "insert into conversations (id, user_id, persona_id, title, title_by, created_at, updated_at, \
                 changed_at, model_config_id, parameters, compare_with, context) \
                 values ($1, $2, $3, $4, $5, $6, $6, $6, $7, $8, $9, \
                 coalesce((select n.content from conversation_contexts n where n.user_id = $2 and n.is_default), ''))",
            )
            .bind(new.id.0)
            .bind(new.user_id.0)
            .bind(new.persona_id.map(|persona| persona.0))
            .bind(&new.title)
            .bind(word(by))
            .bind(Moment(new.created_at))
            .bind(chosen(new.model_config_id))
            .bind(kept(&new.parameters))
            .bind(list(&new.compare_with))
            .execute(db)
            .await
            .map_err(fault)?
        });
        Ok(Conversation {
            id: new.id,
            title: new.title,
            persona_id: new.persona_id,
            model_config_id: new
                .model_config_id
                .filter(|id| *id != ModelConfigId::INSTALLATION),
            parameters: new.parameters,
            compare_with: new.compare_with,
            status: ConversationStatus::Active,
            rev: 0,
            when_busy: WhenBusy::default(),
            created_at: new.created_at,
            updated_at: new.created_at,
        })
    }

    async fn list_conversations(
        &self,
        owner: UserId,
        sort: ConversationSort,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError> {
        self.list(owner, sort, after, limit).await
    }

    async fn open_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        since: Option<u64>,
        limit: u32,
    ) -> Result<Option<Opened>, StoreError> {
        self.opened(owner, id, since, limit).await
    }

    async fn messages_before(
        &self,
        owner: UserId,
        id: ConversationId,
        before: MessageId,
        limit: u32,
    ) -> Result<MessagePage, StoreError> {
        self.upwards(owner, id, before, limit).await
    }

    async fn changed_conversations(
        &self,
        owner: UserId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Change>, StoreError> {
        self.changed(owner, since, limit).await
    }

    async fn rename_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        title: &str,
        by: TitleBy,
        now: Timestamp,
    ) -> Result<Renamed, StoreError> {
        let (renamed, talk) = transaction!(self.pool, |tx| {
            let renamed = sqlx::query(RENAME)
                .bind(id.0)
                .bind(owner.0)
                .bind(title)
                .bind(word(by))
                .bind(Moment(now))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            let talk = tx.own_talk(owner, id).await.map_err(fault)?;
            (renamed.rows_affected() == 1, talk)
        });
        let conversation = talk.ok_or(StoreError::NotFound)?.try_into()?;
        Ok(if renamed {
            Renamed::Done(conversation)
        } else {
            Renamed::Kept(conversation)
        })
    }

    async fn set_when_busy(
        &self,
        owner: UserId,
        id: ConversationId,
        when_busy: WhenBusy,
        now: Timestamp,
    ) -> Result<Conversation, StoreError> {
        let talk = transaction!(self.pool, |tx| {
            sqlx::query(
                "update conversations set when_busy = $3, rev = rev + 1, changed_at = $4 \
                 where id = $1 and user_id = $2 and deleted_at is null",
            )
            .bind(id.0)
            .bind(owner.0)
            .bind(when_busy.as_str())
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            tx.own_talk(owner, id).await.map_err(fault)?
        });
        talk.ok_or(StoreError::NotFound)?.try_into()
    }

    async fn set_model(
        &self,
        owner: UserId,
        id: ConversationId,
        model: Option<Option<ModelConfigId>>,
        parameters: Option<&Parameters>,
        compare_with: Option<&[ModelConfigId]>,
        now: Timestamp,
    ) -> Result<Conversation, StoreError> {
        let talk = transaction!(self.pool, |tx| {
            sqlx::query(
                "update conversations set \
                 model_config_id = case when $3 then $4 else model_config_id end, \
                 parameters = case when $5 then $6 else parameters end, \
                 compare_with = case when $8 then $9 else compare_with end, \
                 rev = rev + 1, changed_at = $7 where id = $1 and user_id = $2 and deleted_at is null",
            )
            .bind(id.0)
            .bind(owner.0)
            .bind(model.is_some())
            .bind(chosen(model.flatten()))
            .bind(parameters.is_some())
            .bind(parameters.and_then(kept))
            .bind(Moment(now))
            .bind(compare_with.is_some())
            .bind(compare_with.and_then(list))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
            tx.own_talk(owner, id).await.map_err(fault)?
        });
        talk.ok_or(StoreError::NotFound)?.try_into()
    }

    async fn models_of(
        &self,
        owner: UserId,
        id: ConversationId,
    ) -> Result<Option<ModelsOf>, StoreError> {
        type Row = (Option<Uuid>, Option<Json<Vec<ModelConfigId>>>);
        let found: Option<Row> = read!(self.pool, |db| sqlx::query_as(
            "select model_config_id, compare_with from conversations \
             where id = $1 and user_id = $2 and deleted_at is null"
        )
        .bind(id.0)
        .bind(owner.0)
        .fetch_optional(db));
        Ok(found.map(|(model, compare_with)| ModelsOf {
            model: model.map(ModelConfigId),
            compare_with: listed(compare_with),
        }))
    }

    async fn changes_since(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
        limit: usize,
    ) -> Result<Option<Changes>, StoreError> {
        self.changes(owner, id, since, limit).await
    }

    async fn list_sidebar(
        &self,
        owner: UserId,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError> {
        self.sidebar(owner, after, limit).await
    }

    async fn mark_seen(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.seen(owner, id, now).await
    }

    async fn delete_conversations(
        &self,
        owner: UserId,
        ids: Option<&[ConversationId]>,
        now: Timestamp,
    ) -> Result<Vec<Gone>, StoreError> {
        self.delete(owner, ids, now).await
    }

    async fn restore_conversation(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<(Conversation, bool), StoreError> {
        self.restore(owner, id, now).await
    }

    async fn purge_conversations(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.purge(before, limit).await
    }
}
