//! Any provider that speaks OpenAI's chat format (OpenAI, Ollama, vLLM, DeepSeek, DashScope, …).
//!
//! Requests are built, signed and sent through the crate `async-openai`, on a transport of ours,
//! because left to itself the crate retries, forgets the HTTP status and Retry-After of errors that are
//! not shaped like OpenAI's, logs what the model wrote when a chunk is malformed, and reads the answer
//! in a task of its own into a channel without bounds. So the answer itself goes past it: `transport`
//! leaves it in a slot, where `ask` takes it up once the crate is content. How it is read stands in
//! `llm::wire`; what its chunks mean, in `chunk`.
//!
//! Nothing here retries or decides what a person gets to see.

mod chunk;
mod request;
mod target;
#[cfg(test)]
mod tests;
mod transport;

use async_openai::{Client, error::OpenAIError, middleware::HttpRequestFactory};
use async_trait::async_trait;
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::{Llm, LlmError, Pieces, Prompt};
use serde_json::Value;
use tower::service_fn;

pub use request::Prefix;
use target::Target;
use transport::Slot;

use crate::llm::wire::{
    RemoteConfig, SetupError, Timeouts, fault,
    mask::Mask,
    model_name::{ModelName, none_listed},
    way::Way,
    window,
};

/// Where the provider is and how to speak with it.
#[derive(Clone, Debug, Default)]
pub struct OpenAiConfig {
    /// The key is sent as bearer token; local servers need none. The base URL goes up to and including `/v1`.
    pub remote: RemoteConfig,
    /// How an answer is gone on from.
    pub prefix: Prefix,
}

/// A provider that speaks OpenAI's chat format. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OpenAi {
    way: Way,
    target: Target,
    mask: Mask,
    timeouts: Timeouts,
    context_tokens: Option<u32>,
    prefix: Prefix,
    model: ModelName,
}

impl OpenAi {
    /// Prepares the client; asks the provider nothing yet.
    ///
    /// # Errors
    /// When the base URL is none, or the key cannot be sent in a header.
    pub fn new(config: OpenAiConfig) -> Result<Self, SetupError> {
        let OpenAiConfig { remote, prefix } = config;
        Ok(Self {
            way: Way::new(remote.guard, remote.timeouts)?,
            target: Target::new(remote.base_url.as_deref(), remote.api_key.clone())?,
            mask: Mask::new(remote.api_key),
            timeouts: remote.timeouts,
            context_tokens: remote.context_tokens,
            prefix,
            model: ModelName::new(remote.model.as_deref()),
        })
    }

    async fn listed(&self) -> Result<Vec<String>, LlmError> {
        let (way, timeouts, mask) = (self.way.clone(), self.timeouts, self.mask.clone());
        let client = self
            .client(move |request| transport::fetch(way.clone(), request, timeouts, mask.clone()));
        let list: Value = client
            .models()
            .list_byot()
            .await
            .map_err(|error| self.failure(error))?;
        // A few providers send the bare array.
        let models = list.get("data").unwrap_or(&list).as_array();
        Ok(models
            .into_iter()
            .flatten()
            .filter_map(|model| model["id"].as_str())
            .map(str::to_owned)
            .collect())
    }

    async fn look_up(&self) -> Result<String, LlmError> {
        let first = self.listed().await?.into_iter().next();
        first.ok_or_else(|| none_listed("OPENAI_MODEL"))
    }

    /// A client whose requests go through `send`; a new one a request is cheap, they share the sockets.
    fn client<F, S>(&self, send: S) -> Client<Target>
    where
        S: FnMut(HttpRequestFactory) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<reqwest::Response, OpenAIError>> + Send + 'static,
    {
        Client::build(self.way.builder().clone(), self.target.clone())
            .with_http_service(service_fn(send))
    }

    /// What the transport reported, out of the crate's wrapping.
    fn failure(&self, error: OpenAIError) -> LlmError {
        match error {
            OpenAIError::Boxed(inner) => match inner.downcast::<LlmError>() {
                Ok(error) => *error,
                Err(other) => LlmError::new(
                    ProblemCode::UpstreamInvalid,
                    self.mask.detail(&other.to_string()),
                ),
            },
            OpenAIError::Reqwest(error) => fault::unsent(&error, &self.mask),
            other => LlmError::new(
                ProblemCode::UpstreamInvalid,
                self.mask.detail(&other.to_string()),
            ),
        }
    }
}

#[async_trait]
impl Llm for OpenAi {
    async fn ask(&self, prompt: Prompt) -> Result<Pieces, LlmError> {
        let model = self.model.or_listed(|| self.look_up()).await?;
        let prefix = self.prefix.resolve(&self.target, model);
        let body = request::body(&prompt, model, prefix, &self.target);
        let (way, timeouts, mask) = (self.way.clone(), self.timeouts, self.mask.clone());
        let slot = Slot::default();
        let inlet = slot.clone();
        let client = self.client(move |request| {
            transport::converse(way.clone(), request, inlet.clone(), timeouts, mask.clone())
        });
        // Not `create_stream`, which would start a task to read an answer that is not there for it.
        let sent = client.chat().create_byot::<_, ()>(body).await;
        sent.map_err(|error| self.failure(error))?;
        slot.take().ok_or_else(|| {
            let detail = "the request succeeded without an answer";
            LlmError::new(ProblemCode::UpstreamInvalid, detail)
        })
    }

    fn describe(&self) -> String {
        let address = self.target.address();
        format!("{} at {}", self.model.shown(), address.shown())
    }

    fn provider(&self) -> String {
        self.target.address().provider()
    }

    fn window(&self) -> u32 {
        self.context_tokens
            .unwrap_or_else(|| window::of(self.model.known()))
    }

    fn continues_prefix(&self) -> bool {
        self.prefix.resolve(&self.target, self.model.known()) != Prefix::Never
    }

    async fn models(&self) -> Result<Vec<String>, LlmError> {
        self.listed().await
    }
}
