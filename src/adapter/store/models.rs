//! Model configurations in SQL. What a configuration may say, and what its key is, is not known here.

use async_trait::async_trait;
use parlance_core::domain::{ModelConfigId, Parameters, Prices, Timestamp, UserId};
use parlance_server::port::store::{Constraint, Keeper, ModelConfigs, ModelRow, StoreError};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{
    Database,
    fault::{corrupt, fault},
    moment::Moment,
    pool::{read, transaction, write},
    row::{kept, set},
};

/// Millionths of a currency's unit.
const MICROS: f64 = 1_000_000.0;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Option<Uuid>,
    name: String,
    kind: String,
    base_url: Option<String>,
    model: String,
    api_key: Option<Vec<u8>>,
    key_hint: Option<String>,
    parameters: Option<Json<Parameters>>,
    context_tokens: Option<i64>,
    price_in: Option<i64>,
    price_out: Option<i64>,
    created_at: Moment,
    updated_at: Moment,
}

impl TryFrom<Row> for ModelRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ModelConfigId(row.id),
            keeper: row
                .user_id
                .map_or(Keeper::All, |user| Keeper::One(UserId(user))),
            name: row.name,
            kind: row
                .kind
                .parse()
                .map_err(|_| corrupt("kind of a model configuration"))?,
            base_url: row.base_url,
            model: row.model,
            api_key: row.api_key,
            key_hint: row.key_hint,
            parameters: set(row.parameters),
            context_tokens: row
                .context_tokens
                .map(u32::try_from)
                .transpose()
                .map_err(|_| corrupt("window of a model configuration"))?,
            prices: Prices {
                price_in: row.price_in.map(units),
                price_out: row.price_out.map(units),
            },
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

/// A price as people write it.
#[expect(
    clippy::cast_precision_loss,
    reason = "the highest price has 13 digits, and a float more"
)]
fn units(micros: i64) -> f64 {
    micros as f64 / MICROS
}

/// A price as it is kept.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the highest price has 13 digits, and an integer more"
)]
fn micros(units: f64) -> i64 {
    (units * MICROS).round() as i64
}

fn user(keeper: Keeper) -> Option<Uuid> {
    match keeper {
        Keeper::All => None,
        Keeper::One(user) => Some(user.0),
    }
}

/// Rows with all that a [`Row`] has of them.
macro_rules! models {
    ($which:literal) => {
        concat!(
            "select id, user_id, name, kind, base_url, model, api_key, key_hint, parameters, context_tokens, price_in, \
             price_out, created_at, updated_at from model_configs where ",
            $which
        )
    };
}

#[async_trait]
impl ModelConfigs for Database {
    async fn model_configs(&self, viewer: UserId) -> Result<Vec<ModelRow>, StoreError> {
        let rows: Vec<Row> = read!(self.pool, |db| sqlx::query_as(models!(
            "user_id is null or user_id = $1 \
             order by case when user_id is null then 0 else 1 end, created_at, id"
        ))
        .bind(viewer.0)
        .fetch_all(db));
        rows.into_iter().map(ModelRow::try_from).collect()
    }

    async fn model_config(
        &self,
        viewer: UserId,
        id: ModelConfigId,
    ) -> Result<Option<ModelRow>, StoreError> {
        let row: Option<Row> = read!(self.pool, |db| sqlx::query_as(models!(
            "id = $2 and (user_id is null or user_id = $1)"
        ))
        .bind(viewer.0)
        .bind(id.0)
        .fetch_optional(db));
        row.map(ModelRow::try_from).transpose()
    }

    async fn count_model_configs(&self, owner: UserId) -> Result<u32, StoreError> {
        let count: i64 = read!(self.pool, |db| sqlx::query_scalar(
            "select count(*) from model_configs where user_id = $1"
        )
        .bind(owner.0)
        .fetch_one(db));
        u32::try_from(count).map_err(|_| corrupt("number of model configurations"))
    }

    async fn create_model_config(
        &self,
        row: &ModelRow,
        most: Option<u32>,
    ) -> Result<(), StoreError> {
        transaction!(self.pool, |tx| {
            // PostgreSQL: of several at once each waits for the one before, and counts it.
            sqlx::query("update users set updated_at = updated_at where id = $1")
                .bind(user(row.keeper))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            let made: i64 = sqlx::query_scalar(
                "select count(*) from model_configs where user_id is not distinct from $1",
            )
            .bind(user(row.keeper))
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
            if most.is_some_and(|most| made >= i64::from(most)) {
                return Err(StoreError::Conflict(Constraint::ModelConfigs));
            }
            sqlx::query(
                "insert into model_configs (id, user_id, name, kind, base_url, model, api_key, key_hint, \
                 parameters, context_tokens, price_in, price_out, created_at, updated_at) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            )
            .bind(row.id.0)
            .bind(user(row.keeper))
            .bind(&row.name)
            .bind(row.kind.as_str())
            .bind(&row.base_url)
            .bind(&row.model)
            .bind(&row.api_key)
            .bind(&row.key_hint)
            .bind(kept(&row.parameters))
            .bind(row.context_tokens.map(i64::from))
            .bind(row.prices.price_in.map(micros))
            .bind(row.prices.price_out.map(micros))
            .bind(Moment(row.created_at))
            .bind(Moment(row.updated_at))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn change_model_config(
        &self,
        row: &ModelRow,
        key: bool,
        seen: Timestamp,
    ) -> Result<bool, StoreError> {
        // A key that stays is not written: a new master key may have sealed it anew since it was read.
        let changed = write!(self.pool, |db| {
            sqlx::query(
            "update model_configs set name = $3, kind = $4, base_url = $5, model = $6, \
             api_key = case when $7 then $8 else api_key end, \
             key_hint = case when $7 then $9 else key_hint end, \
             parameters = $10, context_tokens = $11, price_in = $12, price_out = $13, updated_at = $14 \
             where id = $1 and user_id is not distinct from $2 and updated_at = $15",
        )
        .bind(row.id.0)
        .bind(user(row.keeper))
        .bind(&row.name)
        .bind(row.kind.as_str())
        .bind(&row.base_url)
        .bind(&row.model)
        .bind(key)
        .bind(&row.api_key)
        .bind(&row.key_hint)
        .bind(kept(&row.parameters))
        .bind(row.context_tokens.map(i64::from))
        .bind(row.prices.price_in.map(micros))
        .bind(row.prices.price_out.map(micros))
        .bind(Moment(row.updated_at))
        .bind(Moment(seen))
        .execute(db)
        .await
        .map_err(fault)?
        });
        Ok(changed == 1)
    }

    async fn delete_model_configs(
        &self,
        owner: UserId,
        shared: bool,
        ids: &[ModelConfigId],
    ) -> Result<bool, StoreError> {
        // Always in one order, so that two who delete the same wait for each other only once.
        let mut sorted: Vec<_> = ids.iter().map(|id| id.0).collect();
        sorted.sort_unstable();
        sorted.dedup();
        transaction!(self.pool, |tx| {
            for id in &sorted {
                let gone = sqlx::query(
                    "delete from model_configs where id = $1 and (user_id = $2 or $3 and user_id is null)",
                )
                .bind(id)
                .bind(owner.0)
                .bind(shared)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
                if gone.rows_affected() == 0 {
                    return Ok(false);
                }
            }
        });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_kept_to_the_sixth_decimal() {
        for price in [0.0, 0.000_001, 0.15, 2.5, 1_000_000.0] {
            assert!((units(micros(price)) - price).abs() < 1e-9);
        }
    }
}
