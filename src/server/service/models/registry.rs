//! The models of configurations, made when somebody asks for them and kept as long as they are asked for. The row is read
//! each time: what is gone, or was changed, here or by another process, is not asked again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use parlance_core::domain::{ModelConfigId, ModelKind, Timestamp, UserId};
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use crate::{
    port::{
        llm::{Llm, Model, Models, NoModel, Remote, Workshop},
        store::{Keeper, ModelRow, Store},
    },
    service::{
        Error,
        vault::{About, Sealed, Vault},
    },
};

/// Models that are kept; beyond, the one goes that was asked for longest ago.
const KEPT: usize = 256;

/// Cheap to clone; all clones keep the same.
#[derive(Clone)]
pub struct Registry {
    store: Arc<dyn Store>,
    vault: Vault,
    workshop: Arc<dyn Workshop>,
    kept: Arc<Mutex<Shelf>>,
}

#[derive(Default)]
struct Shelf {
    models: HashMap<ModelConfigId, Kept>,
    /// Counts what was asked for.
    asked: u64,
}

struct Kept {
    /// Of the row that it was made from.
    updated_at: Timestamp,
    asked: u64,
    model: Arc<Model>,
}

impl Registry {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, vault: Vault, workshop: Arc<dyn Workshop>) -> Self {
        Self {
            store,
            vault,
            workshop,
            kept: Arc::default(),
        }
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The model of a row, which the caller has found to be the person's to ask.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub(super) async fn model_of(&self, row: &ModelRow) -> Result<Arc<Model>, Error> {
        if let Some(model) = self.shelf().find(row.id, row.updated_at) {
            return Ok(model);
        }
        let key = self.key(row).await?;
        let llm = self.make(remote(row, key))?;
        let model = Arc::new(Model {
            id: row.id,
            provider: format!("{} by {}", llm.provider(), row.id),
            llm,
            parameters: row.parameters.clone(),
            prices: row.prices,
            name: Some(row.model.clone()).filter(|name| !name.is_empty()),
            is_own: row.keeper != Keeper::All,
        });
        self.shelf().put(row.updated_at, model.clone());
        Ok(model)
    }

    /// A model that is kept nowhere.
    ///
    /// # Errors
    /// `Internal` for what can never work.
    pub(super) fn make(&self, remote: Remote) -> Result<Arc<dyn Llm>, Error> {
        let made = self.workshop.make(remote);
        made.map_err(|error| Error::Internal(format!("a model configuration: {error}")))
    }

    /// The key of a row, opened.
    ///
    /// # Errors
    /// `Internal` when it cannot be opened.
    pub(super) async fn key(&self, row: &ModelRow) -> Result<Option<SecretString>, Error> {
        let Some(sealed) = &row.api_key else {
            return Ok(None);
        };
        let origin = origin(row.kind, row.base_url.as_deref());
        let about = about(row.id, row.keeper, &origin);
        let plain = self.vault.open(about, &Sealed(sealed.clone())).await?;
        let text = std::str::from_utf8(&plain)
            .map_err(|_| Error::Internal("a model's key is no text".to_owned()))?;
        Ok(Some(SecretString::from(text)))
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Every change is complete before anything can panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Models for Registry {
    async fn model(&self, user: UserId, id: ModelConfigId) -> Result<Arc<Model>, NoModel> {
        let row = self.store.model_config(user, id).await?;
        let row = row.ok_or(NoModel::Unavailable)?;
        self.model_of(&row).await.map_err(|error| {
            tracing::error!(%error, model_config_id = %id, "a model configuration cannot be used");
            NoModel::Unavailable
        })
    }
}

impl Shelf {
    fn find(&mut self, id: ModelConfigId, updated_at: Timestamp) -> Option<Arc<Model>> {
        self.asked += 1;
        let kept = self.models.get_mut(&id)?;
        kept.asked = self.asked;
        (kept.updated_at == updated_at).then(|| kept.model.clone())
    }

    fn put(&mut self, updated_at: Timestamp, model: Arc<Model>) {
        if self.models.len() >= KEPT && !self.models.contains_key(&model.id) {
            let oldest = self.models.iter().min_by_key(|(_, kept)| kept.asked);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.models.remove(&id);
            }
        }
        let kept = Kept {
            updated_at,
            asked: self.asked,
            model: model.clone(),
        };
        self.models.insert(model.id, kept);
    }
}

/// Where a row leads.
pub(super) fn remote(row: &ModelRow, api_key: Option<SecretString>) -> Remote {
    Remote {
        kind: row.kind,
        base_url: row.base_url.clone(),
        api_key,
        model: Some(row.model.clone()).filter(|name| !name.is_empty()),
        context_tokens: row.context_tokens,
    }
}

/// The server that a key may be sent to: scheme, host and port.
pub(super) fn origin(kind: ModelKind, base_url: Option<&str>) -> String {
    let address = base_url.or(kind.own_address()).unwrap_or_default();
    // Only sound addresses are stored; what is none leads nowhere, and to nowhere its key belongs.
    Url::parse(address).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

/// What a key is sealed for.
pub(super) fn about(id: ModelConfigId, keeper: Keeper, origin: &str) -> About<'_> {
    About {
        table: "model_configs.api_key",
        row: id.0,
        user: match keeper {
            Keeper::All => UserId(Uuid::nil()),
            Keeper::One(user) => user,
        },
        origin,
    }
}
