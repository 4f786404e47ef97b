//! What a conversation or a message may ask.

use std::sync::Arc;

use parlance_core::domain::{FieldCode, ModelConfigId, ModelDraft, Prices, ProblemCode};
use secrecy::SecretString;

use super::{Models, draft};
use crate::{
    port::{
        llm::{Model, NoModel, Remote},
        store::Keeper,
    },
    service::{Error, Viewer},
};

impl Models {
    /// A choice of the viewer's, which may be none, as what will be asked.
    ///
    /// # Errors
    /// `Refused(ModelUnavailable)` for what is gone, or not the viewer's, or not to be used; `Refused(Forbidden)` when the
    /// group may name no endpoints any more.
    pub(in crate::service) async fn usable(
        &self,
        viewer: &Viewer,
        choice: Option<ModelConfigId>,
    ) -> Result<Arc<Model>, Error> {
        let known = match choice {
            None | Some(ModelConfigId::INSTALLATION | ModelConfigId::INLINE) => {
                self.engine.model(viewer.user.id, choice).await
            }
            Some(id) => {
                let row = self.store.model_config(viewer.user.id, id).await?;
                let row = row.ok_or(Error::Refused(ProblemCode::ModelUnavailable))?;
                if row.keeper != Keeper::All {
                    self.may_name_endpoints(viewer).await?;
                }
                return self.registry.model_of(&row).await.map_err(unusable);
            }
        };
        known.map_err(|error| match error {
            NoModel::Unavailable => Error::Refused(ProblemCode::ModelUnavailable),
            NoModel::Store(error) => error.into(),
        })
    }

    /// The same for a choice that is being made.
    ///
    /// # Errors
    /// `Invalid` (`model_config_id`) for what the viewer cannot choose.
    pub(in crate::service) async fn chosen(
        &self,
        viewer: &Viewer,
        choice: Option<ModelConfigId>,
    ) -> Result<Arc<Model>, Error> {
        self.usable(viewer, choice)
            .await
            .map_err(|error| match error {
                Error::Refused(ProblemCode::ModelUnavailable) => {
                    Error::field("model_config_id", FieldCode::Unknown)
                }
                other => other,
            })
    }

    /// A model that a request brings. Nothing of it is stored, and nobody else's key goes with it.
    ///
    /// # Errors
    /// `Refused(Forbidden)` when the group may name no endpoints; `Invalid`, `Refused(EndpointBlocked)`.
    pub(in crate::service) async fn inline(
        &self,
        viewer: &Viewer,
        draft: ModelDraft,
    ) -> Result<Arc<Model>, Error> {
        self.may_name_endpoints(viewer).await?;
        let draft = draft::checked(draft)?;
        let base_url = self.address(viewer, &draft).await?;
        let key = draft.api_key.filter(|key| !key.is_empty());
        let llm = self.registry.make(Remote {
            kind: draft.kind,
            base_url,
            api_key: key.map(SecretString::from),
            model: Some(draft.model.clone()).filter(|name| !name.is_empty()),
            context_tokens: draft.context_tokens,
        })?;
        Ok(Arc::new(Model {
            id: ModelConfigId::INLINE,
            provider: format!("{} by {}", llm.provider(), viewer.user.id),
            llm,
            parameters: draft.parameters,
            prices: Prices::default(),
            name: Some(draft.model).filter(|name| !name.is_empty()),
            is_own: true,
        }))
    }

    pub(super) async fn may_name_endpoints(&self, viewer: &Viewer) -> Result<(), Error> {
        match self.groups.limits(viewer.user.group).await?.own_endpoints {
            true => Ok(()),
            false => Err(Error::Refused(ProblemCode::Forbidden)),
        }
    }
}

/// What cannot be opened or made is gone for the person; why stands in the log.
pub(super) fn unusable(error: Error) -> Error {
    tracing::error!(%error, "a model configuration cannot be used");
    Error::Refused(ProblemCode::ModelUnavailable)
}
