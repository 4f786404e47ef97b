//! A conversation read at one moment: opened, page by page upwards, and what changed since.

use async_trait::async_trait;
use parlance_core::domain::{ConversationId, Message, MessageId, MessagePage, UserId};
use parlance_server::port::store::{
    Changes, GenerationRow, Opened, Reading, StoreError, Surroundings, Words,
};
use uuid::Uuid;

use super::{
    Database,
    conversations::OWN,
    fault::fault,
    path::{Paths, Stretch},
    pool::snapshot,
    row::{Run, Speech, Talk, run_columns, speech_columns},
};

const NEWER: &str = concat!(
    "select ",
    speech_columns!(),
    " from messages m where m.conversation_id = $1 and m.rev > $2 order by m.rev, m.id limit $3"
);
/// More than one, because a reply may end and the next begin between two looks.
const NEWEST: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g where g.conversation_id = $1 order by g.no desc limit 5"
);

/// A message of the owner's conversation, with what tells its place on the path that is read.
const PLACE: &str = "select m.parent_id, c.head_message_id \
    from messages m join conversations c on c.id = m.conversation_id \
    where m.id = $3 and m.conversation_id = $1 and c.user_id = $2 and c.deleted_at is null";

/// Which messages are wanted.
#[derive(Clone, Copy)]
enum Want {
    /// Those after a rev, at most so many.
    Newer { since: u64, limit: i64 },
    /// The end of the path that is read.
    End { limit: u32 },
}

/// Parent of a message, and the head of its conversation.
type Place = (Option<Uuid>, Option<Uuid>);

/// What was found.
struct Found {
    talk: Talk,
    newer: Vec<Speech>,
    end: Stretch,
    /// The last few generations, the newest first.
    lately: Vec<GenerationRow>,
}

impl Database {
    async fn look(
        &self,
        owner: UserId,
        id: ConversationId,
        want: Want,
    ) -> Result<Option<Found>, StoreError> {
        let (talk, newer, end, lately) = snapshot!(self.pool, |tx| {
            let talk: Option<Talk> = sqlx::query_as(OWN)
                .bind(id.0)
                .bind(owner.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            let Some(talk) = talk else { return Ok(None) };
            let (mut newer, mut end) = (Vec::new(), Stretch::default());
            match want {
                Want::Newer { since, limit } => {
                    // A rev beyond i64 was never given out: nothing is newer.
                    newer = sqlx::query_as(NEWER)
                        .bind(id.0)
                        .bind(i64::try_from(since).unwrap_or(i64::MAX))
                        .bind(limit)
                        .fetch_all(&mut *tx)
                        .await
                        .map_err(fault)?;
                }
                Want::End { limit } => {
                    let path = tx.stretch(id, talk.head_message_id, limit);
                    end = path.await.map_err(fault)?;
                }
            }
            let lately: Vec<Run> = sqlx::query_as(NEWEST)
                .bind(id.0)
                .fetch_all(&mut *tx)
                .await
                .map_err(fault)?;
            (talk, newer, end, lately)
        });
        Ok(Some(Found {
            talk,
            newer,
            end,
            lately: lately
                .into_iter()
                .map(GenerationRow::try_from)
                .collect::<Result<_, _>>()?,
        }))
    }

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
        Ok(Some(Opened {
            head: found.talk.head(),
            conversation: found.talk.try_into()?,
            messages,
            branches,
            earlier,
            newest: found.lately.into_iter().next(),
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
        Ok(Some(Changes {
            head: found.talk.head(),
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
            newest: found.lately.into_iter().next(),
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
        let stretch = snapshot!(self.pool, |tx| {
            let place: Option<Place> = sqlx::query_as(PLACE)
                .bind(id.0)
                .bind(owner.0)
                .bind(before.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
            let (parent, _) = place.ok_or(StoreError::NotFound)?;
            tx.stretch(id, parent, limit).await.map_err(fault)?
        });
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
            let place: Option<Place> = sqlx::query_as(PLACE)
                .bind(id.0)
                .bind(owner.0)
                .bind(message.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
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
                    let talk: Option<Talk> = sqlx::query_as(OWN)
                        .bind(id.0)
                        .bind(owner.0)
                        .fetch_optional(&mut *tx)
                        .await
                        .map_err(fault)?;
                    talk.ok_or(StoreError::NotFound)?.head_message_id
                }
                Some(before) => {
                    let place: Option<Place> = sqlx::query_as(PLACE)
                        .bind(id.0)
                        .bind(owner.0)
                        .bind(before.0)
                        .fetch_optional(&mut *tx)
                        .await
                        .map_err(fault)?;
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
