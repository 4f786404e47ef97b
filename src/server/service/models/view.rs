//! Model configurations as people may see them.

use parlance_core::domain::{ModelConfig, ModelConfigId, ModelKind, Parameters, Prices, Timestamp};

use super::Models;
use crate::{
    config,
    port::store::{Keeper, ModelRow},
    service::{Error, Viewer},
};

impl Models {
    /// What the server was set up with. Where it is asked is nobody's business.
    pub(super) async fn installation(&self, viewer: &Viewer) -> Result<ModelConfig, Error> {
        let model = self.usable(viewer, None).await?;
        let (kind, name) = match &self.config.model {
            config::Model::Demo => (ModelKind::OpenAi, Some("demo")),
            config::Model::OpenAi { remote, .. } => (ModelKind::OpenAi, remote.model.as_deref()),
            config::Model::Anthropic(remote) => (ModelKind::Anthropic, remote.model.as_deref()),
            config::Model::Gemini(remote) => (ModelKind::Gemini, remote.model.as_deref()),
            config::Model::Agent(_) => (ModelKind::Agent, None),
        };
        Ok(ModelConfig {
            id: ModelConfigId::INSTALLATION,
            name: name.unwrap_or(kind.as_str()).to_owned(),
            kind,
            base_url: None,
            model: name.unwrap_or_default().to_owned(),
            key_hint: None,
            parameters: Parameters::default(),
            context_tokens: Some(model.llm.window()),
            prices: Prices::default(),
            shared: true,
            editable: false,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        })
    }
}

/// Whether the viewer looks after it.
pub(super) fn may_change(viewer: &Viewer, keeper: Keeper) -> bool {
    match keeper {
        Keeper::All => viewer.admin().is_ok(),
        Keeper::One(user) => user == viewer.user.id,
    }
}

/// A row as the viewer may see it: of everybody's neither address nor key, nor what goes to the provider by hand, unless
/// they look after it.
pub(in crate::service) fn shown(viewer: &Viewer, row: ModelRow) -> ModelConfig {
    let editable = may_change(viewer, row.keeper);
    let mut parameters = row.parameters;
    if !editable {
        parameters.extra.clear();
    }
    ModelConfig {
        id: row.id,
        name: row.name,
        kind: row.kind,
        base_url: row.base_url.filter(|_| editable),
        model: row.model,
        key_hint: row.key_hint.filter(|_| editable),
        parameters,
        context_tokens: row.context_tokens,
        prices: row.prices,
        shared: row.keeper == Keeper::All,
        editable,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
