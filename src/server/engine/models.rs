//! Which model a reply asks: what its turn was begun with. What the server was set up with is known here; what people
//! configure is asked for anew when a reply begins, because it may have gone since.

use std::sync::Arc;

use parlance_core::domain::{ModelConfigId, Parameters, Prices, Problem, ProblemCode, UserId};

use super::{Inner, ending::Ending, log::Log};
use crate::port::llm::{Llm, Model, NoModel, Prompt};

/// What the server was set up with.
pub(super) fn installation(llm: Arc<dyn Llm>) -> Arc<Model> {
    Arc::new(Model {
        id: ModelConfigId::INSTALLATION,
        provider: llm.provider(),
        llm,
        parameters: Parameters::default(),
        prices: Prices::default(),
        name: None,
        is_own: false,
    })
}

impl Inner {
    /// The model of a choice.
    pub(super) async fn model(
        &self,
        user: UserId,
        choice: Option<ModelConfigId>,
    ) -> Result<Arc<Model>, NoModel> {
        match choice {
            None | Some(ModelConfigId::INSTALLATION) => Ok(self.model.clone()),
            // It went with its request, or with the process that had it.
            Some(ModelConfigId::INLINE) => Err(NoModel::Unavailable),
            Some(id) => self.models.model(user, id).await,
        }
    }

    /// Who a choice counts for. One that cannot be asked counts for itself: its turn is begun nonetheless, and ends by
    /// saying so.
    pub(super) async fn provider(&self, user: UserId, choice: Option<ModelConfigId>) -> String {
        match (self.model(user, choice).await, choice) {
            (Ok(model), _) => model.provider.clone(),
            (Err(_), Some(id)) => id.to_string(),
            (Err(_), None) => String::new(),
        }
    }
}

/// The model of a generation whose turn has come.
pub(super) async fn of(inner: &Inner, log: &Log) -> Result<Arc<Model>, Ending> {
    if let Some(inline) = log.inline.get() {
        return Ok(inline.clone());
    }
    let row = &log.row;
    inner
        .model(row.user_id, row.model_config_id)
        .await
        .map_err(|error| match error {
            NoModel::Unavailable => Ending::Broken(Problem::new(ProblemCode::ModelUnavailable)),
            NoModel::Store(error) => {
                tracing::error!(%error, generation_id = %row.id, "the model of a reply was not read");
                Ending::broken(ProblemCode::StorageUnavailable)
            }
        })
}

/// A prompt for something small beside the replies: what the configuration sends with everything goes along, what shapes
/// replies does not.
pub(super) fn beside(model: &Model, prompt: Prompt) -> Prompt {
    Prompt {
        parameters: Parameters {
            extra: model.parameters.extra.clone(),
            ..Parameters::default()
        },
        ..prompt
    }
}
