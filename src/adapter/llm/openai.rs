//! Any provider that speaks OpenAI's chat format (OpenAI, Ollama, vLLM, DeepSeek, DashScope, …).
//!
//! Requests are built, signed and sent through the crate `async-openai`, on a transport of ours,
//! because left to itself the crate retries, forgets the HTTP status and Retry-After of errors that are
//! not shaped like OpenAI's, logs what the model wrote when a chunk is malformed, and reads the answer
//! in a task of its own into a channel without bounds. So the answer itself goes past it. Its path:
//!
//! `transport` (status, time-outs; leaves the answer in a slot, where `ask` takes it up once the crate
//! is content) → `feed` (reads on only when asked; with `frame`: bytes to payloads, bounded; with `chunk`
//! and `loose`: payloads to what we know of them, drops what is malformed) → `reading` (with `notes`:
//! chunks to pieces; says how it ended).
//!
//! No task and no channel is in between: dropping the pieces drops the provider's socket, and pieces that
//! are not taken stay in it.
//!
//! Nothing here retries or decides what a person gets to see.

mod chunk;
mod fault;
mod feed;
mod frame;
mod loose;
mod mask;
mod notes;
mod reading;
mod request;
mod target;
#[cfg(test)]
mod tests;
mod transport;
mod window;

use std::{sync::Arc, time::Duration};

use async_openai::{Client, error::OpenAIError, middleware::HttpRequestFactory};
use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};
use parlance_core::domain::ProblemCode;
use parlance_server::port::llm::{Llm, LlmError, Pieces, Prompt};
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::OnceCell;
use tower::service_fn;

use mask::Mask;
pub use request::Prefix;
use target::Target;
use transport::Slot;

/// Where the provider is and how to speak with it.
#[derive(Clone, Debug, Default)]
pub struct OpenAiConfig {
    /// Sent as bearer token. Local servers need none.
    pub api_key: Option<SecretString>,
    /// Up to and including `/v1`; OpenAI's own when absent.
    pub base_url: Option<String>,
    /// The first that the provider lists when absent.
    pub model: Option<String>,
    /// Tokens that prompt and answer may have together; by the model's name when absent.
    pub context_tokens: Option<u32>,
    /// How an answer is gone on from.
    pub prefix: Prefix,
    pub timeouts: Timeouts,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// TCP and TLS.
    pub connect: Duration,
    /// From the request to the first byte of the answer's body, and any silence before the first text.
    pub first_byte: Duration,
    /// Silence after text has begun. A provider's keep-alive comments break the silence.
    pub gap: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(60),
            gap: Duration::from_secs(45),
        }
    }
}

/// A configuration that can never work.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(
        "the base URL must be an absolute http or https address, such as http://127.0.0.1:11434/v1"
    )]
    BaseUrl,
    #[error("the API key holds characters that no HTTP header may carry, such as a line end")]
    ApiKey,
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

/// An idle connection is kept for so long: many servers and balancers close theirs after a minute, and a request on one
/// that is just being closed fails.
const IDLE: Duration = Duration::from_secs(45);

/// A provider that speaks OpenAI's chat format. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OpenAi {
    http: reqwest::Client,
    target: Target,
    mask: Mask,
    timeouts: Timeouts,
    context_tokens: Option<u32>,
    prefix: Prefix,
    model: Option<String>,
    /// What the provider listed first, once asked.
    first_listed: Arc<OnceCell<String>>,
}

impl OpenAi {
    /// Prepares the client; asks the provider nothing yet.
    ///
    /// # Errors
    /// When the base URL is none, or the key cannot be sent in a header.
    pub fn new(config: OpenAiConfig) -> Result<Self, SetupError> {
        let target = Target::new(config.base_url.as_deref(), config.api_key.clone())?;
        let http = reqwest::Client::builder()
            .connect_timeout(config.timeouts.connect)
            .pool_idle_timeout(IDLE)
            // A redirect would carry the conversation to a host that nobody configured; a proxy taken
            // from the environment likewise. Retrying is the engine's decision alone.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .retry(reqwest::retry::never())
            // Compression gathers what should flow. Who compresses nevertheless is understood.
            .default_headers(HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            )]))
            .user_agent(concat!("parlance/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| SetupError::Http(fault::chain(&error)))?;
        Ok(Self {
            http,
            target,
            mask: Mask::new(config.api_key),
            timeouts: config.timeouts,
            context_tokens: config.context_tokens,
            prefix: config.prefix,
            model: config.model.filter(|model| !model.trim().is_empty()),
            first_listed: Arc::default(),
        })
    }

    /// The model to ask: the configured one, else the first listed, which is looked up once.
    async fn model(&self) -> Result<&str, LlmError> {
        match &self.model {
            Some(model) => Ok(model),
            None => self
                .first_listed
                .get_or_try_init(|| self.look_up())
                .await
                .map(String::as_str),
        }
    }

    /// The model's name as far as it is known without asking.
    fn known_model(&self) -> &str {
        self.model
            .as_ref()
            .or_else(|| self.first_listed.get())
            .map_or("", String::as_str)
    }

    async fn look_up(&self) -> Result<String, LlmError> {
        let (http, timeouts, mask) = (self.http.clone(), self.timeouts, self.mask.clone());
        let client = self
            .client(move |request| transport::fetch(http.clone(), request, timeouts, mask.clone()));
        let list: Value = client
            .models()
            .list_byot()
            .await
            .map_err(|error| self.failure(error))?;
        // A few providers send the bare array.
        let models = list.get("data").unwrap_or(&list).as_array();
        let first = models
            .into_iter()
            .flatten()
            .find_map(|model| model["id"].as_str());
        first.map(str::to_owned).ok_or_else(|| {
            let detail = "no model is configured and the provider lists none: set OPENAI_MODEL";
            LlmError::new(ProblemCode::ModelNotFound, detail)
        })
    }

    /// A client whose requests go through `send`; a new one a request is cheap, they share the sockets.
    fn client<F, S>(&self, send: S) -> Client<Target>
    where
        S: FnMut(HttpRequestFactory) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<reqwest::Response, OpenAIError>> + Send + 'static,
    {
        Client::build(self.http.clone(), self.target.clone()).with_http_service(service_fn(send))
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
        let model = self.model().await?;
        let prefix = self.prefix.resolve(&self.target, model);
        let body = request::body(&prompt, model, prefix, &self.target);
        let (http, timeouts, mask) = (self.http.clone(), self.timeouts, self.mask.clone());
        let slot = Slot::default();
        let inlet = slot.clone();
        let client = self.client(move |request| {
            transport::converse(http.clone(), request, inlet.clone(), timeouts, mask.clone())
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
        let model = self.model.as_deref().unwrap_or("the first model listed");
        format!("{model} at {}", self.target.shown())
    }

    fn provider(&self) -> String {
        self.target.provider()
    }

    fn window(&self) -> u32 {
        self.context_tokens
            .unwrap_or_else(|| window::of(self.known_model()))
    }

    fn continues_prefix(&self) -> bool {
        self.prefix.resolve(&self.target, self.known_model()) != Prefix::Never
    }
}
