//! Anthropic's models, by the Messages API (Anthropic API reference, "Messages" and "Streaming messages"), and whatever
//! speaks it.
//!
//! `request` writes the body, `chunk` reads the events; the rest is `llm::wire`. An answer that is gone on from is asked
//! for in words: newer models refuse to be handed its beginning, older ones one that ends in a space.

mod chunk;
mod request;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue};
use parlance_server::port::llm::{Llm, LlmError, Pieces, Prompt};

use self::chunk::Chunk;
use super::wire::{
    RemoteConfig, SetupError,
    address::Address,
    door::Door,
    model_name::{ModelName, none_listed},
    window,
};

const ANTHROPIC: &str = "https://api.anthropic.com";
/// The version of the format that is written and read here.
const VERSION: &str = "2023-06-01";

/// A provider that speaks the Messages API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Anthropic {
    door: Door,
    model: ModelName,
    context_tokens: Option<u32>,
}

impl Anthropic {
    /// Prepares the client; asks the provider nothing yet. The base URL is given without `/v1`.
    ///
    /// # Errors
    /// When the base URL is none, or the key cannot be sent in a header.
    pub fn new(config: RemoteConfig) -> Result<Self, SetupError> {
        let address = Address::or(config.base_url.as_deref(), ANTHROPIC)?;
        let header = HeaderName::from_static("x-api-key");
        let version = HeaderName::from_static("anthropic-version");
        Ok(Self {
            model: ModelName::new(config.model.as_deref()),
            context_tokens: config.context_tokens,
            door: Door::new(address, config, header, "")?
                .saying(version, HeaderValue::from_static(VERSION)),
        })
    }

    fn url(&self, what: &str) -> reqwest::Url {
        let address = self.door.address();
        // Who is used to other formats gives the version, too.
        if address.ends_in("v1") {
            address.below(&[what])
        } else {
            address.below(&["v1", what])
        }
    }

    async fn listed(&self) -> Result<Vec<String>, LlmError> {
        let list = self.door.fetch(self.url("models")).await?;
        let models = list["data"].as_array().into_iter().flatten();
        let names = models.filter_map(|model| model["id"].as_str());
        Ok(names.map(str::to_owned).collect())
    }

    /// The newest model: they are listed so.
    async fn look_up(&self) -> Result<String, LlmError> {
        let first = self.listed().await?.into_iter().next();
        first.ok_or_else(|| none_listed("ANTHROPIC_MODEL"))
    }
}

#[async_trait]
impl Llm for Anthropic {
    async fn ask(&self, prompt: Prompt) -> Result<Pieces, LlmError> {
        let model = self.model.or_listed(|| self.look_up()).await?;
        let body = request::body(&prompt, model, self.window());
        self.door.ask::<Chunk>(self.url("messages"), &body).await
    }

    fn describe(&self) -> String {
        let address = self.door.address();
        format!("{} at {}", self.model.shown(), address.shown())
    }

    fn provider(&self) -> String {
        self.door.address().provider()
    }

    fn window(&self) -> u32 {
        self.context_tokens
            .unwrap_or_else(|| window::of(self.model.known()))
    }

    fn continues_prefix(&self) -> bool {
        false
    }

    async fn models(&self) -> Result<Vec<String>, LlmError> {
        self.listed().await
    }
}
