//! A model that writes replies.

use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use parlance_core::domain::{Part, ProblemCode, Role, Usage};

/// One turn of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub role: Role,
    pub content: String,
}

/// What the model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// Oldest first, the system turn at the front.
    pub turns: Vec<Turn>,
    /// What the reply begins with already: the answer goes on right behind it. Only for models that say
    /// [`Llm::continues_prefix`].
    pub prefix: Option<String>,
    /// Longest answer, tokens; `None`: as the provider has it.
    pub max_tokens: Option<u32>,
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
}
