//! Personas in SQL. What a persona may say is not decided here.

use async_trait::async_trait;
use parlance_core::domain::{Persona, PersonaId, UserId};
use parlance_server::port::store::{Personas, StoreError};
use sqlx::{Error, FromRow};
use uuid::Uuid;

use super::{
    Database,
    pool::{on_both, read},
};

#[derive(FromRow)]
pub(super) struct Character {
    id: Uuid,
    slug: String,
    name: String,
    description: String,
    system_prompt: String,
    avatar_url: Option<String>,
    sort_order: i32,
}

impl From<Character> for Persona {
    fn from(row: Character) -> Self {
        Self {
            id: PersonaId(row.id),
            slug: row.slug,
            name: row.name,
            description: row.description,
            system_prompt: row.system_prompt,
            avatar_url: row.avatar_url,
            sort_order: row.sort_order,
        }
    }
}

/// Who may be talked to.
pub(super) trait Choices {
    async fn choices(&mut self, viewer: UserId) -> Result<Vec<Character>, Error>;
}

on_both! { impl Choices {
    async fn choices(&mut self, viewer: UserId) -> Result<Vec<Character>, Error> {
        sqlx::query_as(
            "select id, slug, name, description, system_prompt, avatar_url, sort_order from personas \
             where is_active and (created_by is null or created_by = $1) order by sort_order, id",
        )
        .bind(viewer.0)
        .fetch_all(&mut *self)
        .await
    }
} }

#[async_trait]
impl Personas for Database {
    async fn personas(&self, viewer: UserId) -> Result<Vec<Persona>, StoreError> {
        let rows = read!(self.pool, |db| db.choices(viewer));
        Ok(rows.into_iter().map(Persona::from).collect())
    }

    async fn persona(
        &self,
        viewer: UserId,
        slug_or_id: &str,
    ) -> Result<Option<Persona>, StoreError> {
        // Null equals nothing, so a text that is no id is looked up as a slug alone. Should a person give
        // their own persona the slug of a built-in one, theirs is meant.
        let row: Option<Character> = read!(self.pool, |db| {
            sqlx::query_as(
            "select id, slug, name, description, system_prompt, avatar_url, sort_order from personas \
             where is_active and (created_by is null or created_by = $1) and (slug = $2 or id = $3) \
             order by created_by is null, id limit 1"
        )
        .bind(viewer.0)
        .bind(slug_or_id)
        .bind(Uuid::try_parse(slug_or_id).ok())
        .fetch_optional(db)
        });
        Ok(row.map(Persona::from))
    }
}
