//! One chunk of a streamed completion to pieces (OpenAI API reference, "Chat completion chunk", and
//! what other providers made of it). Read as plain JSON: typed chunks know no reasoning and fail as a
//! whole on one odd field. Only the fields named here have a meaning; whatever else a provider sends is
//! passed over.

use parlance_core::domain::{Part, Usage};
use parlance_server::port::llm::Piece;
use serde_json::Value;

/// What is known of the answer so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    named: bool,
    pub(super) has_text: bool,
    /// The last counts seen: some providers repeat them in every chunk.
    pub(super) usage: Option<Usage>,
    /// The last reason seen: some providers repeat it, and text may follow it.
    pub(super) finish: Option<String>,
}

impl Notes {
    /// Notes what a chunk says, and gives its pieces.
    pub(super) fn read(&mut self, chunk: &Value) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let model = chunk["model"].as_str().filter(|model| !model.is_empty());
        if let Some(model) = model.filter(|_| !self.named) {
            self.named = true;
            pieces.push(Piece::Model(word(model)));
        }
        if let Some(usage) = usage(&chunk["usage"]) {
            self.usage = Some(usage);
        }
        if let Some(choice) = choice(chunk) {
            let texts = texts(choice);
            self.has_text |= !texts.is_empty();
            let texts = texts.into_iter().map(|(part, text)| Piece::Text {
                part,
                text: clean(text),
            });
            pieces.extend(texts);
            if let Some(reason) = choice["finish_reason"]
                .as_str()
                .filter(|reason| !reason.is_empty())
            {
                self.finish = Some(word(reason));
            }
        }
        pieces
    }
}

/// Whether a chunk holds text, reasoning included.
pub(super) fn speaks(chunk: &Value) -> bool {
    choice(chunk).is_some_and(|choice| !texts(choice).is_empty())
}

/// The only choice that was asked for.
fn choice(chunk: &Value) -> Option<&Value> {
    let choices = chunk["choices"].as_array()?;
    choices
        .iter()
        .find(|choice| choice["index"].as_u64().unwrap_or(0) == 0)
}

fn texts(choice: &Value) -> Vec<(Part, &str)> {
    // A provider that does not stream answers with a whole message.
    let delta = choice
        .get("delta")
        .filter(|delta| delta.is_object())
        .unwrap_or(&choice["message"]);
    let mut texts = Vec::new();
    // DeepSeek, DashScope and vLLM say `reasoning_content`, Ollama and OpenRouter `reasoning`; who
    // sends both repeats himself.
    let thought = ["reasoning_content", "reasoning"]
        .iter()
        .find_map(|name| said(&delta[name]));
    texts.extend(thought.map(|text| (Part::Reasoning, text)));
    texts.extend(said(&delta["content"]).map(|text| (Part::Text, text)));
    // Mistral's reasoning models send parts.
    for part in delta["content"].as_array().into_iter().flatten() {
        texts.extend(said(&part["text"]).map(|text| (Part::Text, text)));
        let thoughts = part["thinking"].as_array().into_iter().flatten();
        texts.extend(
            thoughts
                .filter_map(|thought| said(&thought["text"]))
                .map(|text| (Part::Reasoning, text)),
        );
    }
    texts
}

fn said(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// Longest name or reason that is kept, characters.
const WORD_CHARS: usize = 200;

/// A name or reason of the provider's, which may be as long as it likes.
fn word(text: &str) -> String {
    clean(text).chars().take(WORD_CHARS).collect()
}

/// Text without U+0000, which PostgreSQL cannot store.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn usage(value: &Value) -> Option<Usage> {
    let count = |name: &str| value[name].as_i64().filter(|count| *count >= 0);
    let (prompt, completion) = (count("prompt_tokens"), count("completion_tokens"));
    (prompt.is_some() || completion.is_some()).then(|| Usage {
        prompt_tokens: prompt.unwrap_or(0),
        completion_tokens: completion.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(part: Part, text: &str) -> Piece {
        Piece::Text {
            part,
            text: text.to_owned(),
        }
    }

    #[test]
    fn names_the_model_once_and_first() {
        let mut notes = Notes::default();
        let chunk = json!({ "model": "m", "choices": [{ "delta": { "content": "a" } }] });
        assert_eq!(
            notes.read(&chunk),
            [Piece::Model("m".to_owned()), text(Part::Text, "a")]
        );
        assert_eq!(notes.read(&chunk), [text(Part::Text, "a")]);
    }

    #[test]
    fn reads_reasoning_by_either_name_but_once() {
        for delta in [
            json!({ "reasoning_content": "r", "content": null }),
            json!({ "reasoning": "r", "content": "" }),
            json!({ "reasoning_content": "r", "reasoning": "r" }),
            json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "r" }] }] }),
        ] {
            let chunk = json!({ "choices": [{ "delta": delta }] });
            assert!(speaks(&chunk));
            assert_eq!(
                Notes::default().read(&chunk),
                [text(Part::Reasoning, "r")],
                "{chunk}"
            );
        }
    }

    #[test]
    fn keeps_the_last_usage_and_reason() {
        let mut notes = Notes::default();
        notes.read(&json!({ "choices": [{ "delta": {}, "finish_reason": "" }], "usage": null }));
        assert_eq!((notes.finish.as_ref(), notes.usage), (None, None));
        notes.read(&json!({ "choices": [{ "delta": {}, "finish_reason": "length" }] }));
        notes.read(
            &json!({ "choices": [], "usage": { "prompt_tokens": 3, "completion_tokens": 4 } }),
        );
        assert_eq!(notes.finish.as_deref(), Some("length"));
        assert_eq!(
            notes.usage,
            Some(Usage {
                prompt_tokens: 3,
                completion_tokens: 4
            })
        );
    }

    #[test]
    fn odd_shapes_mean_nothing() {
        for chunk in [
            json!(5),
            json!([]),
            json!({ "type": "execute", "data": { "code": "alert(1)" } }),
            json!({ "choices": 1, "model": 2, "usage": "x" }),
            json!({ "choices": [{ "index": 1, "delta": { "content": "other" } }] }),
            json!({ "choices": [{ "delta": { "content": 5, "tool_calls": [{}] } }] }),
        ] {
            assert!(Notes::default().read(&chunk).is_empty(), "{chunk}");
            assert!(!speaks(&chunk));
        }
    }

    #[test]
    fn no_nul_reaches_the_store() {
        let chunk = json!({ "choices": [{ "delta": { "content": "a\0b" } }] });
        assert_eq!(
            Notes::default().read(&chunk),
            [text(Part::Text, "a\u{fffd}b")]
        );
    }
}
