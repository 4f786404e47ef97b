//! Personas to choose from.

use std::sync::Arc;

use parlance_core::domain::{FieldCode, Persona, PersonaId};

use super::{Error, Viewer};
use crate::port::store::Store;

/// The verbs of personas.
#[derive(Clone)]
pub struct Personas {
    store: Arc<dyn Store>,
}

impl Personas {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Those that the viewer may use, in order.
    ///
    /// # Errors
    /// Storage only.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<Persona>, Error> {
        Ok(self.store.personas(viewer.user.id).await?)
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
