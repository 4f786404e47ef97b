//! Personas.

use async_trait::async_trait;
use parlance_core::domain::{Persona, UserId};

use super::StoreError;

/// Personas that a person may use.
#[async_trait]
pub trait Personas: Send + Sync {
    /// The active built-in ones and the person's own, in `sort_order`.
    async fn personas(&self, viewer: UserId) -> Result<Vec<Persona>, StoreError>;

    /// By slug or by id (as text); active ones that `viewer` may use.
    async fn persona(
        &self,
        viewer: UserId,
        slug_or_id: &str,
    ) -> Result<Option<Persona>, StoreError>;
}
