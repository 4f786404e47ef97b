//! The JSON shapes of an agent, as `docs/agent.md` has them.

use serde_json::{Value, json};

use super::{Reason, Refusal, Tally, anthropic, unknown};
use crate::wire::Ask;

const KNOWN: &[&str] = &[
    "version",
    "stream",
    "messages",
    "max_tokens",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "stop",
    "seed",
    "reasoning_effort",
];

pub(crate) fn ask(body: &Value) -> Result<Ask, Refusal> {
    if body["version"] != 1 || body["stream"] != true {
        return Err(Refusal::bad(
            "version 1, streamed, is all that is spoken here",
        ));
    }
    if let Some(name) = unknown(body, KNOWN) {
        return Err(Refusal::bad(format!("{name} is not known")));
    }
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    if messages.last().is_none_or(|last| last["role"] != "user") {
        return Err(Refusal::bad("nothing is asked"));
    }
    // An agent is not told which model it shall be.
    Ok(Ask::new(crate::routes::AS_SAID, messages))
}

pub(crate) fn opening() -> Value {
    json!({ "type": "start", "model": "an-agent" })
}

pub(crate) fn said(is_thought: bool, text: &str) -> Value {
    let kind = if is_thought { "thinking" } else { "text" };
    json!({ "type": kind, "text": text })
}

pub(crate) fn finish(reason: Reason, tally: Tally) -> Vec<Value> {
    let reason = match reason {
        Reason::Stop => "stop",
        Reason::Length => "length",
        Reason::Refused => "content_filter",
        Reason::Call => "tool_calls",
    };
    vec![
        json!({ "type": "usage", "prompt_tokens": tally.prompt, "completion_tokens": tally.reasoning + tally.text }),
        json!({ "type": "done", "reason": reason }),
    ]
}

pub(crate) fn hollow() -> Vec<Value> {
    vec![
        json!({}),
        json!({ "type": "text", "text": "" }),
        json!({ "type": "text" }),
    ]
}

pub(crate) fn call() -> Value {
    json!({ "type": "tool", "name": "get_weather", "input": { "place": "Paris" } })
}

pub(crate) fn failing() -> Value {
    json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Too much to do" } })
}

pub(crate) fn refused(refusal: &Refusal) -> (u16, Value) {
    let kind = anthropic::kind(refusal.status);
    let body = json!({ "error": { "type": kind, "message": refusal.message } });
    (refusal.status, body)
}
