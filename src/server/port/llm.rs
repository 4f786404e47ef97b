//! A model that writes replies.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use parlance_core::domain::{
    ModelConfigId, ModelKind, Parameters, Part, Prices, ProblemCode, Role, Usage, UserId,
};
use secrecy::SecretString;

use super::store::StoreError;

/// One turn of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub role: Role,
    pub content: String,
}

/// What the model is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Oldest first, the system turn at the front.
    pub turns: Vec<Turn>,
    /// What the reply begins with already: the answer goes on right behind it. Only for models that say
    /// [`Llm::continues_prefix`].
    pub prefix: Option<String>,
    /// Longest answer, tokens; `None`: as the provider has it.
    pub max_tokens: Option<u32>,
    /// How; `max_tokens` above wins over the one in here.
    pub parameters: Parameters,
}

impl Prompt {
    /// Longest answer, tokens, whoever set it.
    #[must_use]
    pub fn longest(&self) -> Option<u32> {
        self.max_tokens.or(self.parameters.max_tokens)
    }
}

/// A piece of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Which model answers; first, if the provider says it.
    Model(String),
    Text {
        part: Part,
        text: String,
    },
    Usage(Usage),
    /// The provider's word for why it ended, such as `stop` or `length`. Without one (and without the
    /// protocol's own end mark) a stream that just ends was cut off.
    Finish(String),
}

/// Why there is no (further) answer. `detail` is for the log alone: it is masked already, and never
/// shown to a person, because providers echo keys and host names.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct LlmError {
    pub code: ProblemCode,
    pub retry_after: Option<Duration>,
    pub detail: String,
}

impl LlmError {
    /// An error without advice on when to come back.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            retry_after: None,
            detail: detail.into(),
        }
    }
}

/// The pieces of one answer. Dropping it closes the provider's socket.
pub type Pieces = BoxStream<'static, Result<Piece, LlmError>>;

/// A model behind some provider.
#[async_trait]
pub trait Llm: Send + Sync {
    /// Asks; returns once the provider has accepted the request.
    ///
    /// A stream that ends without [`Piece::Finish`] was cut off. Pieces are read no faster than the
    /// caller takes them, beyond a bounded buffer.
    async fn ask(&self, prompt: Prompt) -> Result<Pieces, LlmError>;

    /// One line for the start-up message: what answers, and where.
    fn describe(&self) -> String;

    /// Who answers, as one word that models of the same provider and key share: permits and the circuit
    /// breaker count by it. No secret.
    fn provider(&self) -> String;

    /// Tokens that prompt and answer may have together.
    fn window(&self) -> u32;

    /// Whether [`Prompt::prefix`] is understood.
    fn continues_prefix(&self) -> bool;

    /// The names of the provider's models, as it orders them; none where there is nothing to choose from. Answers only if
    /// the provider does.
    async fn models(&self) -> Result<Vec<String>, LlmError>;
}

/// Where a model is, by a configuration that somebody wrote.
#[derive(Clone, Default)]
pub struct Remote {
    pub kind: ModelKind,
    /// The provider's own when absent.
    pub base_url: Option<String>,
    pub api_key: Option<SecretString>,
    /// `None` for an agent.
    pub model: Option<String>,
    pub context_tokens: Option<u32>,
}

/// Makes models of what people configure. What it makes calls nothing that people may not have called.
pub trait Workshop: Send + Sync {
    /// # Errors
    /// In words, for the log: an address or a key that can never work.
    fn make(&self, remote: Remote) -> Result<Arc<dyn Llm>, String>;
}

/// A model with all that its configuration says about it.
pub struct Model {
    pub id: ModelConfigId,
    pub llm: Arc<dyn Llm>,
    /// Who answers, to those who count: as [`Llm::provider`], but for a key of its own one of its own. What somebody's
    /// broken address does to them is nobody else's matter.
    pub provider: String,
    /// Those of a conversation stand over them.
    pub parameters: Parameters,
    pub prices: Prices,
    /// What it is called where the provider does not say it.
    pub name: Option<String>,
    /// Whether whoever asks has brought it, key and all.
    pub is_own: bool,
}

impl Model {
    /// How it is asked in a conversation with parameters of its own. What goes along as it is given could name another
    /// model, or tools, on somebody else's key: there it is for who keeps the model to say.
    #[must_use]
    pub fn parameters_for(&self, own: &Parameters) -> Parameters {
        let mut parameters = own.over(&self.parameters);
        if !self.is_own {
            parameters.extra = self.parameters.extra.clone();
        }
        parameters
    }
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum NoModel {
    /// Its configuration is gone, or not this person's, or cannot be used: the log says why.
    #[error("the model configuration is gone or cannot be used")]
    Unavailable,
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// Models of configurations.
#[async_trait]
pub trait Models: Send + Sync {
    /// The model of a configuration that is the person's own or everybody's.
    async fn model(&self, user: UserId, id: ModelConfigId) -> Result<Arc<Model>, NoModel>;
}
