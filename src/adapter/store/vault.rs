//! The vault's part of the database in SQL. What is sealed is bytes here.

use async_trait::async_trait;
use parlance_core::domain::Timestamp;
use parlance_server::port::{
    keys::Fingerprint,
    store::{KeyVersion, SealedRow, SealedTable, StoreError, Vaults},
};
use uuid::Uuid;

use super::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{on_both, read, transaction, write},
};

const NEWEST: &str = "select version, fingerprint from master_keys order by version desc limit 1";

/// The key that seals, as its row.
type Row = (i64, Vec<u8>);

fn version((version, fingerprint): Row) -> Result<KeyVersion, StoreError> {
    Ok(KeyVersion {
        version: u64::try_from(version).map_err(|_| corrupt("version of a key"))?,
        fingerprint: Fingerprint(
            fingerprint
                .try_into()
                .map_err(|_| corrupt("length of a fingerprint"))?,
        ),
    })
}

trait Versions {
    async fn newest(&mut self) -> Result<Option<Row>, sqlx::Error>;
    async fn note(
        &mut self,
        version: i64,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<(), sqlx::Error>;
}

on_both! { impl Versions {
    async fn newest(&mut self) -> Result<Option<Row>, sqlx::Error> {
        sqlx::query_as(NEWEST).fetch_optional(&mut *self).await
    }

    async fn note(
        &mut self,
        version: i64,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        // Somebody who was faster keeps the place; the caller looks who it is.
        sqlx::query(
            "insert into master_keys (version, fingerprint, created_at) values ($1, $2, $3) on conflict do nothing",
        )
        .bind(version)
        .bind(&fingerprint.0[..])
        .bind(Moment(now))
        .execute(&mut *self)
        .await?;
        Ok(())
    }
} }

/// Statements over the sealed column of a table; names come from here alone.
struct Texts {
    others: &'static str,
    replace: &'static str,
}

fn texts(table: SealedTable) -> Texts {
    match table {
        SealedTable::Factors => Texts {
            // Bytes 2 to 9 name the key.
            others: "select user_id, secret from factors where substr(secret, 2, 8) <> $1 and user_id > $2 \
                     order by user_id limit $3",
            replace: "update factors set secret = $3 where user_id = $1 and secret = $2",
        },
        SealedTable::ModelConfigs => Texts {
            others: "select id, api_key from model_configs where substr(api_key, 2, 8) <> $1 and id > $2 \
                     order by id limit $3",
            replace: "update model_configs set api_key = $3 where id = $1 and api_key = $2",
        },
    }
}

#[async_trait]
impl Vaults for Database {
    async fn key_version(&self) -> Result<Option<KeyVersion>, StoreError> {
        let row = read!(self.pool, |db| db.newest());
        row.map(version).transpose()
    }

    async fn begin_keys(
        &self,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<KeyVersion, StoreError> {
        let row = transaction!(self.pool, |tx| {
            tx.note(1, fingerprint, now).await.map_err(fault)?;
            tx.newest().await.map_err(fault)?
        });
        version(row.ok_or_else(|| corrupt("absence of keys"))?)
    }

    async fn add_key(
        &self,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Result<KeyVersion, StoreError> {
        let row = transaction!(self.pool, |tx| {
            let newest = tx.newest().await.map_err(fault)?;
            let is_there = newest
                .as_ref()
                .is_some_and(|(_, name)| *name == fingerprint.0);
            if !is_there {
                let next = newest.map_or(1, |(version, _)| version + 1);
                tx.note(next, fingerprint, now).await.map_err(fault)?;
            }
            tx.newest().await.map_err(fault)?
        });
        let newest = version(row.ok_or_else(|| corrupt("absence of keys"))?)?;
        if newest.fingerprint == fingerprint {
            Ok(newest)
        } else {
            Err(StoreError::Broken(format!(
                "master key {fingerprint} was used before, or somebody else rotates at this moment"
            )))
        }
    }

    async fn sealed_by_others(
        &self,
        table: SealedTable,
        fingerprint: Fingerprint,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let texts = texts(table);
        let rows: Vec<(Uuid, Vec<u8>)> = read!(self.pool, |db| sqlx::query_as(texts.others)
            .bind(&fingerprint.0[..])
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(db));
        let row = |(id, sealed)| SealedRow { id, sealed };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn replace_sealed(
        &self,
        table: SealedTable,
        row: &SealedRow,
        sealed: &[u8],
    ) -> Result<bool, StoreError> {
        let texts = texts(table);
        let replaced = write!(self.pool, |db| sqlx::query(texts.replace)
            .bind(row.id)
            .bind(&row.sealed)
            .bind(sealed)
            .execute(db)
            .await
            .map_err(fault)?);
        Ok(replaced == 1)
    }
}
