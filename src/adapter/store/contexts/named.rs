//! Named contexts: rows of their own.

use parlance_core::domain::{ContextDraft, ContextId, NamedContext, Timestamp, UserId};
use parlance_server::port::store::{Constraint, StoreError};
use sqlx::{Error, FromRow};
use uuid::Uuid;

use crate::store::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, transaction, write},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    content: String,
    is_default: bool,
}

impl From<Row> for NamedContext {
    fn from(row: Row) -> Self {
        Self {
            id: ContextId(row.id),
            draft: ContextDraft {
                name: row.name,
                content: row.content,
                is_default: row.is_default,
            },
        }
    }
}

/// What new and changed ones have in common.
trait Defaults {
    /// Locks the person's contexts against others who change them, and takes the default from all but `id`, if that is to
    /// be it.
    async fn clear_default(&mut self, owner: UserId, context: &NamedContext) -> Result<(), Error>;
}

on_both! { impl Defaults {
    async fn clear_default(&mut self, owner: UserId, context: &NamedContext) -> Result<(), Error> {
        // PostgreSQL: of several at once each waits for the one before, and sees what it did.
        sqlx::query("update users set updated_at = updated_at where id = $1")
            .bind(owner.0)
            .execute(&mut *self)
            .await?;
        if context.draft.is_default {
            sqlx::query(
                "update conversation_contexts set is_default = $3 where user_id = $1 and id <> $2 and is_default",
            )
            .bind(owner.0)
            .bind(context.id.0)
            .bind(false)
            .execute(&mut *self)
            .await?;
        }
        Ok(())
    }
} }

impl Database {
    /// See `Contexts::contexts`.
    pub(super) async fn named_contexts(
        &self,
        owner: UserId,
    ) -> Result<Vec<NamedContext>, StoreError> {
        let rows: Vec<Row> = read!(self.pool, |db| {
            sqlx::query_as(
            "select id, name, content, is_default from conversation_contexts where user_id = $1 order by name, id"
        )
        .bind(owner.0)
        .fetch_all(db)
        });
        Ok(rows.into_iter().map(NamedContext::from).collect())
    }

    /// See `Contexts::context`.
    pub(super) async fn named_context(
        &self,
        owner: UserId,
        id: ContextId,
    ) -> Result<Option<NamedContext>, StoreError> {
        let row: Option<Row> = read!(self.pool, |db| {
            sqlx::query_as(
            "select id, name, content, is_default from conversation_contexts where user_id = $1 and id = $2"
        )
        .bind(owner.0)
        .bind(id.0)
        .fetch_optional(db)
        });
        Ok(row.map(NamedContext::from))
    }

    /// See `Contexts::create_context`.
    pub(super) async fn store_context(
        &self,
        owner: UserId,
        context: &NamedContext,
        most: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            tx.clear_default(owner, context).await.map_err(fault)?;
            let count: i64 =
                sqlx::query_scalar("select count(*) from conversation_contexts where user_id = $1")
                    .bind(owner.0)
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(fault)?;
            if count >= i64::from(most) {
                return Err(StoreError::Conflict(Constraint::Contexts));
            }
            sqlx::query(
                "insert into conversation_contexts (id, user_id, name, content, is_default, created_at, updated_at) \
                 values ($1, $2, $3, $4, $5, $6, $6)",
            )
            .bind(context.id.0)
            .bind(owner.0)
            .bind(&context.draft.name)
            .bind(&context.draft.content)
            .bind(context.draft.is_default)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    /// See `Contexts::change_context`.
    pub(super) async fn rewrite_context(
        &self,
        owner: UserId,
        context: &NamedContext,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(transaction!(self.pool, |tx| {
            tx.clear_default(owner, context).await.map_err(fault)?;
            let changed = sqlx::query(
                "update conversation_contexts set name = $3, content = $4, is_default = $5, updated_at = $6 \
                 where user_id = $1 and id = $2",
            )
            .bind(owner.0)
            .bind(context.id.0)
            .bind(&context.draft.name)
            .bind(&context.draft.content)
            .bind(context.draft.is_default)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?
            .rows_affected();
            if changed == 0 {
                // The default of another one stays.
                return Ok(false);
            }
            true
        }))
    }

    /// See `Contexts::delete_context`.
    pub(super) async fn drop_context(
        &self,
        owner: UserId,
        id: ContextId,
    ) -> Result<bool, StoreError> {
        let dropped = write!(self.pool, |db| sqlx::query(
            "delete from conversation_contexts where user_id = $1 and id = $2"
        )
        .bind(owner.0)
        .bind(id.0)
        .execute(db)
        .await
        .map_err(fault)?);
        Ok(dropped == 1)
    }
}
