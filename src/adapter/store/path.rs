//! Climbing the tree: the end of a path with the siblings along it, and the newest message below one.

use std::collections::HashMap;

use parlance_core::domain::{Branch, ConversationId, Message, MessageId, UserId};
use parlance_server::port::store::StoreError;
use sqlx::{Error, FromRow, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    pool::on_both,
    row::{Speech, read_head, speech_columns},
};

/// From a message towards the root, `$3` steps at most. Ids climb; what else is wanted is joined afterwards.
/// A parent is always of the same conversation, and a second condition that says so would let a planner read
/// the whole conversation instead.
macro_rules! climb {
    () => {
        "with recursive climb (id, parent_id, height) as ( \
         select m.id, m.parent_id, 0 from messages m where m.id = $2 and m.conversation_id = $1 \
         union all \
         select m.id, m.parent_id, climb.height + 1 from climb join messages m on m.id = climb.parent_id \
         where climb.height < $3) "
    };
}

/// A message of the owner's conversation, with what tells its place on the path that is read.
pub(super) const PLACE: &str = concat!(
    "select m.parent_id, ",
    read_head!(),
    " as head_message_id from messages m join conversations c on c.id = m.conversation_id \
     where m.id = $3 and m.conversation_id = $1 and c.user_id = $2 and c.deleted_at is null"
);

/// Its parent alone.
pub(super) const PARENT: &str = "select m.parent_id \
    from messages m join conversations c on c.id = m.conversation_id \
    where m.id = $3 and m.conversation_id = $1 and c.user_id = $2 and c.deleted_at is null";

pub(super) const STRETCH: &str = concat!(
    climb!(),
    "select ",
    speech_columns!(),
    " from climb join messages m on m.id = climb.id order by climb.height desc"
);
pub(super) const KIN: &str = concat!(
    climb!(),
    "select s.parent_id, s.role, s.id, s.rev from climb join messages s on s.parent_id = climb.parent_id"
);
/// Not in order: that would make SQLite read the whole conversation by its revs.
pub(super) const FIRST: &str = "select s.parent_id, s.role, s.id, s.rev from messages s \
    where s.conversation_id = $1 and s.parent_id is null";
const NEWEST_BELOW: &str = "with recursive below (id, rev) as ( \
    select m.id, m.rev from messages m where m.id = $2 and m.conversation_id = $1 \
    union all \
    select m.id, m.rev from below join messages m on m.parent_id = below.id) \
    select id from below order by rev desc limit 1";

/// From the end of a path down to a message on it: the heights above that message, as far as `$4`. Only when `$3` is
/// met does the first row bear its id.
const ABOVE: &str = "with recursive climb (id, parent_id, height) as ( \
    select m.id, m.parent_id, 0 from messages m where m.id = $2 and m.conversation_id = $1 \
    union all \
    select m.id, m.parent_id, climb.height + 1 from climb join messages m on m.id = climb.parent_id \
    where climb.id <> $3) \
    select id from climb order by height desc limit $4";
const WORDS: &str = concat!(
    climb!(),
    "select m.id, m.content from climb join messages m on m.id = climb.id order by climb.height"
);

/// A message as one of its siblings.
#[derive(FromRow)]
pub(super) struct Kin {
    parent_id: Option<Uuid>,
    role: String,
    id: Uuid,
    rev: i64,
}

/// A stretch of a path, oldest first.
#[derive(Default)]
pub(super) struct Stretch {
    speeches: Vec<Speech>,
    kin: Vec<Kin>,
    pub(super) earlier: bool,
}

impl Stretch {
    /// Of what [`STRETCH`] found, which is one more than asked for if there are earlier ones, and [`KIN`] with [`FIRST`].
    pub(super) fn new(mut speeches: Vec<Speech>, kin: Vec<Kin>, limit: u32) -> Self {
        let earlier = speeches.len() > limit as usize;
        if earlier {
            speeches.remove(0);
        }
        Self {
            speeches,
            kin,
            earlier,
        }
    }

    /// In the domain's words.
    pub(super) fn told(mut self) -> Result<(Vec<Message>, Vec<Branch>), StoreError> {
        let mut families: HashMap<(Option<Uuid>, String), Vec<MessageId>> = HashMap::new();
        self.kin.sort_unstable_by_key(|kin| (kin.rev, kin.id));
        for kin in self.kin {
            families
                .entry((kin.parent_id, kin.role))
                .or_default()
                .push(MessageId(kin.id));
        }
        let branches = self.speeches.iter().filter_map(|speech| {
            // Two messages of one path are never siblings, so nobody else asks for the same ones.
            let siblings = families.remove(&(speech.parent_id, speech.role.clone()))?;
            (siblings.len() > 1).then_some(Branch {
                message_id: MessageId(speech.id),
                siblings,
            })
        });
        let branches = branches.collect();
        let messages = self.speeches.into_iter().map(Message::try_from);
        Ok((messages.collect::<Result<_, _>>()?, branches))
    }
}

/// Parent of a message, and the head of its conversation.
pub(super) type Place = (Option<Uuid>, Option<Uuid>);

/// The climbs, on a connection that sees one moment.
pub(super) trait Paths {
    /// The place of a message of the owner's conversation.
    async fn place(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<Place>, Error>;

    /// The newest `limit` messages of the path that ends with `last`.
    async fn stretch(
        &mut self,
        conversation: ConversationId,
        last: Option<Uuid>,
        limit: u32,
    ) -> Result<Stretch, Error>;

    /// The newest message of those below `message`, or that one itself.
    async fn newest_below(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Uuid, Error>;

    /// The message that stands `after` places behind `message` on the path that ends with `last`, or as many as there
    /// are, and their number. `None` when that path does not lead through `message`.
    async fn behind(
        &mut self,
        conversation: ConversationId,
        last: Uuid,
        message: MessageId,
        after: u32,
    ) -> Result<Option<(Uuid, u32)>, Error>;

    /// Ids and words from `last` towards the root, `limit` at most.
    async fn words(
        &mut self,
        conversation: ConversationId,
        last: Uuid,
        limit: u32,
    ) -> Result<Vec<(Uuid, String)>, Error>;
}

/// What begins with a climb.
trait Climbs {
    async fn climb<T>(
        &mut self,
        statement: &'static str,
        conversation: ConversationId,
        last: Uuid,
        steps: i64,
    ) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin;
}

on_both! { impl Climbs {
    async fn climb<T>(
        &mut self,
        statement: &'static str,
        conversation: ConversationId,
        last: Uuid,
        steps: i64,
    ) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        sqlx::query_as(statement)
            .bind(conversation.0)
            .bind(last)
            .bind(steps)
            .fetch_all(&mut *self)
            .await
    }
} }

on_both! { impl Paths {
    async fn place(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<Place>, Error> {
        sqlx::query_as(PLACE)
            .bind(conversation.0)
            .bind(owner.0)
            .bind(message.0)
            .fetch_optional(&mut *self)
            .await
    }

    async fn stretch(
        &mut self,
        conversation: ConversationId,
        last: Option<Uuid>,
        limit: u32,
    ) -> Result<Stretch, Error> {
        let Some(last) = last else {
            return Ok(Stretch::default());
        };
        let steps = i64::from(limit);
        let speeches: Vec<Speech> = self.climb(STRETCH, conversation, last, steps).await?;
        let mut kin: Vec<Kin> = self.climb(KIN, conversation, last, steps).await?;
        if speeches.first().is_some_and(|speech| speech.parent_id.is_none()) {
            let first: Vec<Kin> = sqlx::query_as(FIRST)
                .bind(conversation.0)
                .fetch_all(&mut *self)
                .await?;
            kin.extend(first);
        }
        Ok(Stretch::new(speeches, kin, limit))
    }

    async fn newest_below(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Uuid, Error> {
        sqlx::query_scalar(NEWEST_BELOW)
            .bind(conversation.0)
            .bind(message.0)
            .fetch_one(&mut *self)
            .await
    }

    async fn behind(
        &mut self,
        conversation: ConversationId,
        last: Uuid,
        message: MessageId,
        after: u32,
    ) -> Result<Option<(Uuid, u32)>, Error> {
        let ids: Vec<Uuid> = sqlx::query_scalar(ABOVE)
            .bind(conversation.0)
            .bind(last)
            .bind(message.0)
            .bind(i64::from(after) + 1)
            .fetch_all(&mut *self)
            .await?;
        let met = ids.first() == Some(&message.0);
        let found = u32::try_from(ids.len().saturating_sub(1)).unwrap_or(after);
        Ok(ids.last().filter(|_| met).map(|end| (*end, found)))
    }

    async fn words(
        &mut self,
        conversation: ConversationId,
        last: Uuid,
        limit: u32,
    ) -> Result<Vec<(Uuid, String)>, Error> {
        // The climb counts steps, and its first message is none.
        self.climb(WORDS, conversation, last, i64::from(limit) - 1).await
    }
} }
