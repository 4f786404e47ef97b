//! A model configuration: which model is asked, where, and with which parameters. What people keep for themselves, what
//! admins share with everybody, and what the server itself was set up with.
//!
//! Must not enter: keys on their way out. A configuration that is read tells the end of its key and no more.

mod parameters;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ModelConfigId, Timestamp, generation::UnknownWord};

pub use parameters::{Effort, Parameters};

impl ModelConfigId {
    /// What the server was set up with. It is in no table, and chosen where nothing is.
    pub const INSTALLATION: Self = Self(Uuid::nil());
    /// Address and key that came with one request and went with it. Nobody can choose it.
    pub const INLINE: Self = Self(Uuid::max());
}

/// How a provider is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ModelKind {
    /// OpenAI's chat format, which most servers speak.
    #[default]
    OpenAi,
    /// The Messages API.
    Anthropic,
    /// The Gemini API.
    Gemini,
    /// A service of one's own: `docs/agent.md`.
    Agent,
}

impl ModelKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Anthropic, Self::Gemini, Self::Agent];

    /// The word in JSON, in forms and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Agent => "agent",
        }
    }

    /// The provider's own address, for configurations that name none. An agent has none.
    #[must_use]
    pub fn own_address(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com"),
            Self::Agent => None,
        }
    }
}

impl FromStr for ModelKind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(UnknownWord)
    }
}

/// A provider that forms suggest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelPreset {
    pub name: &'static str,
    pub kind: ModelKind,
    pub base_url: &'static str,
    /// A model of theirs, for a placeholder.
    pub model: &'static str,
}

/// The suggestions, in their order. Addresses are those that the providers' own documents give.
pub const PRESETS: &[ModelPreset] = &[
    preset(
        "OpenAI",
        ModelKind::OpenAi,
        "https://api.openai.com/v1",
        "gpt-5",
    ),
    preset(
        "Anthropic",
        ModelKind::Anthropic,
        "https://api.anthropic.com",
        "claude-sonnet-4-5",
    ),
    preset(
        "Google Gemini",
        ModelKind::Gemini,
        "https://generativelanguage.googleapis.com",
        "gemini-2.5-flash",
    ),
    preset(
        "DashScope",
        ModelKind::OpenAi,
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "qwen-plus",
    ),
    preset(
        "DeepSeek",
        ModelKind::OpenAi,
        "https://api.deepseek.com/v1",
        "deepseek-chat",
    ),
    preset(
        "OpenRouter",
        ModelKind::OpenAi,
        "https://openrouter.ai/api/v1",
        "openai/gpt-5",
    ),
    preset(
        "Ollama",
        ModelKind::OpenAi,
        "http://127.0.0.1:11434/v1",
        "qwen3",
    ),
    preset("vLLM", ModelKind::OpenAi, "http://127.0.0.1:8000/v1", ""),
];

const fn preset(
    name: &'static str,
    kind: ModelKind,
    base_url: &'static str,
    model: &'static str,
) -> ModelPreset {
    ModelPreset {
        name,
        kind,
        base_url,
        model,
    }
}

/// What a million tokens cost, in whatever currency the person counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prices {
    /// Of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_in: Option<f64>,
    /// Of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_out: Option<f64>,
}

/// A model configuration, as pages and API show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelConfig {
    /// All zeros: what the server was set up with.
    pub id: ModelConfigId,
    pub name: String,
    pub kind: ModelKind,
    /// Absent: the provider's own, or none of the reader's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Empty for an agent, and where the provider's first model is asked.
    pub model: String,
    /// The last four characters of the key; absent without a key, or where it is none of the reader's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_hint: Option<String>,
    #[serde(default)]
    pub parameters: Parameters,
    /// Tokens that prompt and answer may have together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u32>,
    #[serde(flatten)]
    pub prices: Prices,
    /// Everybody's, in the admins' care; otherwise its maker's alone.
    pub shared: bool,
    /// Whether the reader may change and delete it.
    pub editable: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ModelConfig {
    /// Whether it is what the server was set up with.
    #[must_use]
    pub fn is_installation(&self) -> bool {
        self.id == ModelConfigId::INSTALLATION
    }
}

/// A model configuration as a person writes it: all of it, but for the key.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelDraft {
    /// 1 to 100 characters.
    pub name: String,
    #[serde(default)]
    pub kind: ModelKind,
    /// Absent or empty: the provider's own. An agent needs one.
    #[serde(default)]
    pub base_url: Option<String>,
    /// At most 200 characters. Empty only for an agent.
    #[serde(default)]
    pub model: String,
    /// Absent: the key that is kept stays, as long as the address leads to the same server. Empty: none.
    #[serde(default)]
    pub api_key: Option<String>,
    #[serde(default)]
    pub parameters: Parameters,
    /// Absent: by what is known of the model's name.
    #[serde(default)]
    pub context_tokens: Option<u32>,
    /// What a million tokens of prompts cost, at most six decimals.
    #[serde(default)]
    pub price_in: Option<f64>,
    /// What a million tokens of answers cost, at most six decimals.
    #[serde(default)]
    pub price_out: Option<f64>,
}

impl fmt::Debug for ModelDraft {
    /// Neither the key nor the address, which may hold another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelDraft")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("model", &self.model)
            .field("api_key", &self.api_key.as_ref().map(|_| "[secret]"))
            .finish_non_exhaustive()
    }
}

/// How many model configurations a person has and may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelQuota {
    /// Their own ones.
    pub own: u32,
    /// `None`: as many as they like. 0 also where the group may name no endpoints of its own.
    pub limit: Option<u32>,
    pub can_create: bool,
}

/// What a person can choose from: what the server was set up with, everybody's, their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Catalogue {
    pub items: Vec<ModelConfig>,
    pub quota: ModelQuota,
}

/// A provider that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionTest {
    /// The names of its models, as it orders them; none for an agent, and where it lists none.
    pub models: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_keep_their_words() {
        for kind in ModelKind::ALL {
            assert_eq!(kind.as_str().parse::<ModelKind>().unwrap(), kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("mock".parse::<ModelKind>().is_err());
    }

    #[test]
    fn a_draft_shows_no_key() {
        let draft = ModelDraft {
            api_key: Some("sk-canary".to_owned()),
            base_url: Some("https://me:canary@llm.example".to_owned()),
            ..ModelDraft::default()
        };
        assert!(!format!("{draft:?}").contains("canary"));
    }

    #[test]
    fn a_draft_needs_a_name_and_knows_its_members() {
        let read = |told| serde_json::from_value::<ModelDraft>(told);
        let least = read(json!({ "name": "N" })).unwrap();
        assert_eq!((least.kind, least.api_key), (ModelKind::OpenAi, None));
        assert!(read(json!({})).is_err());
        assert!(read(json!({ "name": "N", "key_hint": "1234" })).is_err());
    }
}
