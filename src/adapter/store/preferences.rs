//! Settings in SQL: a JSON object in one column, merged by the database, so that two changes at the same time are both
//! kept, and so is what another version of the program wrote.

use async_trait::async_trait;
use parlance_core::domain::{Preferences as Settings, PreferencesChange, Timestamp, UserId};
use parlance_server::port::store::{Preferences, StoreError};

use super::{Database, fault::fault, moment::Moment, pool::Pool};

macro_rules! merge {
    ($merged:literal) => {
        concat!(
            "insert into preferences (user_id, content, updated_at) values ($1, $2, $3) \
             on conflict (user_id) do update set updated_at = excluded.updated_at, content = ",
            $merged,
            " returning content"
        )
    };
}

const SQLITE: &str = merge!("json_patch(preferences.content, excluded.content)");
const POSTGRES: &str =
    merge!("cast(cast(preferences.content as jsonb) || cast(excluded.content as jsonb) as text)");

#[async_trait]
impl Preferences for Database {
    async fn change_preferences(
        &self,
        owner: UserId,
        change: &PreferencesChange,
        now: Timestamp,
    ) -> Result<Settings, StoreError> {
        let change = serde_json::to_string(change)
            .map_err(|error| StoreError::Broken(format!("writing settings: {error}")))?;
        let content: String = match &self.pool {
            Pool::Sqlite { write, .. } => {
                sqlx::query_scalar(SQLITE)
                    .bind(owner.0)
                    .bind(change)
                    .bind(Moment(now))
                    .fetch_one(write)
                    .await
            }
            Pool::Postgres { pool, .. } => {
                sqlx::query_scalar(POSTGRES)
                    .bind(owner.0)
                    .bind(change)
                    .bind(Moment(now))
                    .fetch_one(pool)
                    .await
            }
        }
        .map_err(fault)?;
        Ok(Settings::read(&content))
    }
}
