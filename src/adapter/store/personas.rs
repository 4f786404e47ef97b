//! Personas in SQL. What a persona may say is not decided here.

use async_trait::async_trait;
use parlance_core::domain::{
    AppPreset, Character, Choice, Persona, PersonaId, PresetMessage, Timestamp, UserId,
};
use parlance_server::port::store::{Constraint, Keeper, Personas, StoreError};
use serde_json::{Map, Value};
use sqlx::{Error, FromRow, types::Json};
use uuid::Uuid;

use super::{
    Database,
    fault::fault,
    moment::Moment,
    pool::{on_both, read, transaction, write},
};

#[derive(FromRow)]
pub(super) struct Row {
    id: Uuid,
    slug: String,
    shared: bool,
    name: String,
    description: String,
    system_prompt: String,
    avatar_url: Option<String>,
    personality: Option<Json<Map<String, Value>>>,
    preset_messages: Json<Vec<PresetMessage>>,
    app_preset: Json<AppPreset>,
    is_active: bool,
    sort_order: i32,
}

impl From<Row> for Persona {
    fn from(row: Row) -> Self {
        Self {
            id: PersonaId(row.id),
            slug: row.slug,
            shared: row.shared,
            character: Character {
                name: row.name,
                description: row.description,
                system_prompt: row.system_prompt,
                avatar_url: row.avatar_url,
                personality: row.personality.map(|json| json.0),
                preset_messages: row.preset_messages.0,
                app_preset: row.app_preset.0,
                is_active: row.is_active,
                sort_order: row.sort_order,
            },
        }
    }
}

/// Those that were not deleted, with what a [`Row`] has of them.
macro_rules! personas {
    ($which:literal) => {
        concat!(
            "select id, slug, created_by is null as shared, name, description, system_prompt, avatar_url, personality, \
             preset_messages, app_preset, is_active, sort_order from personas where deleted_at is null and ",
            $which
        )
    };
}

/// The column of a keeper.
fn created_by(keeper: Keeper) -> Option<Uuid> {
    match keeper {
        Keeper::All => None,
        Keeper::One(user) => Some(user.0),
    }
}

/// What lists show.
type Shown = (Uuid, String, String, String);

/// What pages ask for.
pub(super) trait Choices {
    async fn choices(&mut self, viewer: UserId) -> Result<Vec<Shown>, Error>;
    async fn choice(&mut self, viewer: UserId, slug_or_id: &str) -> Result<Option<Row>, Error>;
    async fn names(&mut self, viewer: UserId) -> Result<Vec<(Uuid, String)>, Error>;
}

on_both! { impl Choices {
    async fn choices(&mut self, viewer: UserId) -> Result<Vec<Shown>, Error> {
        sqlx::query_as(
            "select id, slug, name, description from personas \
             where deleted_at is null and is_active and (created_by is null or created_by = $1) \
             order by sort_order, id",
        )
        .bind(viewer.0)
        .fetch_all(&mut *self)
        .await
    }

    async fn choice(&mut self, viewer: UserId, slug_or_id: &str) -> Result<Option<Row>, Error> {
        // Null equals nothing, so a text that is no id is looked up as a slug alone. Should a person give
        // their own persona the slug of a shared one, theirs is meant.
        sqlx::query_as(personas!(
            "is_active and (created_by is null or created_by = $1) \
             order by case when slug = $2 or id = $3 then 0 else 1 end, \
             case when (slug = $2 or id = $3) and created_by is not null then 0 else 1 end, sort_order, id limit 1"
        ))
        .bind(viewer.0)
        .bind(slug_or_id)
        .bind(Uuid::try_parse(slug_or_id).ok())
        .fetch_optional(&mut *self)
        .await
    }

    async fn names(&mut self, viewer: UserId) -> Result<Vec<(Uuid, String)>, Error> {
        sqlx::query_as("select id, name from personas where created_by is null or created_by = $1")
            .bind(viewer.0)
            .fetch_all(&mut *self)
            .await
    }
} }

#[async_trait]
impl Personas for Database {
    async fn personas(&self, viewer: UserId) -> Result<Vec<Persona>, StoreError> {
        let rows: Vec<Row> = read!(self.pool, |db| {
            sqlx::query_as(personas!(
                "is_active and (created_by is null or created_by = $1) order by sort_order, id"
            ))
            .bind(viewer.0)
            .fetch_all(db)
        });
        Ok(rows.into_iter().map(Persona::from).collect())
    }

    async fn choices(&self, viewer: UserId) -> Result<Vec<Choice>, StoreError> {
        let rows = read!(self.pool, |db| db.choices(viewer));
        let choice = |(id, slug, name, description)| Choice {
            id: PersonaId(id),
            slug,
            name,
            description,
        };
        Ok(rows.into_iter().map(choice).collect())
    }

    async fn choice(
        &self,
        viewer: UserId,
        slug_or_id: &str,
    ) -> Result<Option<Persona>, StoreError> {
        let row = read!(self.pool, |db| db.choice(viewer, slug_or_id));
        Ok(row.map(Persona::from))
    }

    async fn speaker(&self, viewer: UserId, id: PersonaId) -> Result<Option<Persona>, StoreError> {
        let row: Option<Row> = read!(self.pool, |db| {
            sqlx::query_as(personas!(
                "(created_by is null or created_by = $1) and id = $2"
            ))
            .bind(viewer.0)
            .bind(id.0)
            .fetch_optional(db)
        });
        Ok(row.map(Persona::from))
    }

    async fn persona(
        &self,
        viewer: UserId,
        slug_or_id: &str,
    ) -> Result<Option<Persona>, StoreError> {
        // Null equals nothing, so a text that is no id is looked up as a slug alone. Should a person give
        // their own persona the slug of a shared one, theirs is meant.
        let row: Option<Row> = read!(self.pool, |db| {
            sqlx::query_as(personas!(
                "is_active and (created_by is null or created_by = $1) and (slug = $2 or id = $3) \
                 order by created_by is null, id limit 1"
            ))
            .bind(viewer.0)
            .bind(slug_or_id)
            .bind(Uuid::try_parse(slug_or_id).ok())
            .fetch_optional(db)
        });
        Ok(row.map(Persona::from))
    }

    async fn persona_names(&self, viewer: UserId) -> Result<Vec<(PersonaId, String)>, StoreError> {
        let rows = read!(self.pool, |db| db.names(viewer));
        Ok(rows
            .into_iter()
            .map(|(id, name)| (PersonaId(id), name))
            .collect())
    }

    async fn kept_personas(&self, keeper: Keeper) -> Result<Vec<Persona>, StoreError> {
        let rows: Vec<Row> = read!(self.pool, |db| {
            sqlx::query_as(personas!(
                "created_by is not distinct from $1 order by sort_order, id"
            ))
            .bind(created_by(keeper))
            .fetch_all(db)
        });
        Ok(rows.into_iter().map(Persona::from).collect())
    }

    async fn kept_persona(
        &self,
        keeper: Keeper,
        id: PersonaId,
    ) -> Result<Option<Persona>, StoreError> {
        let row: Option<Row> = read!(self.pool, |db| {
            sqlx::query_as(personas!("created_by is not distinct from $1 and id = $2"))
                .bind(created_by(keeper))
                .bind(id.0)
                .fetch_optional(db)
        });
        Ok(row.map(Persona::from))
    }

    async fn create_persona(
        &self,
        keeper: Keeper,
        persona: &Persona,
        most: u32,
        ever: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let character = &persona.character;
        transaction!(self.pool, |tx| {
            // PostgreSQL: of several at once each waits for the one before, and counts it.
            sqlx::query("update users set updated_at = updated_at where id = $1")
                .bind(created_by(keeper))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            let (made, deleted): (i64, i64) = sqlx::query_as(
                "select count(*), count(deleted_at) from personas where created_by is not distinct from $1",
            )
            .bind(created_by(keeper))
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
            if made - deleted >= i64::from(most) || made >= i64::from(ever) {
                return Err(StoreError::Conflict(Constraint::Personas));
            }
            sqlx::query(
                "insert into personas (id, created_by, slug, name, description, system_prompt, avatar_url, \
                 personality, preset_messages, app_preset, is_active, sort_order, created_at, updated_at) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
            )
            .bind(persona.id.0)
            .bind(created_by(keeper))
            .bind(&persona.slug)
            .bind(&character.name)
            .bind(&character.description)
            .bind(&character.system_prompt)
            .bind(&character.avatar_url)
            .bind(character.personality.as_ref().map(Json))
            .bind(Json(&character.preset_messages))
            .bind(Json(&character.app_preset))
            .bind(character.is_active)
            .bind(character.sort_order)
            .bind(Moment(now))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        });
        Ok(())
    }

    async fn change_persona(
        &self,
        keeper: Keeper,
        id: PersonaId,
        character: &Character,
        now: Timestamp,
    ) -> Result<Option<Persona>, StoreError> {
        write!(self.pool, |db| {
            sqlx::query(
                "update personas set name = $3, description = $4, system_prompt = $5, avatar_url = $6, \
                 personality = $7, preset_messages = $8, app_preset = $9, is_active = $10, sort_order = $11, \
                 updated_at = $12 \
                 where created_by is not distinct from $1 and id = $2 and deleted_at is null",
            )
            .bind(created_by(keeper))
            .bind(id.0)
            .bind(&character.name)
            .bind(&character.description)
            .bind(&character.system_prompt)
            .bind(&character.avatar_url)
            .bind(character.personality.as_ref().map(Json))
            .bind(Json(&character.preset_messages))
            .bind(Json(&character.app_preset))
            .bind(character.is_active)
            .bind(character.sort_order)
            .bind(Moment(now))
            .execute(db)
            .await
            .map_err(fault)?
        });
        self.kept_persona(keeper, id).await
    }

    async fn delete_persona(
        &self,
        keeper: Keeper,
        id: PersonaId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let emptied = transaction!(self.pool, |tx| {
            // Rows of messages point here, so many that letting go of each would take long.
            let emptied = sqlx::query(
                "update personas set deleted_at = $3, updated_at = $3, is_active = $4, slug = $5, description = '', \
                 system_prompt = '', avatar_url = null, personality = null, preset_messages = $6, app_preset = $7 \
                 where created_by is not distinct from $1 and id = $2 and deleted_at is null",
            )
            .bind(created_by(keeper))
            .bind(id.0)
            .bind(Moment(now))
            .bind(false)
            .bind(id.to_string())
            .bind(Json(Vec::<PresetMessage>::new()))
            .bind(Json(AppPreset::default()))
            .execute(&mut *tx)
            .await
            .map_err(fault)?
            .rows_affected();
            if emptied == 1 {
                sqlx::query(
                    "update conversations set persona_id = null, rev = rev + 1, changed_at = $3 \
                     where persona_id = $2 and user_id = coalesce($1, user_id)",
                )
                .bind(created_by(keeper))
                .bind(id.0)
                .bind(Moment(now))
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            }
            emptied
        });
        Ok(emptied == 1)
    }
}
