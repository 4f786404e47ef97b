//! Lists of conversations: pages in each order, and what changed lately.

use parlance_core::domain::{
    Conversation, ConversationId, ConversationSort, GenerationId, Timestamp, UserId,
};
use parlance_server::port::store::{Change, Listed, PageKey, Place, StoreError};
use sqlx::{Error, FromRow};
use uuid::Uuid;

use super::super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, write},
    row::{Talk, talk_columns},
};
use super::Talks;

macro_rules! page {
    ($rest:literal) => {
        concat!(
            "select ",
            talk_columns!(),
            " from conversations c where c.user_id = $1 and c.deleted_at is null and ",
            $rest,
            " limit $4"
        )
    };
}

const BY_USE: &str = page!("(c.updated_at, c.id) < ($2, $3) order by c.updated_at desc, c.id desc");
const BY_AGE: &str = page!("(c.created_at, c.id) < ($2, $3) order by c.created_at desc, c.id desc");
/// The first condition is what an index can use.
const BY_TITLE: &str =
    page!("c.title >= $2 and (c.title > $2 or c.id < $3) order by c.title, c.id desc");
const CHANGED: &str = concat!(
    "select ",
    talk_columns!(),
    ", (select g.id from generations g where g.conversation_id = c.id \
     and g.status in ('queued', 'starting', 'streaming') order by g.lane limit 1) as running \
     from conversations c where c.user_id = $1 and c.changed_at >= $2 order by c.changed_at desc, c.id desc limit $3"
);

/// The first page and those after it differ in nothing but the place.
const SIDEBAR: &str = concat!(
    "select ",
    talk_columns!(),
    ", exists (select 1 from generations g where g.conversation_id = c.id \
     and g.status in ('queued', 'starting', 'streaming')) as running, \
     c.updated_at > c.seen_at and c.head_message_id is not null as unread \
     from conversations c where c.user_id = $1 and c.deleted_at is null and (c.updated_at, c.id) < ($2, $3) \
     order by c.updated_at desc, c.id desc limit $4"
);
const SEEN: &str = "update conversations set seen_at = updated_at, rev = rev + 1, changed_at = $3 \
    where id = $1 and user_id = $2 and deleted_at is null and seen_at < updated_at";

/// The last moment that RFC 3339 can write.
const LATEST: Timestamp = Timestamp(253_402_300_799_999_999);

#[derive(FromRow)]
struct Changed {
    #[sqlx(flatten)]
    talk: Talk,
    running: Option<Uuid>,
}

#[derive(FromRow)]
pub(in super::super) struct Beside {
    #[sqlx(flatten)]
    talk: Talk,
    running: bool,
    unread: bool,
}

/// The list beside the pages.
pub(in super::super) trait Lists {
    /// Those before a place in the order of last use.
    async fn beside(
        &mut self,
        owner: UserId,
        at: Timestamp,
        id: ConversationId,
        limit: u32,
    ) -> Result<Vec<Beside>, Error>;
}

on_both! { impl Lists {
    async fn beside(
        &mut self,
        owner: UserId,
        at: Timestamp,
        id: ConversationId,
        limit: u32,
    ) -> Result<Vec<Beside>, Error> {
        sqlx::query_as(SIDEBAR)
            .bind(owner.0)
            .bind(Moment(at))
            .bind(id.0)
            .bind(i64::from(limit))
            .fetch_all(&mut *self)
            .await
    }
} }

/// The place before every row of an order.
fn before_all(sort: ConversationSort) -> PageKey {
    PageKey {
        place: match sort {
            ConversationSort::Updated => Place::Updated(LATEST),
            ConversationSort::Created => Place::Created(LATEST),
            ConversationSort::Title => Place::Title(String::new()),
        },
        id: ConversationId(Uuid::max()),
    }
}

impl Database {
    /// See `Conversations::list_conversations`.
    pub(in super::super) async fn list(
        &self,
        owner: UserId,
        sort: ConversationSort,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError> {
        let PageKey { place, id } = after.unwrap_or_else(|| before_all(sort));
        let rows: Vec<Talk> = match (sort, &place) {
            (ConversationSort::Updated, Place::Updated(at))
            | (ConversationSort::Created, Place::Created(at)) => {
                let page = match sort {
                    ConversationSort::Created => BY_AGE,
                    _ => BY_USE,
                };
                read!(self.pool, |db| sqlx::query_as(page)
                    .bind(owner.0)
                    .bind(Moment(*at))
                    .bind(id.0)
                    .bind(i64::from(limit))
                    .fetch_all(db))
            }
            (ConversationSort::Title, Place::Title(title)) => {
                read!(self.pool, |db| sqlx::query_as(BY_TITLE)
                    .bind(owner.0)
                    .bind(title)
                    .bind(id.0)
                    .bind(i64::from(limit))
                    .fetch_all(db))
            }
            _ => {
                return Err(StoreError::Broken("a page key of another order".to_owned()));
            }
        };
        rows.into_iter().map(Conversation::try_from).collect()
    }

    /// See `Conversations::list_sidebar`.
    pub(in super::super) async fn sidebar(
        &self,
        owner: UserId,
        after: Option<PageKey>,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError> {
        let PageKey { place, id } = after.unwrap_or_else(|| before_all(ConversationSort::Updated));
        let Place::Updated(at) = place else {
            return Err(StoreError::Broken("a page key of another order".to_owned()));
        };
        let rows = read!(self.pool, |db| db.beside(owner, at, id, limit));
        rows.into_iter()
            .map(|row| {
                Ok(Listed {
                    conversation: row.talk.try_into()?,
                    running: row.running,
                    unread: row.unread,
                })
            })
            .collect()
    }

    /// See `Conversations::mark_seen`.
    pub(in super::super) async fn seen(
        &self,
        owner: UserId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let news = write!(self.pool, |db| sqlx::query(SEEN)
            .bind(id.0)
            .bind(owner.0)
            .bind(Moment(now))
            .execute(db)
            .await
            .map_err(fault)?);
        if news > 0 {
            return Ok(true);
        }
        let known = read!(self.pool, |db| db.own_talk(owner, id));
        known.map(|_| false).ok_or(StoreError::NotFound)
    }

    /// See `Conversations::changed_conversations`.
    pub(in super::super) async fn changed(
        &self,
        owner: UserId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Change>, StoreError> {
        let rows: Vec<Changed> = read!(self.pool, |db| sqlx::query_as(CHANGED)
            .bind(owner.0)
            .bind(Moment(since))
            .bind(i64::from(limit))
            .fetch_all(db));
        rows.into_iter()
            .map(|row| {
                Ok(Change {
                    head: row.talk.head(),
                    compared: row.talk.compared(),
                    conversation: row.talk.try_into()?,
                    running: row.running.map(GenerationId),
                })
            })
            .collect()
    }
}
