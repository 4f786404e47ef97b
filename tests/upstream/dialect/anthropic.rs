//! The JSON shapes of Anthropic's Messages API (Anthropic API reference, "Create a Message", "Streaming messages",
//! "Errors").

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{Breath, Reason, Refusal, Tally, text_of, unknown};
use crate::{ledger::since_epoch, wire::Ask};

/// What a request may say.
const KNOWN: &[&str] = &[
    "model",
    "max_tokens",
    "messages",
    "system",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "thinking",
    "tools",
    "tool_choice",
    "metadata",
    "service_tier",
];

pub(crate) fn ask(headers: &HeaderMap, body: &Value) -> Result<Ask, Refusal> {
    if headers.get("x-api-key").is_none() {
        let message = "x-api-key header is required";
        return Err(Refusal::new(401, "invalid_api_key", message));
    }
    if headers.get("anthropic-version").is_none() {
        return Err(Refusal::bad("anthropic-version: header is required"));
    }
    if let Some(name) = unknown(body, KNOWN) {
        return Err(Refusal::bad(format!(
            "{name}: Extra inputs are not permitted"
        )));
    }
    if body["max_tokens"].as_u64().is_none_or(|most| most == 0) {
        return Err(Refusal::bad("max_tokens: Field required"));
    }
    let mut messages = match &body["system"] {
        Value::Null => Vec::new(),
        system => vec![json!({ "role": "system", "content": system })],
    };
    for (at, message) in body["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        if !matches!(message["role"].as_str(), Some("user" | "assistant")) {
            let words = "Input should be 'user' or 'assistant'";
            return Err(Refusal::bad(format!("messages.{at}.role: {words}")));
        }
        if text_of(message).trim().is_empty() {
            return Err(Refusal::bad(
                "messages: text content blocks must be non-empty",
            ));
        }
        if at == 0 && message["role"] != "user" {
            let words = "messages: first message must use the \"user\" role";
            return Err(Refusal::bad(words));
        }
        messages.push(message.clone());
    }
    if messages.last().is_none_or(|last| last["role"] != "user") {
        return Err(Refusal::bad(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ));
    }
    Ok(Ask::new(
        body["model"].as_str().unwrap_or_default(),
        messages,
    ))
}

#[derive(Debug, Clone)]
pub(crate) struct Voice {
    model: String,
    prompt_tokens: usize,
}

impl Voice {
    pub(crate) fn new(ask: &Ask) -> Self {
        Self {
            model: ask.model.clone(),
            prompt_tokens: ask.prompt_tokens(),
        }
    }

    pub(crate) fn opening(&self) -> Vec<Value> {
        let usage = json!({
            "input_tokens": self.prompt_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "output_tokens": 1, "service_tier": "standard",
        });
        let message = json!({
            "id": format!("msg_{:x}", since_epoch().as_nanos()), "type": "message", "role": "assistant",
            "model": self.model, "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage,
        });
        vec![
            json!({ "type": "message_start", "message": message }),
            json!({ "type": "ping" }),
        ]
    }

    pub(crate) fn between(&self, last: Breath, next: Breath) -> Vec<Value> {
        let mut events = Vec::new();
        if last == Breath::Thought {
            let signature = "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl";
            let delta = json!({ "type": "signature_delta", "signature": signature });
            events.push(added(last, delta));
        }
        if last != Breath::None {
            events.push(json!({ "type": "content_block_stop", "index": index(last) }));
        }
        let block = match next {
            Breath::Thought => json!({ "type": "thinking", "thinking": "", "signature": "" }),
            Breath::Text => json!({ "type": "text", "text": "" }),
            Breath::None => return events,
        };
        events.push(begun(index(next), &block));
        events
    }

    pub(crate) fn said(&self, is_thought: bool, text: &str) -> Value {
        if is_thought {
            let delta = json!({ "type": "thinking_delta", "thinking": text });
            added(Breath::Thought, delta)
        } else {
            added(Breath::Text, json!({ "type": "text_delta", "text": text }))
        }
    }

    pub(crate) fn finish(&self, reason: Reason, tally: Tally) -> Value {
        let reason = match reason {
            Reason::Stop => "end_turn",
            Reason::Length => "max_tokens",
            Reason::Refused => "refusal",
            Reason::Call => "tool_use",
        };
        json!({
            "type": "message_delta", "delta": { "stop_reason": reason, "stop_sequence": null },
            "usage": { "output_tokens": tally.reasoning + tally.text },
        })
    }

    pub(crate) fn hollow(&self) -> Vec<Value> {
        vec![
            json!({ "type": "ping" }),
            self.said(false, ""),
            added(Breath::Text, json!({ "type": "text_delta", "text": null })),
        ]
    }

    pub(crate) fn call(&self) -> Vec<Value> {
        let tool = json!({ "type": "tool_use", "id": "toolu_01T1x1fJ34qAmk2tNTrN7Up6", "name": "get_weather", "input": {} });
        let input = |json: &str| {
            json!({ "type": "content_block_delta", "index": 2,
            "delta": { "type": "input_json_delta", "partial_json": json } })
        };
        vec![
            begun(2, &tool),
            input(""),
            input("{\"place\":"),
            input(" \"Paris\"}"),
            json!({ "type": "content_block_stop", "index": 2 }),
        ]
    }

    pub(crate) fn image(&self) -> Vec<Value> {
        let source = json!({ "type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo=" });
        vec![begun(3, &json!({ "type": "image", "source": source }))]
    }

    pub(crate) fn foreign(&self) -> Vec<Value> {
        vec![
            begun(
                4,
                &json!({ "type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix" }),
            ),
            begun(
                5,
                &json!({ "type": "something_new", "payload": { "code": "alert(1)" } }),
            ),
            added(
                Breath::Text,
                json!({ "type": "newer_delta", "value": "alert(1)" }),
            ),
            added(
                Breath::Text,
                json!({ "type": "citations_delta", "citation": { "cited_text": "…" } }),
            ),
        ]
    }
}

fn index(breath: Breath) -> usize {
    usize::from(breath == Breath::Text)
}

fn begun(index: usize, block: &Value) -> Value {
    json!({ "type": "content_block_start", "index": index, "content_block": block })
}

fn added(breath: Breath, delta: Value) -> Value {
    json!({ "type": "content_block_delta", "index": index(breath), "delta": delta })
}

pub(crate) fn refused(refusal: &Refusal) -> (u16, Value) {
    let kind = kind(refusal.status);
    let body = json!({
        "type": "error", "error": { "type": kind, "message": refusal.message },
        "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy",
    });
    (refusal.status, body)
}

/// The word that goes with a status.
pub(crate) fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..500 => "invalid_request_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        _ => "api_error",
    }
}
