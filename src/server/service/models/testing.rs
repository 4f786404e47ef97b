//! Whether a provider answers, and which models it has. What came of it is told as a code and no more: whoever may name
//! addresses must not read what lies behind them.

use parlance_core::domain::{
    ConnectionTest, FieldCode, ModelConfigId, ModelDraft, ProblemCode, limits,
};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::{Models, choosing::unusable, draft, filled, place, registry};
use crate::{
    port::{
        llm::{LlmError, Remote},
        store::Keeper,
    },
    service::{
        Error, Viewer,
        audit::{Entry, Kind},
    },
};

/// Answers are held whole until they are read: so many at a time.
static TRIES: Semaphore = Semaphore::const_new(8);

impl Models {
    /// Asks the provider of one for its models.
    ///
    /// # Errors
    /// `NotFound`, `Refused(Forbidden)` for everybody's; `Refused` with what came of the asking.
    pub async fn test(&self, viewer: &Viewer, id: ModelConfigId) -> Result<ConnectionTest, Error> {
        let row = self.kept(viewer, id).await?;
        let key = self.registry.key(&row).await.map_err(unusable)?;
        self.ask(viewer, registry::remote(&row, key)).await
    }

    /// The same for one that is being written, perhaps over a stored one, whose key it then has if it names none and leads
    /// to the same server.
    ///
    /// # Errors
    /// As [`Self::update`] and [`Self::test`].
    pub async fn try_out(
        &self,
        viewer: &Viewer,
        draft: ModelDraft,
        of: Option<ModelConfigId>,
    ) -> Result<ConnectionTest, Error> {
        let old = match of {
            Some(id) => Some(self.kept(viewer, id).await?),
            None => None,
        };
        let may = viewer.admin().is_ok() || old.is_some() || self.quota(viewer).await?.can_create;
        if !may {
            return Err(Error::Refused(ProblemCode::ModelLimit));
        }
        // Who wants to know the models cannot name one yet, and a name is nothing that is asked for.
        let mut draft = draft;
        for text in [&mut draft.name, &mut draft.model] {
            if text.trim().is_empty() {
                "-".clone_into(text);
            }
        }
        let draft = draft::checked(draft)?;
        let base_url = self.address(viewer, &draft).await?;
        let given = draft.api_key.clone();
        let keeper = Keeper::One(viewer.user.id);
        let id = ModelConfigId(self.clock.new_id());
        let row = filled(id, keeper, draft, base_url, self.clock.now());
        let key = match (given, &old) {
            (Some(key), _) => Some(key)
                .filter(|key| !key.is_empty())
                .map(SecretString::from),
            (None, Some(old)) if old.api_key.is_some() => {
                if place(&row) != place(old) {
                    return Err(Error::field("api_key", FieldCode::Required));
                }
                self.registry.key(old).await.map_err(unusable)?
            }
            (None, _) => None,
        };
        self.ask(viewer, registry::remote(&row, key)).await
    }

    async fn ask(&self, viewer: &Viewer, remote: Remote) -> Result<ConnectionTest, Error> {
        let llm = self.registry.make(remote).map_err(unusable)?;
        let _turn = TRIES.acquire().await;
        match llm.models().await {
            Ok(mut models) => {
                models.truncate(limits::LISTED_MODELS);
                Ok(ConnectionTest { models })
            }
            Err(LlmError { code, detail, .. }) => {
                if code == ProblemCode::EndpointBlocked {
                    let entry = Entry::new(Kind::EndpointBlocked).by(viewer.user.id);
                    self.audit.record(entry.note("why", "resolved")).await;
                }
                tracing::info!(?code, detail, "a model's provider was tried in vain");
                Err(Error::Refused(code))
            }
        }
    }
}
