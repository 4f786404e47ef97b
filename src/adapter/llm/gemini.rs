//! Google's models, by the Gemini API (Gemini API reference, "Generating content", `models.streamGenerateContent`).
//!
//! `request` writes the body, `chunk` reads the events; the rest is `llm::wire`. The key travels in a header: in the
//! address, where it is usually shown, it would stand in every log on the way.

mod chunk;
mod request;

use async_trait::async_trait;
use http::HeaderName;
use parlance_server::port::llm::{Llm, LlmError, Pieces, Prompt};
use reqwest::Url;

use self::chunk::Chunk;
use super::wire::{
    RemoteConfig, SetupError,
    address::Address,
    door::Door,
    model_name::{ModelName, none_listed},
    window,
};

const GOOGLE: &str = "https://generativelanguage.googleapis.com";
/// The version of the format that is written and read here.
const VERSION: &str = "v1beta";
/// What a model must be able to do.
const METHOD: &str = "generateContent";

/// A provider that speaks the Gemini API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gemini {
    door: Door,
    model: ModelName,
    context_tokens: Option<u32>,
}

impl Gemini {
    /// Prepares the client; asks the provider nothing yet. The base URL may end in a version, such as `/v1beta`.
    ///
    /// # Errors
    /// When the base URL is none, or the key cannot be sent in a header.
    pub fn new(config: RemoteConfig) -> Result<Self, SetupError> {
        let address = Address::or(config.base_url.as_deref(), GOOGLE)?;
        let header = HeaderName::from_static("x-goog-api-key");
        Ok(Self {
            model: ModelName::new(config.model.as_deref()),
            context_tokens: config.context_tokens,
            door: Door::new(address, config, header, "")?,
        })
    }

    /// What lies below `models`, or another collection that `name` begins with (`tunedModels/mine`).
    fn url(&self, name: &str) -> Url {
        let address = self.door.address();
        let is_versioned = ["v1", "v1alpha", VERSION]
            .iter()
            .any(|version| address.ends_in(version));
        let version = (!is_versioned).then_some(VERSION);
        let name: Vec<_> = match name.split_once('/') {
            Some((collection, name)) => vec![collection, name],
            None if name.is_empty() => vec!["models"],
            None => vec!["models", name],
        };
        let segments: Vec<_> = version.into_iter().chain(name).collect();
        address.below(&segments)
    }

    async fn listed(&self) -> Result<Vec<String>, LlmError> {
        let list = self.door.fetch(self.url("")).await?;
        let models = list["models"].as_array().into_iter().flatten();
        let able = models.filter(|model| {
            let methods = model["supportedGenerationMethods"].as_array();
            methods.is_some_and(|methods| methods.iter().any(|method| method == METHOD))
        });
        let names = able.filter_map(|model| model["name"].as_str());
        Ok(names.map(str::to_owned).collect())
    }

    async fn look_up(&self) -> Result<String, LlmError> {
        let first = self.listed().await?.into_iter().next();
        first.ok_or_else(|| none_listed("GEMINI_MODEL"))
    }
}

#[async_trait]
impl Llm for Gemini {
    async fn ask(&self, prompt: Prompt) -> Result<Pieces, LlmError> {
        let model = self.model.or_listed(|| self.look_up()).await?;
        let mut url = self.url(&format!("{model}:streamGenerateContent"));
        url.query_pairs_mut().append_pair("alt", "sse");
        let body = request::body(&prompt, model);
        self.door.ask::<Chunk>(url, &body).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_below_any_base() {
        let url = |base: &str, name: &str| {
            let config = RemoteConfig {
                base_url: Some(base.to_owned()),
                ..RemoteConfig::default()
            };
            let gemini = Gemini::new(config).expect("a sound configuration");
            gemini.url(name).to_string()
        };
        for (base, name, found) in [
            ("http://g", "m:x", "http://g/v1beta/models/m:x"),
            ("http://g/v1/", "models/m:x", "http://g/v1/models/m:x"),
            (
                "http://g/proxy",
                "tunedModels/m:x",
                "http://g/proxy/v1beta/tunedModels/m:x",
            ),
            (
                "http://g",
                "a/../../b?key=1",
                "http://g/v1beta/a/..%2F..%2Fb%3Fkey=1",
            ),
            ("http://g", "", "http://g/v1beta/models"),
        ] {
            assert_eq!(url(base, name), found);
        }
    }
}
