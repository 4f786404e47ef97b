//! Deleted conversations: into the bin, out of it again, and out of storage.

use parlance_core::domain::{Conversation, ConversationId, GenerationId, Timestamp, UserId};
use parlance_server::port::store::{Gone, StoreError};
use uuid::Uuid;

use super::{
    super::{
        Database,
        fault::fault,
        moment::Moment,
        pool::{Pool, read, transaction},
        sqlite,
    },
    Talks,
};

const DELETE: &str = "update conversations set status = 'deleted', deleted_at = $3, changed_at = $3, \
    rev = rev + 1 where id = $1 and user_id = $2 and deleted_at is null returning id";
const DELETE_ALL: &str = "update conversations set status = 'deleted', deleted_at = $2, changed_at = $2, \
    rev = rev + 1 where user_id = $1 and deleted_at is null returning id";
/// A person has few at a time.
const RUNNING: &str = "select conversation_id, id from generations where user_id = $1 \
    and status in ('queued', 'starting', 'streaming')";
/// The draft stays, in case the conversation comes back. A message that waits was sent for then, not for later.
const UNSEND: &str = "delete from waiting_turns where conversation_id = $1 and user_id = $2";
const RESTORE: &str = "update conversations set status = 'active', deleted_at = null, changed_at = $3, \
    rev = rev + 1 where id = $1 and user_id = $2 and deleted_at is not null";
const OLD: &str = "select id from conversations where deleted_at < $1 order by deleted_at limit $2";

impl Database {
    /// See `Conversations::delete_conversations`.
    pub(in super::super) async fn delete(
        &self,
        owner: UserId,
        ids: Option<&[ConversationId]>,
        now: Timestamp,
    ) -> Result<Vec<Gone>, StoreError> {
        // Always in one order, so that two who delete the same wait for each other only once.
        let sorted = ids.map(|ids| {
            let mut ids: Vec<_> = ids.iter().map(|id| id.0).collect();
            ids.sort_unstable();
            ids
        });
        let (gone, running) = transaction!(self.pool, |tx| {
            let gone: Vec<Uuid> = match &sorted {
                None => sqlx::query_scalar(DELETE_ALL)
                    .bind(owner.0)
                    .bind(Moment(now))
                    .fetch_all(&mut *tx)
                    .await
                    .map_err(fault)?,
                Some(ids) => {
                    let mut gone = Vec::with_capacity(ids.len());
                    for id in ids {
                        let deleted: Option<Uuid> = sqlx::query_scalar(DELETE)
                            .bind(id)
                            .bind(owner.0)
                            .bind(Moment(now))
                            .fetch_optional(&mut *tx)
                            .await
                            .map_err(fault)?;
                        gone.extend(deleted);
                    }
                    gone
                }
            };
            for id in &gone {
                sqlx::query(UNSEND)
                    .bind(id)
                    .bind(owner.0)
                    .execute(&mut *tx)
                    .await
                    .map_err(fault)?;
            }
            let running: Vec<(Uuid, Uuid)> = if gone.is_empty() {
                Vec::new()
            } else {
                sqlx::query_as(RUNNING)
                    .bind(owner.0)
                    .fetch_all(&mut *tx)
                    .await
                    .map_err(fault)?
            };
            (gone, running)
        });
        let running_in = |id| {
            let runs = running
                .iter()
                .filter(|(conversation, _)| *conversation == id);
            runs.map(|(_, generation)| GenerationId(*generation))
                .collect()
        };
        Ok(gone
            .into_iter()
            .map(|id| Gone {
                id: ConversationId(id),
                running: running_in(id),
            })
            .collect())
    }

    /// See `Conversations::restore_conversation`.
    pub(in super::super) async fn restore(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<(Conversation, bool), StoreError> {
        let (restored, talk) = transaction!(self.pool, |tx| {
            let restored = sqlx::query(RESTORE)
                .bind(id.0)
                .bind(owner.0)
                .bind(Moment(now))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            let talk = tx.own_talk(owner, id).await.map_err(fault)?;
            (restored.rows_affected() == 1, talk)
        });
        let conversation = talk.ok_or(StoreError::NotFound)?.try_into()?;
        Ok((conversation, restored))
    }

    /// See `Conversations::purge_conversations`.
    pub(in super::super) async fn purge(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let old: Vec<Uuid> = read!(self.pool, |db| sqlx::query_scalar(OLD)
            .bind(Moment(before))
            .bind(i64::from(limit))
            .fetch_all(db));
        let mut dropped = 0;
        for id in old {
            dropped += transaction!(self.pool, |tx| {
                let gone =
                    sqlx::query("delete from conversations where id = $1 and deleted_at < $2")
                        .bind(id)
                        .bind(Moment(before))
                        .execute(&mut *tx)
                        .await
                        .map_err(fault)?
                        .rows_affected();
                if gone > 0 {
                    sqlx::query("delete from drafts where conversation_id = $1")
                        .bind(id)
                        .execute(&mut *tx)
                        .await
                        .map_err(fault)?;
                }
                gone
            });
        }
        if let Pool::Sqlite { write, .. } = &self.pool
            && dropped < u64::from(limit)
        {
            sqlite::fold(write).await.map_err(fault)?;
        }
        Ok(dropped)
    }
}
