//! Personas: those to choose from, and those that a person, or an admin for everybody, keeps.

mod character;

use std::{collections::BTreeMap, sync::Arc};

use parlance_core::domain::{
    Character, Choice, FieldCode, Persona, PersonaId, ProblemCode, limits,
};

use super::{Error, Viewer, audit::Audit};
use crate::port::{
    clock::Clock,
    store::{Keeper, Store, StoreError},
};

/// A persona to be made.
#[derive(Clone)]
pub struct NewPersona {
    /// `None`: its id.
    pub slug: Option<String>,
    /// For everybody, which is the admins' to decide.
    pub shared: bool,
    pub character: Character,
}

/// The verbs of personas.
#[derive(Clone)]
pub struct Personas {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    audit: Audit,
}

impl Personas {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, audit: Audit) -> Self {
        Self {
            store,
            clock,
            audit,
        }
    }

    /// Those that the viewer may choose, in order.
    ///
    /// # Errors
    /// Storage only.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<Persona>, Error> {
        Ok(self.store.personas(viewer.user.id).await?)
    }

    /// The same, as lists show them. One that a slug would not lead to, because another has the same, goes by its id.
    ///
    /// # Errors
    /// Storage only.
    pub async fn choices(&self, viewer: &Viewer) -> Result<Vec<Choice>, Error> {
        let mut choices = self.store.choices(viewer.user.id).await?;
        let mut slugs = BTreeMap::<_, u32>::new();
        for choice in &choices {
            *slugs.entry(choice.slug.clone()).or_default() += 1;
        }
        for choice in &mut choices {
            if slugs.get(&choice.slug).is_some_and(|count| *count > 1) {
                choice.slug = choice.id.to_string();
            }
        }
        Ok(choices)
    }

    /// Who is chosen when somebody asks for this slug or id: that one, else the first.
    ///
    /// # Errors
    /// Storage only.
    pub async fn choose(
        &self,
        viewer: &Viewer,
        asked: Option<&str>,
    ) -> Result<Option<Persona>, Error> {
        // PostgreSQL takes no NUL in a text.
        let asked = asked.filter(|asked| !asked.contains('\0'));
        let chosen = self.store.choice(viewer.user.id, asked.unwrap_or_default());
        Ok(chosen.await?)
    }

    /// The names that may stand above the viewer's replies, those of deleted personas too.
    ///
    /// # Errors
    /// Storage only.
    pub async fn names(&self, viewer: &Viewer) -> Result<BTreeMap<PersonaId, String>, Error> {
        let names = self.store.persona_names(viewer.user.id).await?;
        Ok(names.into_iter().collect())
    }

    /// Those that the viewer looks after, active or not: their own, and an admin everybody's behind them.
    ///
    /// # Errors
    /// Storage only.
    pub async fn kept(&self, viewer: &Viewer) -> Result<Vec<Persona>, Error> {
        let mut kept = self
            .store
            .kept_personas(Keeper::One(viewer.user.id))
            .await?;
        if viewer.admin().is_ok() {
            kept.extend(self.store.kept_personas(Keeper::All).await?);
        }
        Ok(kept)
    }

    /// One that the viewer may choose or looks after.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, viewer: &Viewer, id: PersonaId) -> Result<Persona, Error> {
        if let Some(persona) = self.shown(viewer, id).await? {
            return Ok(persona);
        }
        let keeper = self.keeper(viewer, id).await?;
        let kept = self.store.kept_persona(keeper, id).await?;
        kept.ok_or(Error::NotFound)
    }

    /// Makes one.
    ///
    /// # Errors
    /// `Invalid` with every bad field, `Taken("slug")`, `Refused(Conflict)` when there are too many; for one of
    /// everybody's `Refused(Forbidden)` for all but an admin in person.
    pub async fn create(&self, viewer: &Viewer, new: NewPersona) -> Result<Persona, Error> {
        let keeper = if new.shared {
            self.audit.admin(viewer).await?;
            Keeper::All
        } else {
            Keeper::One(viewer.user.id)
        };
        let id = PersonaId(self.clock.new_id());
        let persona = Persona {
            id,
            slug: character::slug(new.slug, id)?,
            shared: new.shared,
            character: character::checked(new.character)?,
        };
        let now = self.clock.now();
        self.store
            .create_persona(
                keeper,
                &persona,
                limits::PERSONAS,
                limits::PERSONAS_EVER,
                now,
            )
            .await?;
        Ok(persona)
    }

    /// Gives one another character.
    ///
    /// # Errors
    /// `Invalid` with every bad field, `NotFound`; `Refused(Forbidden)` for one of everybody's.
    pub async fn change(
        &self,
        viewer: &Viewer,
        id: PersonaId,
        character: Character,
    ) -> Result<Persona, Error> {
        let keeper = self.keeper(viewer, id).await?;
        let character = character::checked(character)?;
        let now = self.clock.now();
        self.store
            .change_persona(keeper, id, &character, now)
            .await?
            .ok_or(Error::NotFound)
    }

    /// Deletes one. What it said stays, under its name.
    ///
    /// # Errors
    /// `NotFound`; `Refused(Forbidden)` for one of everybody's.
    pub async fn delete(&self, viewer: &Viewer, id: PersonaId) -> Result<(), Error> {
        let keeper = self.keeper(viewer, id).await?;
        let now = self.clock.now();
        match self.store.delete_persona(keeper, id, now).await? {
            true => Ok(()),
            false => Err(Error::NotFound),
        }
    }

    /// On whose behalf the viewer may change it.
    ///
    /// # Errors
    /// `NotFound` for what they cannot see; `Refused(Forbidden)` for what they can see and no more.
    async fn keeper(&self, viewer: &Viewer, id: PersonaId) -> Result<Keeper, Error> {
        let own = Keeper::One(viewer.user.id);
        if self.store.kept_persona(own, id).await?.is_some() {
            return Ok(own);
        }
        if viewer.admin().is_ok() && self.store.kept_persona(Keeper::All, id).await?.is_some() {
            return Ok(Keeper::All);
        }
        match self.shown(viewer, id).await? {
            Some(_) => Err(Error::Refused(ProblemCode::Forbidden)),
            None => Err(Error::NotFound),
        }
    }

    async fn shown(&self, viewer: &Viewer, id: PersonaId) -> Result<Option<Persona>, StoreError> {
        self.store.persona(viewer.user.id, &id.to_string()).await
    }
}

/// The persona that a request names by slug or id; an empty name is none.
pub(super) async fn named(
    store: &dyn Store,
    viewer: &Viewer,
    name: Option<&str>,
    field: &str,
) -> Result<Option<PersonaId>, Error> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    // PostgreSQL takes no NUL in a text, so no persona can be called that.
    let persona = if name.contains('\0') {
        None
    } else {
        store.persona(viewer.user.id, name).await?
    };
    match persona {
        Some(persona) => Ok(Some(persona.id)),
        None => Err(Error::field(field, FieldCode::Unknown)),
    }
}
