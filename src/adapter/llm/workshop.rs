//! Models of what people configure: each goes out through the guarded client, with the key of its own configuration or with
//! none.

use std::sync::Arc;

use parlance_core::domain::ModelKind;
use parlance_server::port::llm::{self as port, Llm};

use super::{
    Agent, Anthropic, Gemini, OpenAi, OpenAiConfig, Prefix, RemoteConfig, SetupError, Timeouts,
    wire::Guard,
};

/// The workshop.
#[derive(Clone, Debug)]
pub struct Workshop {
    guard: Guard,
    timeouts: Timeouts,
}

impl Workshop {
    #[must_use]
    pub fn new(guard: Guard, timeouts: Timeouts) -> Self {
        Self { guard, timeouts }
    }

    fn made(&self, remote: port::Remote) -> Result<Arc<dyn Llm>, SetupError> {
        let config = RemoteConfig {
            api_key: remote.api_key,
            base_url: remote.base_url,
            model: remote.model,
            context_tokens: remote.context_tokens,
            timeouts: self.timeouts,
            guard: Some(self.guard.clone()),
        };
        Ok(match remote.kind {
            ModelKind::OpenAi => Arc::new(OpenAi::new(OpenAiConfig {
                remote: config,
                prefix: Prefix::ByHost,
            })?),
            ModelKind::Anthropic => Arc::new(Anthropic::new(config)?),
            ModelKind::Gemini => Arc::new(Gemini::new(config)?),
            ModelKind::Agent => Arc::new(Agent::new(config)?),
        })
    }
}

impl port::Workshop for Workshop {
    fn make(&self, remote: port::Remote) -> Result<Arc<dyn Llm>, String> {
        self.made(remote).map_err(|error| error.to_string())
    }
}
