//! The audit log in SQL. Hashes are the port's; here is their order.

use async_trait::async_trait;
use parlance_core::domain::UserId;
use parlance_server::port::store::{AuditEvent, AuditLog, NO_HASH, NewAuditEvent, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{read, transaction},
};

/// Names the queue of those who append: "audit" in ASCII.
const QUEUE: i64 = 0x61_7564_6974;

macro_rules! columns {
    () => {
        "no, at, kind, actor, address, user_agent, subject, notes, previous_hash, hash"
    };
}

#[derive(FromRow)]
struct Row {
    no: i64,
    at: Moment,
    kind: String,
    actor: Option<Uuid>,
    address: Option<String>,
    user_agent: Option<String>,
    subject: Option<Uuid>,
    notes: String,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl TryFrom<Row> for AuditEvent {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let hash = |bytes: Vec<u8>| bytes.try_into().map_err(|_| corrupt("length of a hash"));
        Ok(Self {
            no: u64::try_from(row.no).map_err(|_| corrupt("number"))?,
            event: NewAuditEvent {
                at: row.at.0,
                kind: row.kind,
                actor: row.actor.map(UserId),
                address: row.address,
                user_agent: row.user_agent,
                subject: row.subject,
                notes: row.notes,
            },
            previous_hash: hash(row.previous_hash)?,
            hash: hash(row.hash)?,
        })
    }
}

/// Whoever appends must have seen the row before, which nobody else may follow meanwhile.
trait Line {
    async fn stand_in_line(&mut self) -> Result<(), sqlx::Error>;
}

impl Line for sqlx::SqliteConnection {
    /// A transaction that writes is alone from its beginning.
    async fn stand_in_line(&mut self) -> Result<(), sqlx::Error> {
        Ok(())
    }
}

impl Line for sqlx::PgConnection {
    /// Until the end of the transaction. A lock of the table would stop those who read and those who vacuum.
    async fn stand_in_line(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("select pg_advisory_xact_lock($1)")
            .bind(QUEUE)
            .execute(&mut *self)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl AuditLog for Database {
    async fn append_audit(
        &self,
        events: Vec<NewAuditEvent>,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let rows = transaction!(self.pool, |tx| {
            tx.stand_in_line().await.map_err(fault)?;
            let last: Option<(i64, Vec<u8>)> =
                sqlx::query_as("select no, hash from audit_events order by no desc limit 1")
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(fault)?;
            let (mut no, mut previous) = match last {
                Some((no, hash)) => {
                    let hash = hash.try_into().map_err(|_| corrupt("length of a hash"))?;
                    (u64::try_from(no).map_err(|_| corrupt("number"))?, hash)
                }
                None => (0, NO_HASH),
            };
            let mut rows = Vec::with_capacity(events.len());
            for event in &events {
                no += 1;
                let row = AuditEvent::chained(no, event.clone(), previous);
                previous = row.hash;
                sqlx::query(concat!(
                    "insert into audit_events (",
                    columns!(),
                    ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                ))
                .bind(i64::try_from(no).map_err(|_| corrupt("number"))?)
                .bind(Moment(event.at))
                .bind(&event.kind)
                .bind(event.actor.map(|actor| actor.0))
                .bind(event.address.as_deref())
                .bind(event.user_agent.as_deref())
                .bind(event.subject)
                .bind(&event.notes)
                .bind(&row.previous_hash[..])
                .bind(&row.hash[..])
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
                rows.push(row);
            }
            rows
        });
        Ok(rows)
    }

    async fn audit_after(&self, after: u64, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows: Vec<Row> = read!(self.pool, |db| sqlx::query_as(concat!(
            "select ",
            columns!(),
            " from audit_events where no > $1 order by no limit $2"
        ))
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(db));
        rows.into_iter().map(AuditEvent::try_from).collect()
    }

    async fn audit_before(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let before = before.map_or(i64::MAX, |no| i64::try_from(no).unwrap_or(i64::MAX));
        let rows: Vec<Row> = read!(self.pool, |db| sqlx::query_as(concat!(
            "select ",
            columns!(),
            " from audit_events where no < $1 order by no desc limit $2"
        ))
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(db));
        rows.into_iter().map(AuditEvent::try_from).collect()
    }
}
