//! One table of behaviours, and every kind of provider that is asked over HTTP against it, over real sockets:
//! `parlance_upstream`'s model names say how it behaves, each kind in its own wire format.

mod table;
mod views;

use std::time::Duration;

use futures::StreamExt;
use parlance_core::domain::{Part, ProblemCode, Role, Usage};
use parlance_server::port::llm::{Llm, LlmError, Piece, Pieces, Prompt, Turn};
use parlance_upstream::Upstream;

use super::{Agent, Anthropic, Gemini, OpenAi, OpenAiConfig, Prefix, RemoteConfig, Timeouts};

pub(super) const KEY: &str = "sk-canary-1234567890abcdef";

/// Patience that tests can wait for.
pub(super) fn haste() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_millis(400),
        gap: Duration::from_millis(400),
    }
}

pub(super) fn prompt() -> Prompt {
    saying("Hello, 世界")
}

/// A person's words, behind the system's.
fn saying(words: &str) -> Prompt {
    let turn = |role, content: &str| Turn {
        role,
        content: content.to_owned(),
    };
    Prompt {
        turns: vec![turn(Role::System, "Be brief."), turn(Role::User, words)],
        ..Prompt::default()
    }
}

/// The kinds, by name.
const KINDS: [&str; 4] = ["openai", "anthropic", "gemini", "agent"];

/// Patience that a busy machine does not try; with a provider that falls silent, what a test can wait for.
fn patience(model: Option<&str>) -> Timeouts {
    let is_silent = model.is_some_and(|model| model.contains("stall"));
    let wait = Duration::from_millis(if is_silent { 1_000 } else { 10_000 });
    Timeouts {
        first_byte: wait,
        gap: wait,
        ..haste()
    }
}

/// One of them, asking the test provider; without a model the first that it lists.
fn of_kind(kind: &str, upstream: &Upstream, model: Option<&str>) -> Box<dyn Llm> {
    let remote = |base_url: String| RemoteConfig {
        api_key: Some(KEY.into()),
        base_url: Some(base_url),
        model: model.map(str::to_owned),
        context_tokens: None,
        timeouts: patience(model),
        guard: None,
    };
    let sound = "a sound configuration";
    match kind {
        "openai" => {
            let config = OpenAiConfig {
                remote: remote(upstream.base_url()),
                prefix: Prefix::ByHost,
            };
            Box::new(OpenAi::new(config).expect(sound))
        }
        "anthropic" => Box::new(Anthropic::new(remote(upstream.anthropic_url())).expect(sound)),
        "gemini" => Box::new(Gemini::new(remote(upstream.gemini_url())).expect(sound)),
        _ => Box::new(Agent::new(remote(upstream.agent_url())).expect(sound)),
    }
}

/// All that came of one question.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) text: String,
    pub(super) reasoning: String,
    pub(super) model: Option<String>,
    pub(super) usage: Option<Usage>,
    pub(super) finish: Option<String>,
    pub(super) error: Option<LlmError>,
}

impl Outcome {
    pub(super) async fn of(llm: &dyn Llm) -> Self {
        Self::of_prompt(llm, prompt()).await
    }

    async fn of_prompt(llm: &dyn Llm, prompt: Prompt) -> Self {
        let mut outcome = Self::default();
        match llm.ask(prompt).await {
            Ok(pieces) => outcome.gather(pieces).await,
            Err(error) => outcome.error = Some(error),
        }
        if let Some(error) = &outcome.error {
            assert!(!error.detail.contains("canary"), "{}", error.detail);
            assert!(error.detail.chars().count() <= 300 && !error.detail.is_empty());
        }
        outcome
    }

    pub(super) async fn gather(&mut self, mut pieces: Pieces) {
        while let Some(piece) = pieces.next().await {
            assert!(
                self.finish.is_none() && self.error.is_none(),
                "nothing follows the end"
            );
            match piece {
                Ok(Piece::Text {
                    part: Part::Reasoning,
                    text,
                }) => self.reasoning.push_str(&text),
                Ok(Piece::Text { text, .. }) => self.text.push_str(&text),
                Ok(Piece::Model(model)) => self.model = Some(model),
                Ok(Piece::Usage(usage)) => self.usage = Some(usage),
                Ok(Piece::Finish(reason)) => self.finish = Some(reason),
                Err(error) => self.error = Some(error),
            }
        }
    }

    pub(super) fn words(&self) -> usize {
        let mut count = 0;
        for word in self
            .text
            .split_whitespace()
            .filter(|word| word.starts_with('w'))
        {
            count += 1;
            assert!(
                word.starts_with(&format!("w{count}@")),
                "{word} is not number {count}"
            );
        }
        count
    }

    pub(super) fn code(&self) -> Option<ProblemCode> {
        self.error.as_ref().map(|error| error.code)
    }
}
