//! Personas.

use async_trait::async_trait;
use parlance_core::domain::{Character, Choice, Persona, PersonaId, Timestamp, UserId};

use super::StoreError;

/// Whose personas are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Everybody's.
    All,
    One(UserId),
}

/// Personas that a person may use, and those that they keep.
#[async_trait]
pub trait Personas: Send + Sync {
    /// The active shared ones and the person's own, in `sort_order`.
    async fn personas(&self, viewer: UserId) -> Result<Vec<Persona>, StoreError>;

    /// The same, as lists show them.
    async fn choices(&self, viewer: UserId) -> Result<Vec<Choice>, StoreError>;

    /// Of the same the one of this slug or id (as text), else the first.
    async fn choice(&self, viewer: UserId, slug_or_id: &str)
    -> Result<Option<Persona>, StoreError>;

    /// One of the shared ones or the person's own, active or not: who replies in a conversation goes on to do so.
    async fn speaker(&self, viewer: UserId, id: PersonaId) -> Result<Option<Persona>, StoreError>;

    /// By slug or by id (as text); active ones that `viewer` may use.
    async fn persona(
        &self,
        viewer: UserId,
        slug_or_id: &str,
    ) -> Result<Option<Persona>, StoreError>;

    /// The names of all that may stand above a reply: shared ones and the person's own, active, deleted or neither.
    async fn persona_names(&self, viewer: UserId) -> Result<Vec<(PersonaId, String)>, StoreError>;

    /// All of a keeper's, active or not, in `sort_order`.
    async fn kept_personas(&self, keeper: Keeper) -> Result<Vec<Persona>, StoreError>;

    /// One of a keeper's, active or not.
    async fn kept_persona(
        &self,
        keeper: Keeper,
        id: PersonaId,
    ) -> Result<Option<Persona>, StoreError>;

    /// Stores a new one. `most` is how many the keeper may have, `ever` how many they may have made.
    ///
    /// # Errors
    /// `Conflict(PersonaSlug)`, `Conflict(Personas)` when there are too many.
    async fn create_persona(
        &self,
        keeper: Keeper,
        persona: &Persona,
        most: u32,
        ever: u32,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Another character for one of a keeper's. `None` if the keeper has no such persona.
    async fn change_persona(
        &self,
        keeper: Keeper,
        id: PersonaId,
        character: &Character,
        now: Timestamp,
    ) -> Result<Option<Persona>, StoreError>;

    /// Empties one of a keeper's but for its name, which stands above its replies, and takes it out of the conversations in
    /// which it was to reply. Whether there was one.
    async fn delete_persona(
        &self,
        keeper: Keeper,
        id: PersonaId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
