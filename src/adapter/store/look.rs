//! A conversation looked at: its row, the messages that are wanted, and its last generations, all of one moment.
//!
//! SQLite is asked one thing after the other, in one transaction. PostgreSQL may be far away and is asked everything in
//! one message.

use parlance_core::domain::{ConversationId, MessageId, UserId};
use parlance_server::port::store::{GenerationRow, StoreError};
use sqlx::{Error, PgConnection, SqliteConnection};

use super::{
    Database,
    conversations::{OWN, Talks},
    fault::fault,
    path::{FIRST, KIN, PARENT, PLACE, Paths, Place, STRETCH, Stretch},
    pool::{Pool, begin, heard},
    postgres::{Glance, Literal, Seen, Statement},
    row::{Run, Speech, Talk, read_head, run_columns, speech_columns},
};

const NEWER: &str = concat!(
    "select ",
    speech_columns!(),
    " from messages m where m.conversation_id = $1 and m.rev > $2 order by m.rev, m.id limit $3"
);
/// More than one turn, because a reply may end and the next begin between two looks; a turn may have three lanes.
const NEWEST: &str = concat!(
    "select ",
    run_columns!(),
    " from generations g where g.conversation_id = $1 order by g.no desc limit 7"
);
/// Nothing when the conversation is not the owner's; and then nothing of it is read.
const OWN_ID: &str =
    "select c.id from conversations c where c.id = $1 and c.user_id = $2 and c.deleted_at is null";
const OWN_HEAD: &str = concat!(
    "select ",
    read_head!(),
    " from conversations c where c.id = $1 and c.user_id = $2 and c.deleted_at is null"
);

/// Which messages are wanted.
#[derive(Clone, Copy)]
pub(super) enum Want {
    /// Those after a rev, at most so many.
    Newer { since: u64, limit: i64 },
    /// The end of the path that is read.
    End { limit: u32 },
}

/// What was found.
pub(super) struct Found {
    pub(super) talk: Talk,
    pub(super) newer: Vec<Speech>,
    pub(super) end: Stretch,
    /// The last few generations, the newest first.
    pub(super) lately: Vec<GenerationRow>,
}

/// The same as rows.
struct Rows {
    talk: Talk,
    newer: Vec<Speech>,
    end: Stretch,
    lately: Vec<Run>,
}

impl Database {
    pub(super) async fn look(
        &self,
        owner: UserId,
        id: ConversationId,
        want: Want,
    ) -> Result<Option<Found>, StoreError> {
        let rows = match &self.pool {
            Pool::Sqlite { read, .. } => {
                let mut tx = begin(read, "begin").await?;
                step_by_step(&mut tx, owner, id, want).await
            }
            Pool::Postgres { pool, readers, .. } => {
                heard!(pool, readers, |db| at_once(db, owner, id, want))
            }
        };
        let Some(rows) = rows.map_err(fault)? else {
            return Ok(None);
        };
        let lately = rows.lately.into_iter().map(GenerationRow::try_from);
        Ok(Some(Found {
            talk: rows.talk,
            newer: rows.newer,
            end: rows.end,
            lately: lately.collect::<Result<_, _>>()?,
        }))
    }

    /// The stretch of a path before a message; `None` when that one is not of the owner's conversation.
    pub(super) async fn look_before(
        &self,
        owner: UserId,
        id: ConversationId,
        before: MessageId,
        limit: u32,
    ) -> Result<Option<Stretch>, StoreError> {
        let stretch = match &self.pool {
            Pool::Sqlite { read, .. } => {
                let mut tx = begin(read, "begin").await?;
                let Some((parent, _)) = tx.place(owner, id, before).await.map_err(fault)? else {
                    return Ok(None);
                };
                tx.stretch(id, parent, limit).await.map(Some)
            }
            Pool::Postgres { pool, readers, .. } => {
                heard!(pool, readers, |db| before_at_once(
                    db, owner, id, before, limit
                ))
            }
        };
        stretch.map_err(fault)
    }
}

/// Of a rev beyond `i64`, which was never given out, nothing is newer.
fn rev(since: u64) -> i64 {
    i64::try_from(since).unwrap_or(i64::MAX)
}

async fn step_by_step(
    db: &mut SqliteConnection,
    owner: UserId,
    id: ConversationId,
    want: Want,
) -> Result<Option<Rows>, Error> {
    let Some(talk) = db.own_talk(owner, id).await? else {
        return Ok(None);
    };
    let (mut newer, mut end) = (Vec::new(), Stretch::default());
    match want {
        Want::Newer { since, limit } => {
            newer = sqlx::query_as(NEWER)
                .bind(id.0)
                .bind(rev(since))
                .bind(limit)
                .fetch_all(&mut *db)
                .await?;
        }
        Want::End { limit } => end = db.stretch(id, talk.head_message_id, limit).await?,
    }
    let lately = sqlx::query_as(NEWEST)
        .bind(id.0)
        .fetch_all(&mut *db)
        .await?;
    Ok(Some(Rows {
        talk,
        newer,
        end,
        lately,
    }))
}

async fn at_once(
    db: &mut PgConnection,
    owner: UserId,
    id: ConversationId,
    want: Want,
) -> Result<Option<Rows>, Error> {
    let (id, owner) = (id.0.into(), owner.0.into());
    let (talk, newer, end, mut seen);
    match want {
        Want::Newer { since, limit } => {
            let values = [id, owner, rev(since).into(), limit.into()];
            seen = NEWER_AT_ONCE.at(db, values).await?;
            talk = seen.next()?.pop();
            (newer, end) = (seen.next()?, Stretch::default());
        }
        Want::End { limit } => {
            let values = [id, owner, i64::from(limit).into()];
            seen = END_AT_ONCE.at(db, values).await?;
            talk = seen.next()?.pop();
            (newer, end) = (Vec::new(), stretch(&mut seen, limit)?);
        }
    }
    let lately = seen.next()?;
    Ok(talk.map(|talk| Rows {
        talk,
        newer,
        end,
        lately,
    }))
}

async fn before_at_once(
    db: &mut PgConnection,
    owner: UserId,
    id: ConversationId,
    before: MessageId,
    limit: u32,
) -> Result<Option<Stretch>, Error> {
    let [id, owner, before] = [id.0, owner.0, before.0].map(Literal::from);
    let values = [id, owner, before, i64::from(limit).into()];
    let mut seen = BEFORE_AT_ONCE.at(db, values).await?;
    let places: Vec<Place> = seen.next()?;
    let stretch = stretch(&mut seen, limit)?;
    Ok((!places.is_empty()).then_some(stretch))
}

/// Prepares on a connection all that is asked at once.
pub(super) async fn prepare(db: &mut PgConnection) -> Result<(), Error> {
    NEWER_AT_ONCE.prepare(db).await?;
    END_AT_ONCE.prepare(db).await?;
    BEFORE_AT_ONCE.prepare(db).await
}

/// The row; messages after a rev; generations.
const NEWER_AT_ONCE: Glance<4, 3> = Glance {
    name: "newer",
    types: ["uuid", "uuid", "bigint", "bigint"],
    statements: |[id, owner, since, limit]| {
        let whose = [id, owner];
        let own = Literal::answer(OWN_ID, &whose);
        [
            Statement::of(OWN, &whose),
            Statement::of(NEWER, &[own.clone(), since, limit]),
            Statement::of(NEWEST, &[own]),
        ]
    },
};

/// The row; the end of the path that is read; generations.
const END_AT_ONCE: Glance<3, 5> = Glance {
    name: "path_end",
    types: ["uuid", "uuid", "bigint"],
    statements: |[id, owner, limit]| {
        let whose = [id, owner];
        let own = Literal::answer(OWN_ID, &whose);
        let head = Literal::answer(OWN_HEAD, &whose);
        let [path, kin, first] = climbed(&own, head, limit);
        [
            Statement::of(OWN, &whose),
            path,
            kin,
            first,
            Statement::of(NEWEST, &[own]),
        ]
    },
};

/// The place of a message; the path before it.
const BEFORE_AT_ONCE: Glance<4, 4> = Glance {
    name: "path_before",
    types: ["uuid", "uuid", "uuid", "bigint"],
    statements: |[id, owner, before, limit]| {
        let whose = [id, owner, before];
        let own = Literal::answer(OWN_ID, &whose);
        let parent = Literal::answer(PARENT, &whose);
        let [path, kin, first] = climbed(&own, parent, limit);
        [Statement::of(PLACE, &whose), path, kin, first]
    },
};

/// The stretch of the conversation `own` that ends with `last`. Siblings of the first message are of no use to one that
/// does not reach it, and do no harm.
fn climbed(own: &Literal, last: Literal, limit: Literal) -> [Statement; 3] {
    let climb = [own.clone(), last, limit];
    [
        Statement::of(STRETCH, &climb),
        Statement::of(KIN, &climb),
        Statement::of(FIRST, &climb[..1]),
    ]
}

/// What [`climbed`] found.
fn stretch(seen: &mut Seen, limit: u32) -> Result<Stretch, Error> {
    let (speeches, mut kin) = (seen.next()?, seen.next()?);
    kin.extend(seen.next()?);
    Ok(Stretch::new(speeches, kin, limit))
}
