//! The JSON shapes of the Gemini API (Gemini API reference, "Generating content"; `google.rpc.Status` for errors).

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{Reason, Refusal, Tally, unknown};
use crate::{ledger::since_epoch, wire::Ask};

/// What a request may say.
const KNOWN: &[&str] = &[
    "contents",
    "systemInstruction",
    "generationConfig",
    "safetySettings",
    "tools",
    "toolConfig",
    "cachedContent",
];

pub(crate) fn ask(model: &str, headers: &HeaderMap, body: &Value) -> Result<Ask, Refusal> {
    if headers.get("x-goog-api-key").is_none() {
        let message =
            "Method doesn't allow unregistered callers (callers without established identity).";
        return Err(Refusal::new(403, "forbidden", message));
    }
    if let Some(name) = unknown(body, KNOWN) {
        let message =
            format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
        return Err(Refusal::bad(message));
    }
    let mut messages = Vec::new();
    if !body["systemInstruction"].is_null() {
        let content = &body["systemInstruction"]["parts"];
        messages.push(json!({ "role": "system", "content": content }));
    }
    for content in body["contents"].as_array().into_iter().flatten() {
        let role = match content["role"].as_str() {
            Some("user") => "user",
            Some("model") => "assistant",
            _ => return Err(Refusal::bad("Please use a valid role: user, model.")),
        };
        let parts = content["parts"].as_array();
        if parts.is_none_or(|parts| {
            parts
                .iter()
                .any(|part| part["text"].as_str().is_none_or(str::is_empty))
        }) {
            let message = "Unable to submit request because it must have a text parameter.";
            return Err(Refusal::bad(message));
        }
        messages.push(json!({ "role": role, "content": content["parts"] }));
    }
    if messages.last().is_none_or(|last| last["role"] == "system") {
        return Err(Refusal::bad("contents is not specified"));
    }
    Ok(Ask::new(model, messages))
}

#[derive(Debug, Clone)]
pub(crate) struct Voice {
    model: String,
    prompt_tokens: usize,
    id: String,
}

impl Voice {
    pub(crate) fn new(ask: &Ask) -> Self {
        Self {
            model: ask.model.clone(),
            prompt_tokens: ask.prompt_tokens(),
            id: format!("{:x}", since_epoch().as_nanos()),
        }
    }

    pub(crate) fn said(&self, is_thought: bool, text: &str) -> Value {
        let mut part = json!({ "text": text });
        if is_thought {
            part["thought"] = true.into();
        }
        self.part(part)
    }

    pub(crate) fn finish(&self, reason: Reason, tally: Tally) -> Value {
        let reason = match reason {
            // A call for a tool is an ordinary end.
            Reason::Stop | Reason::Call => "STOP",
            Reason::Length => "MAX_TOKENS",
            Reason::Refused => "SAFETY",
        };
        let mut event = self.event(json!([{ "finishReason": reason, "index": 0 }]));
        // What is held back has no content at all, what ends has an empty one.
        if reason != "SAFETY" {
            event["candidates"][0]["content"] =
                json!({ "parts": [{ "text": "" }], "role": "model" });
        }
        event["usageMetadata"] = counts(tally);
        event
    }

    pub(crate) fn blocked(&self, tally: Tally) -> Value {
        let rating = json!({ "category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": true });
        json!({
            "promptFeedback": { "blockReason": "SAFETY", "safetyRatings": [rating] },
            "usageMetadata": { "promptTokenCount": tally.prompt, "totalTokenCount": tally.prompt },
            "modelVersion": self.model, "responseId": self.id,
        })
    }

    pub(crate) fn hollow(&self) -> Vec<Value> {
        vec![
            self.said(false, ""),
            self.event(json!([])),
            self.event(json!([{ "content": { "role": "model" }, "index": 0 }])),
        ]
    }

    pub(crate) fn call(&self) -> Value {
        let call = json!({ "name": "get_weather", "args": { "place": "Paris" } });
        self.part(json!({ "functionCall": call, "thoughtSignature": "CpcB" }))
    }

    pub(crate) fn image(&self) -> Value {
        self.part(json!({ "inlineData": { "mimeType": "image/png", "data": "iVBORw0KGgo=" } }))
    }

    pub(crate) fn foreign(&self) -> Value {
        self.part(json!({ "somethingNew": { "code": "alert(1)" } }))
    }

    fn part(&self, part: Value) -> Value {
        let content = json!({ "parts": [part], "role": "model" });
        self.event(json!([{ "content": content, "index": 0 }]))
    }

    fn event(&self, candidates: Value) -> Value {
        json!({
            "candidates": candidates,
            "usageMetadata": { "promptTokenCount": self.prompt_tokens, "totalTokenCount": self.prompt_tokens },
            "modelVersion": self.model, "responseId": self.id,
        })
    }
}

fn counts(tally: Tally) -> Value {
    json!({
        "promptTokenCount": tally.prompt, "candidatesTokenCount": tally.text, "thoughtsTokenCount": tally.reasoning,
        "totalTokenCount": tally.prompt + tally.text + tally.reasoning,
        "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": tally.prompt }],
    })
}

/// A key that is none is an invalid argument to Google, and 529 is nothing that it knows.
pub(crate) fn refused(refusal: &Refusal) -> (u16, Value) {
    let status = match refusal.status {
        401 => 400,
        529 => 503,
        status => status,
    };
    let name = match status {
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        400..500 => "INVALID_ARGUMENT",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    };
    let mut error = json!({ "code": status, "message": refusal.message, "status": name });
    let google = "type.googleapis.com/google.rpc";
    if refusal.status == 401 {
        error["details"] = json!([{ "@type": format!("{google}.ErrorInfo"), "reason": "API_KEY_INVALID",
            "domain": "googleapis.com", "metadata": { "service": "generativelanguage.googleapis.com" } }]);
    }
    if let Some(wait) = refusal.wait {
        error["details"] = json!([
            { "@type": format!("{google}.QuotaFailure"), "violations": [] },
            { "@type": format!("{google}.RetryInfo"), "retryDelay": format!("{wait}s") },
        ]);
    }
    (status, json!({ "error": error }))
}
