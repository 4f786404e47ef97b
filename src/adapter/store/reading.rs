//! A conversation read at one moment: opened, page by page upwards, and what changed since.

use async_trait::async_trait;
use parlance_core::domain::{
    ConversationId, GenerationKind, Message, MessageId, MessagePage, UserId, lane::FIRST,
};
use parlance_server::port::store::{
    Changes, GenerationRow, Opened, Reading, StoreError, Surroundings, Words,
};

use super::{
    Database, conversations::Talks, fault::fault, look::Want, path::Paths, pool::snapshot,
};

/// The newest of the first lane, and those of its turn in the others. What stands beside a message's first reply are the
/// others that it began with: another reply, asked for later, has none.
fn lanes(lately: &[GenerationRow]) -> (Option<GenerationRow>, Vec<GenerationRow>) {
    let newest = lately.iter().find(|row| row.lane == FIRST).cloned();
    let asked = newest
        .as_ref()
        .filter(|row| row.kind == GenerationKind::New)
        .map(|row| row.user_message_id);
    let mut beside: Vec<_> = lately
        .iter()
        .filter(|row| row.lane != FIRST && Some(row.user_message_id) == asked)
        .cloned()
        .collect();
    beside.sort_by_key(|row| row.lane);
    (newest, beside)
}

impl Database {
    /// See `Conversations::open_conversation`.
    pub(super) async fn opened(
        &self,
        owner: UserId,
        id: ConversationId,
        since: Option<u64>,
        limit: u32,
    ) -> Result<Option<Opened>, StoreError> {
        let want = match since {
            Some(since) => Want::Newer {
                since,
                limit: i64::MAX,
            },
            None => Want::End { limit },
        };
        let Some(found) = self.look(owner, id, want).await? else {
            return Ok(None);
        };
        let earlier = found.end.earlier;
        let (mut messages, branches) = found.end.told()?;
        for speech in found.newer {
            messages.push(speech.try_into()?);
        }
        let (newest, beside) = lanes(&found.lately);
        Ok(Some(Opened {
            head: found.talk.head(),
            compared: found.talk.compared(),
            conversation: found.talk.try_into()?,
            messages,
            branches,
            earlier,
            newest,
            beside,
        }))
    }

    /// See `Conversations::changes_since`.
    pub(super) async fn changes(
        &self,
        owner: UserId,
        id: ConversationId,
        since: u64,
        limit: usize,
    ) -> Result<Option<Changes>, StoreError> {
        // One more than asked tells whether there are more.
        let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let want = Want::Newer {
            since,
            limit: one_more,
        };
        let Some(mut found) = self.look(owner, id, want).await? else {
            return Ok(None);
        };
        let truncated = found.newer.len() > limit;
        found.newer.truncate(limit);
        let (newest, beside) = lanes(&found.lately);
        Ok(Some(Changes {
            head: found.talk.head(),
            compared: found.talk.compared(),
            conversation: found.talk.try_into()?,
            messages: found
                .newer
                .into_iter()
                .map(|speech| Ok((speech.rev.cast_unsigned(), Message::try_from(speech)?)))
                .collect::<Result<_, StoreError>>()?,
            truncated,
            ended: found
                .lately
                .iter()
                .rev()
                .filter(|row| row.status.is_terminal() && row.ended_rev > since)
                .cloned()
                .collect(),
            newest,
            beside,
        }))
    }

    /// See `Conversations::messages_before`.
    pub(super) async fn upwards(
        &self,
        owner: UserId,
        id: ConversationId,
        before: MessageId,
        limit: u32,
    ) -> Result<MessagePage, StoreError> {
        let stretch = self.look_before(owner, id, before, limit).await?;
        let stretch = stretch.ok_or(StoreError::NotFound)?;
        let earlier = stretch.earlier;
        let (items, branches) = stretch.told()?;
        Ok(MessagePage {
            items,
            branches,
            earlier,
        })
    }
}

#[async_trait]
impl Reading for Database {
    async fn messages_around(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        before: u32,
        after: u32,
    ) -> Result<Surroundings, StoreError> {
        let (stretch, later, on_path) = snapshot!(self.pool, |tx| {
            let place = tx.place(owner, id, message).await.map_err(fault)?;
            let (_, head) = place.ok_or(StoreError::NotFound)?;
            let mut end = head;
            let mut behind = None;
            if let Some(head) = head {
                let found = tx.behind(id, head, message, after);
                behind = found.await.map_err(fault)?;
            }
            let on_path = behind.is_some();
            if behind.is_none() {
                let newest = tx.newest_below(id, message).await.map_err(fault)?;
                end = Some(newest);
                let found = tx.behind(id, newest, message, after);
                behind = found.await.map_err(fault)?;
            }
            let (last, found) = behind.ok_or(StoreError::NotFound)?;
            let stretch = tx.stretch(id, Some(last), before + 1 + found);
            (stretch.await.map_err(fault)?, end != Some(last), on_path)
        });
        let earlier = stretch.earlier;
        let (items, branches) = stretch.told()?;
        Ok(Surroundings {
            page: MessagePage {
                items,
                branches,
                earlier,
            },
            later,
            on_path,
        })
    }

    async fn path_words(
        &self,
        owner: UserId,
        id: ConversationId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Words>, StoreError> {
        let rows = snapshot!(self.pool, |tx| {
            let last = match before {
                None => {
                    let talk = tx.own_talk(owner, id).await.map_err(fault)?;
                    talk.ok_or(StoreError::NotFound)?.head_message_id
                }
                Some(before) => {
                    let place = tx.place(owner, id, before).await.map_err(fault)?;
                    place.ok_or(StoreError::NotFound)?.0
                }
            };
            match last {
                None => Vec::new(),
                Some(last) => tx.words(id, last, limit).await.map_err(fault)?,
            }
        });
        let words = rows.into_iter().map(|(id, content)| Words {
            id: MessageId(id),
            content,
        });
        Ok(words.collect())
    }
}
