//! Which model is asked: the configured one, else the first that the provider lists.

use std::sync::Arc;

use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::LlmError;
use tokio::sync::OnceCell;

use super::address::given;

/// Cheap to clone; clones share what was looked up.
#[derive(Clone, Debug)]
pub(crate) struct ModelName {
    set: Option<String>,
    /// What the provider listed first, once asked.
    listed: Arc<OnceCell<String>>,
}

impl ModelName {
    pub(crate) fn new(set: Option<&str>) -> Self {
        Self {
            set: given(set).map(str::to_owned),
            listed: Arc::default(),
        }
    }

    /// The name, looked up once if it is not set.
    ///
    /// # Errors
    /// What looking it up comes to.
    pub(crate) async fn or_listed<F>(&self, look_up: impl FnOnce() -> F) -> Result<&str, LlmError>
    where
        F: Future<Output = Result<String, LlmError>>,
    {
        match &self.set {
            Some(name) => Ok(name),
            None => self
                .listed
                .get_or_try_init(look_up)
                .await
                .map(String::as_str),
        }
    }

    /// The name as far as it is known without asking.
    pub(crate) fn known(&self) -> &str {
        self.set
            .as_ref()
            .or_else(|| self.listed.get())
            .map_or("", String::as_str)
    }

    /// For the start-up message.
    pub(crate) fn shown(&self) -> &str {
        self.set.as_deref().unwrap_or("the first model listed")
    }
}

/// The provider lists nothing that could be asked.
pub(crate) fn none_listed(variable: &str) -> LlmError {
    let detail = format!("no model is configured and the provider lists none: set {variable}");
    LlmError::new(ProblemCode::ModelNotFound, detail)
}
