//! Personas: there are none.

use async_trait::async_trait;
use parlance_core::domain::{Character, Choice, Persona, PersonaId, Timestamp, UserId};

use super::Outcome;
use crate::{
    engine::tests::memory::Memory,
    port::store::{Keeper, Personas},
};

#[async_trait]
impl Personas for Memory {
    async fn personas(&self, _: UserId) -> Outcome<Vec<Persona>> {
        Ok(Vec::new())
    }

    async fn persona(&self, _: UserId, _: &str) -> Outcome<Option<Persona>> {
        Ok(None)
    }

    async fn choices(&self, _: UserId) -> Outcome<Vec<Choice>> {
        Ok(Vec::new())
    }

    async fn choice(&self, _: UserId, _: &str) -> Outcome<Option<Persona>> {
        Ok(None)
    }

    async fn speaker(&self, _: UserId, _: PersonaId) -> Outcome<Option<Persona>> {
        Ok(None)
    }

    async fn persona_names(&self, _: UserId) -> Outcome<Vec<(PersonaId, String)>> {
        Ok(Vec::new())
    }

    async fn kept_personas(&self, _: Keeper) -> Outcome<Vec<Persona>> {
        Ok(Vec::new())
    }

    async fn kept_persona(&self, _: Keeper, _: PersonaId) -> Outcome<Option<Persona>> {
        Ok(None)
    }

    async fn create_persona(
        &self,
        _: Keeper,
        _: &Persona,
        _: u32,
        _: u32,
        _: Timestamp,
    ) -> Outcome<()> {
        unreachable!("nobody makes personas here")
    }

    async fn change_persona(
        &self,
        _: Keeper,
        _: PersonaId,
        _: &Character,
        _: Timestamp,
    ) -> Outcome<Option<Persona>> {
        Ok(None)
    }

    async fn delete_persona(&self, _: Keeper, _: PersonaId, _: Timestamp) -> Outcome<bool> {
        Ok(false)
    }
}
