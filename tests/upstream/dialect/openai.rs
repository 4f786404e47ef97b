//! The JSON shapes of OpenAI's chat API (API reference, "Chat" and "Streaming").

use serde_json::{Value, json};

use super::{Reason, Refusal};
use crate::{ledger::since_epoch, wire::Ask};

pub(crate) fn ask(body: Value) -> Result<Ask, Refusal> {
    let ask: Ask = serde_json::from_value(body).map_err(|error| Refusal::bad(error.to_string()))?;
    if ask.messages.is_empty() {
        return Err(Refusal::bad("'messages' must not be empty."));
    }
    Ok(ask)
}

/// The fields that every part of one reply shares.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    id: String,
    created: u64,
    model: String,
    /// With `include_usage`, every chunk but the last carries `"usage": null`.
    null_usage: bool,
}

impl Envelope {
    pub(crate) fn new(ask: &Ask) -> Self {
        let now = since_epoch();
        Self {
            id: format!("chatcmpl-{:x}", now.as_nanos()),
            created: now.as_secs(),
            model: ask.model.clone(),
            null_usage: ask.wants_usage(),
        }
    }

    pub(crate) fn opening(&self) -> Value {
        self.chunk(json!({ "role": "assistant", "content": "" }), None)
    }

    pub(crate) fn said(&self, is_thought: bool, text: &str) -> Value {
        let field = if is_thought {
            "reasoning_content"
        } else {
            "content"
        };
        self.chunk(json!({ field: text }), None)
    }

    pub(crate) fn finish(&self, reason: Reason) -> Value {
        let reason = match reason {
            Reason::Stop => "stop",
            Reason::Length => "length",
            Reason::Refused => "content_filter",
            Reason::Call => "tool_calls",
        };
        self.chunk(json!({}), Some(reason))
    }

    pub(crate) fn hollow(&self) -> Vec<Value> {
        vec![
            self.chunk(json!({}), None),
            self.chunk(json!({ "content": "" }), None),
            self.chunk(json!({ "role": "assistant", "content": null }), None),
            self.event(json!([])),
        ]
    }

    pub(crate) fn call(&self) -> Vec<Value> {
        let call = |function: Value| {
            let call =
                json!({ "index": 0, "id": "call_1", "type": "function", "function": function });
            self.chunk(json!({ "tool_calls": [call] }), None)
        };
        vec![
            call(json!({ "name": "get_weather", "arguments": "" })),
            call(json!({ "arguments": "{\"place\":\"Paris\"}" })),
        ]
    }

    /// As OpenRouter has it.
    pub(crate) fn image(&self) -> Value {
        let url = json!({ "url": "data:image/png;base64,iVBORw0KGgo=" });
        let image = json!({ "type": "image_url", "image_url": url });
        self.chunk(json!({ "images": [image] }), None)
    }

    fn chunk(&self, delta: Value, finish: Option<&str>) -> Value {
        self.event(json!([{
            "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish,
        }]))
    }

    pub(crate) fn usage_chunk(&self, usage: Value) -> Value {
        let mut event = self.event(json!([]));
        event["usage"] = usage;
        event
    }

    /// A chunk with any `choices`, also none.
    fn event(&self, choices: Value) -> Value {
        let mut event = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "system_fingerprint": "fp_parlance", "choices": choices,
        });
        if self.null_usage {
            event["usage"] = Value::Null;
        }
        event
    }

    pub(crate) fn completion(&self, message: Value, finish: &str, usage: Value) -> Value {
        json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
            "system_fingerprint": "fp_parlance", "usage": usage,
            "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish }],
        })
    }
}

pub(crate) fn usage(prompt: usize, reasoning: usize, text: usize) -> Value {
    let completion = reasoning + text;
    json!({
        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
        "completion_tokens_details": { "reasoning_tokens": reasoning },
    })
}

pub(crate) fn failing() -> Value {
    let message = "The server had an error while processing your request.";
    error(message, "server_error", "server_error")
}

pub(crate) fn refused(refusal: &Refusal) -> (u16, Value) {
    let kind = match refusal.status {
        429 => "requests",
        400..500 => "invalid_request_error",
        _ => "server_error",
    };
    let body = error(&refusal.message, kind, refusal.code);
    (refusal.status, body)
}

fn error(message: &str, kind: &str, code: &str) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}
