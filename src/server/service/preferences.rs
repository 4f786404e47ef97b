//! Settings of the pages. Whoever is signed in has theirs with them ([`Viewer::preferences`]).

use std::sync::Arc;

use parlance_core::domain::{Preferences as Settings, PreferencesChange};

use super::{Error, Viewer};
use crate::port::{clock::Clock, store::Store};

/// The verbs of settings.
#[derive(Clone)]
pub struct Preferences {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Preferences {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Changes what `change` names; answers all settings.
    ///
    /// # Errors
    /// Storage only.
    pub async fn change(
        &self,
        viewer: &Viewer,
        change: &PreferencesChange,
    ) -> Result<Settings, Error> {
        if change.is_empty() {
            return Ok(viewer.preferences.clone().unwrap_or_default());
        }
        Ok(self
            .store
            .change_preferences(viewer.user.id, change, self.clock.now())
            .await?)
    }
}
