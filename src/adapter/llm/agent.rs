//! A service of one's own that answers over HTTP: the contract is ours, and stands in `docs/agent.md`.
//!
//! It is small on purpose: the whole conversation in one request, one stream of events back, no state between. What an
//! agent does to find its answer is its own matter.

mod chunk;

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use parlance_core::domain::{Effort, Role};
use parlance_server::port::llm::{Llm, LlmError, Pieces, Prompt, Turn};
use serde_json::{Value, json};

use self::chunk::Chunk;
use super::wire::{RemoteConfig, SetupError, address::Address, door::Door, sampling, window};

/// The version of the contract.
const VERSION: u32 = 1;

/// An agent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Agent {
    door: Door,
    context_tokens: Option<u32>,
}

impl Agent {
    /// Prepares the client; asks the agent nothing yet. The base URL is where questions are posted to; a model is not
    /// chosen.
    ///
    /// # Errors
    /// When the base URL is missing or none, or the key cannot be sent in a header.
    pub fn new(config: RemoteConfig) -> Result<Self, SetupError> {
        let address = Address::new(config.base_url.as_deref().unwrap_or_default())?;
        Ok(Self {
            context_tokens: config.context_tokens,
            door: Door::new(address, config, AUTHORIZATION, "Bearer ")?,
        })
    }
}

#[async_trait]
impl Llm for Agent {
    async fn ask(&self, prompt: Prompt) -> Result<Pieces, LlmError> {
        let url = self.door.address().itself();
        self.door.ask::<Chunk>(url, &body(&prompt)).await
    }

    fn describe(&self) -> String {
        format!("the agent at {}", self.door.address().shown())
    }

    fn provider(&self) -> String {
        self.door.address().provider()
    }

    fn window(&self) -> u32 {
        self.context_tokens.unwrap_or_else(|| window::of(""))
    }

    fn continues_prefix(&self) -> bool {
        false
    }

    /// There is nothing to choose from; it is asked, and its answer is not waited for.
    async fn models(&self) -> Result<Vec<String>, LlmError> {
        let prompt = Prompt {
            turns: vec![Turn {
                role: Role::User,
                content: "Hello".to_owned(),
            }],
            max_tokens: Some(1),
            ..Prompt::default()
        };
        self.ask(prompt).await.map(|_| Vec::new())
    }
}

/// The JSON that is sent.
fn body(prompt: &Prompt) -> Value {
    let messages: Vec<Value> = prompt
        .turns
        .iter()
        .map(|turn| json!({ "role": turn.role, "content": turn.content }))
        .collect();
    let parameters = &prompt.parameters;
    let mut body = sampling::begun(&parameters.extra);
    body["version"] = VERSION.into();
    body["stream"] = true.into();
    body["messages"] = messages.into();
    sampling::set(&mut body, "max_tokens", prompt.longest());
    sampling::plain(&mut body, parameters);
    sampling::set(&mut body, "seed", parameters.seed);
    sampling::set(&mut body, "stop", sampling::words(&parameters.stop));
    let effort = parameters.reasoning_effort.map(Effort::as_str);
    sampling::set(&mut body, "reasoning_effort", effort);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conversation_goes_out_as_it_is() {
        let prompt = Prompt {
            turns: vec![Turn {
                role: Role::User,
                content: "hi".to_owned(),
            }],
            max_tokens: Some(9),
            ..Prompt::default()
        };
        assert_eq!(
            body(&prompt),
            json!({ "version": 1, "stream": true, "max_tokens": 9,
                "messages": [{ "role": "user", "content": "hi" }] })
        );
        assert!(Agent::new(RemoteConfig::default()).is_err());
    }
}
