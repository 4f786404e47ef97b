//! Model configurations: those to choose from, and those that a person, or an admin for everybody, keeps; with their keys.
//!
//! A key is sealed for its row, its owner and the server it was given for. It is opened to be sent to that server alone, and
//! never shown again.

mod choosing;
mod draft;
mod noting;
mod registry;
mod testing;
mod view;

use std::sync::Arc;

use parlance_core::domain::{
    Catalogue, FieldCode, ModelConfig, ModelConfigId, ModelDraft, ModelQuota, Prices, ProblemCode,
    Timestamp, limits,
};

pub use registry::Registry;

pub(super) use draft::parameters as check_parameters;
pub(super) use view::shown;

use self::view::may_change;
use super::{
    Client, Error, Viewer,
    audit::{Audit, Entry, Kind},
    groups::Groups,
};
use crate::{
    config::Config,
    engine::Engine,
    port::{
        clock::Clock,
        egress::{Blocked, Egress},
        store::{Keeper, ModelRow, Store},
    },
};

/// The verbs of model configurations.
#[derive(Clone)]
pub struct Models {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    registry: Registry,
    egress: Arc<dyn Egress>,
    groups: Groups,
    audit: Audit,
    config: Arc<Config>,
}

/// What the service works with.
pub(crate) struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub engine: Engine,
    pub registry: Registry,
    pub egress: Arc<dyn Egress>,
    pub groups: Groups,
    pub audit: Audit,
    pub config: Arc<Config>,
}

impl Models {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            store,
            clock,
            engine,
            registry,
            egress,
            groups,
            audit,
            config,
        } = parts;
        Self {
            store,
            clock,
            engine,
            registry,
            egress,
            groups,
            audit,
            config,
        }
    }

    /// What the viewer can choose from: what the server was set up with, everybody's, their own.
    ///
    /// # Errors
    /// Storage only.
    pub async fn choices(&self, viewer: &Viewer) -> Result<Vec<ModelConfig>, Error> {
        let rows = self.store.model_configs(viewer.user.id).await?;
        let mut items = vec![self.installation(viewer).await?];
        items.extend(rows.into_iter().map(|row| shown(viewer, row)));
        Ok(items)
    }

    /// The same, and how many of them the viewer may have.
    ///
    /// # Errors
    /// Storage only.
    pub async fn list(&self, viewer: &Viewer) -> Result<Catalogue, Error> {
        let items = self.choices(viewer).await?;
        let own = items.iter().filter(|config| !config.shared).count();
        let quota = self.quota_of(viewer, u32::try_from(own).unwrap_or(u32::MAX));
        Ok(Catalogue {
            quota: quota.await?,
            items,
        })
    }

    /// How many the viewer has and may have.
    ///
    /// # Errors
    /// Storage only.
    pub async fn quota(&self, viewer: &Viewer) -> Result<ModelQuota, Error> {
        let own = self.store.count_model_configs(viewer.user.id).await?;
        self.quota_of(viewer, own).await
    }

    /// One of those to choose from.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, viewer: &Viewer, id: ModelConfigId) -> Result<ModelConfig, Error> {
        if id == ModelConfigId::INSTALLATION {
            return self.installation(viewer).await;
        }
        Ok(shown(viewer, self.row(viewer, id).await?))
    }

    /// Makes one, for the viewer or for everybody.
    ///
    /// # Errors
    /// `Invalid` with every bad field, `Refused(EndpointBlocked)`, `Refused(ModelLimit)` when the group allows no further;
    /// for one of everybody's `Refused(Forbidden)` for all but an admin in person.
    pub async fn create(
        &self,
        viewer: &Viewer,
        draft: ModelDraft,
        shared: bool,
        client: &Client,
    ) -> Result<ModelConfig, Error> {
        let (keeper, most) = if shared {
            self.audit.admin(viewer).await?;
            (Keeper::All, Some(limits::SHARED_MODELS))
        } else {
            let quota = self.quota(viewer).await?;
            if !quota.can_create {
                return Err(Error::Refused(ProblemCode::ModelLimit));
            }
            (Keeper::One(viewer.user.id), quota.limit)
        };
        let draft = draft::checked(draft)?;
        let base_url = self.address(viewer, &draft).await?;
        let id = ModelConfigId(self.clock.new_id());
        let now = self.clock.now();
        let key = draft.api_key.clone().filter(|key| !key.is_empty());
        let mut row = filled(id, keeper, draft, base_url, now);
        if let Some(key) = key {
            self.seal(&mut row, &key).await?;
        }
        self.store.create_model_config(&row, most).await?;
        let made = Kind::SharedModelMade;
        self.note(made, &row, "", (viewer, client)).await;
        Ok(shown(viewer, row))
    }

    /// Writes one anew, all of it but for a key that the draft does not speak of. With `seen` only if nobody has changed it
    /// since that `updated_at`.
    ///
    /// # Errors
    /// As [`Self::create`], but for the limit; `NotFound`; `Invalid` (`api_key`) when the address leads to another server
    /// than the one that the key was given for; `Refused(Conflict)` when somebody has changed it since it was seen, or does
    /// so at this moment.
    pub async fn update(
        &self,
        viewer: &Viewer,
        id: ModelConfigId,
        draft: ModelDraft,
        seen: Option<Timestamp>,
        client: &Client,
    ) -> Result<ModelConfig, Error> {
        let old = self.kept(viewer, id).await?;
        if seen.is_some_and(|seen| seen != old.updated_at) {
            return Err(Error::Refused(ProblemCode::Conflict));
        }
        let draft = draft::checked(draft)?;
        let base_url = self.address(viewer, &draft).await?;
        let key = draft.api_key.clone();
        let mut row = filled(id, old.keeper, draft, base_url, self.clock.now());
        row.created_at = old.created_at;
        // A cache that knows the row by this must see every change.
        row.updated_at = row.updated_at.max(Timestamp(old.updated_at.0 + 1));
        let fields = noting::changed(&old, &row, key.is_some());
        match key.as_deref() {
            None if old.api_key.is_some() && place(&row) != place(&old) => {
                return Err(Error::field("api_key", FieldCode::Required));
            }
            None => {
                row.api_key = old.api_key;
                row.key_hint = old.key_hint;
            }
            Some("") => {}
            Some(key) => self.seal(&mut row, key).await?,
        }
        let changed = self
            .store
            .change_model_config(&row, key.is_some(), old.updated_at);
        if !changed.await? {
            self.row(viewer, id).await?;
            return Err(Error::Refused(ProblemCode::Conflict));
        }
        let changed = Kind::SharedModelChanged;
        self.note(changed, &row, &fields, (viewer, client)).await;
        Ok(shown(viewer, row))
    }

    /// Deletes these, or none of them. Conversations that chose one of them ask nobody until another is chosen.
    ///
    /// # Errors
    /// `NotFound`; `Refused(Forbidden)` for everybody's; `Invalid` (`ids`) for too many.
    pub async fn delete(
        &self,
        viewer: &Viewer,
        ids: &[ModelConfigId],
        client: &Client,
    ) -> Result<(), Error> {
        if ids.len() > limits::MODELS_AT_ONCE {
            return Err(Error::field("ids", FieldCode::TooLong));
        }
        let mut rows: Vec<ModelRow> = Vec::new();
        for id in ids {
            if rows.iter().all(|row| row.id != *id) {
                rows.push(self.looked_after(viewer, *id).await?);
            }
        }
        let shared = viewer.admin().is_ok();
        let owner = viewer.user.id;
        if !self.store.delete_model_configs(owner, shared, ids).await? {
            return Err(Error::NotFound);
        }
        for row in &rows {
            let deleted = Kind::SharedModelDeleted;
            self.note(deleted, row, "", (viewer, client)).await;
        }
        Ok(())
    }

    async fn quota_of(&self, viewer: &Viewer, own: u32) -> Result<ModelQuota, Error> {
        let limits = self.groups.limits(viewer.user.group).await?;
        let limit = match limits.own_endpoints {
            true => limits.model_configs,
            false => Some(0),
        };
        Ok(ModelQuota {
            own,
            limit,
            can_create: limit.is_none_or(|limit| own < limit),
        })
    }

    /// One of those that the viewer can choose.
    async fn row(&self, viewer: &Viewer, id: ModelConfigId) -> Result<ModelRow, Error> {
        let row = self.store.model_config(viewer.user.id, id).await?;
        row.ok_or(Error::NotFound)
    }

    /// One of those that the viewer looks after, if it may be called and changed, too.
    async fn kept(&self, viewer: &Viewer, id: ModelConfigId) -> Result<ModelRow, Error> {
        let row = self.looked_after(viewer, id).await?;
        if row.keeper != Keeper::All {
            self.may_name_endpoints(viewer).await?;
        }
        Ok(row)
    }

    /// One of those that the viewer looks after.
    async fn looked_after(&self, viewer: &Viewer, id: ModelConfigId) -> Result<ModelRow, Error> {
        if id == ModelConfigId::INSTALLATION {
            return Err(Error::Refused(ProblemCode::Forbidden));
        }
        let row = self.row(viewer, id).await?;
        match row.keeper {
            Keeper::All => {
                self.audit.admin(viewer).await?;
            }
            Keeper::One(_) if may_change(viewer, row.keeper) => {}
            Keeper::One(_) => return Err(Error::Refused(ProblemCode::Forbidden)),
        }
        Ok(row)
    }

    /// The draft's address as it is kept, if it may be called.
    async fn address(&self, viewer: &Viewer, draft: &ModelDraft) -> Result<Option<String>, Error> {
        let malformed = || Error::field("base_url", FieldCode::Malformed);
        let Some(address) = draft.base_url.as_deref() else {
            return Ok(None);
        };
        match self.egress.check(address) {
            // Secrets belong where they are sealed.
            Ok(url) if url.query().is_some() || url.fragment().is_some() => Err(malformed()),
            Ok(url) => Ok(Some(url.to_string())),
            Err(Blocked::Malformed | Blocked::Credentials) => Err(malformed()),
            Err(why) => {
                let entry = Entry::new(Kind::EndpointBlocked).by(viewer.user.id);
                self.audit.record(entry.note("why", why.word())).await;
                Err(Error::Refused(ProblemCode::EndpointBlocked))
            }
        }
    }

    async fn seal(&self, row: &mut ModelRow, key: &str) -> Result<(), Error> {
        let place = place(row);
        let about = registry::about(row.id, row.keeper, &place);
        let vault = self.registry.vault();
        let sealed = vault.seal(about, key.as_bytes()).await?;
        row.api_key = Some(sealed.0);
        row.key_hint = Some(draft::hint(key));
        Ok(())
    }
}

/// The server that a row's key may be sent to.
fn place(row: &ModelRow) -> String {
    registry::origin(row.kind, row.base_url.as_deref())
}

/// A row of a draft that was checked, without its key.
fn filled(
    id: ModelConfigId,
    keeper: Keeper,
    draft: ModelDraft,
    base_url: Option<String>,
    now: Timestamp,
) -> ModelRow {
    ModelRow {
        id,
        keeper,
        name: draft.name,
        kind: draft.kind,
        base_url,
        model: draft.model,
        api_key: None,
        key_hint: None,
        parameters: draft.parameters,
        context_tokens: draft.context_tokens,
        prices: Prices {
            price_in: draft.price_in,
            price_out: draft.price_out,
        },
        created_at: now,
        updated_at: now,
    }
}
