//! The pieces of an answer, out of its chunks, and what has to be known of it until the end.

use parlance_core::domain::Usage;
use parlance_server::port::llm::Piece;

use super::chunk::Chunk;

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
    pub(super) fn read(&mut self, chunk: Chunk, mut give: impl FnMut(Piece)) {
        if !self.named && !chunk.model.is_empty() {
            self.named = true;
            give(Piece::Model(word(&chunk.model)));
        }
        self.usage = chunk.usage().or(self.usage);
        if !chunk.finish_reason().is_empty() {
            self.finish = Some(word(chunk.finish_reason()));
        }
        chunk.each_text(|part, text| {
            self.has_text = true;
            let text = clean(text);
            give(Piece::Text { part, text });
        });
    }
}

/// Longest name or reason that is kept, characters.
const WORD_CHARS: usize = 200;

/// A name or reason of the provider's, which may be as long as it likes.
fn word(text: &str) -> String {
    clean(text.chars().take(WORD_CHARS).collect())
}

/// Text without U+0000, which PostgreSQL cannot store.
fn clean(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::Part;
    use serde_json::{Value, json};

    use super::*;

    fn text(part: Part, text: &str) -> Piece {
        Piece::Text {
            part,
            text: text.to_owned(),
        }
    }

    fn chunk(json: &Value) -> Chunk {
        Chunk::parse(&json.to_string()).expect("JSON")
    }

    fn read(notes: &mut Notes, json: &Value) -> Vec<Piece> {
        let mut pieces = Vec::new();
        notes.read(chunk(json), |piece| pieces.push(piece));
        pieces
    }

    #[test]
    fn names_the_model_once_and_first() {
        let mut notes = Notes::default();
        let json = json!({ "model": "m", "choices": [{ "delta": { "content": "a" } }] });
        assert_eq!(
            read(&mut notes, &json),
            [Piece::Model("m".to_owned()), text(Part::Text, "a")]
        );
        assert_eq!(read(&mut notes, &json), [text(Part::Text, "a")]);
    }

    #[test]
    fn reads_reasoning_by_either_name_but_once() {
        for delta in [
            json!({ "reasoning_content": "r", "content": null }),
            json!({ "reasoning": "r", "content": "" }),
            json!({ "reasoning_content": "r", "reasoning": "r" }),
            json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "r" }] }] }),
        ] {
            let json = json!({ "choices": [{ "delta": delta }] });
            assert!(chunk(&json).speaks());
            assert_eq!(
                read(&mut Notes::default(), &json),
                [text(Part::Reasoning, "r")],
                "{json}"
            );
        }
    }

    #[test]
    fn keeps_the_last_usage_and_reason() {
        let mut notes = Notes::default();
        read(
            &mut notes,
            &json!({ "choices": [{ "delta": {}, "finish_reason": "" }], "usage": null }),
        );
        assert_eq!((notes.finish.as_ref(), notes.usage), (None, None));
        read(
            &mut notes,
            &json!({ "choices": [{ "delta": {}, "finish_reason": "length" }] }),
        );
        read(
            &mut notes,
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
        for json in [
            json!(5),
            json!([]),
            json!({ "type": "execute", "data": { "code": "alert(1)" } }),
            json!({ "choices": 1, "model": 2, "usage": "x" }),
            json!({ "choices": [{ "index": 1, "delta": { "content": "other" } }] }),
            json!({ "choices": [{ "delta": {}, "message": { "content": "the whole again" } }] }),
            json!({ "choices": [{ "delta": { "content": 5, "tool_calls": [{}] } }] }),
        ] {
            assert!(read(&mut Notes::default(), &json).is_empty(), "{json}");
            assert!(!chunk(&json).speaks());
        }
    }

    #[test]
    fn an_odd_member_costs_nothing_but_itself() {
        let json = json!({
            "model": null,
            "usage": { "prompt_tokens": -1, "completion_tokens": 2, "prompt_tokens_details": {} },
            "choices": [
                { "index": 1, "delta": { "content": "other" } },
                { "index": "0", "delta": { "role": 1, "content": "汉\n", "logprobs": [{}] } },
                { "delta": { "content": "third" } },
            ],
        });
        let mut notes = Notes::default();
        assert_eq!(read(&mut notes, &json), [text(Part::Text, "汉\n")]);
        assert_eq!(notes.usage.map(|usage| usage.completion_tokens), Some(2));
        assert!(chunk(&json).has_choices() && chunk(&json).error.is_null());
    }

    #[test]
    fn no_nul_reaches_the_store() {
        let json = json!({ "choices": [{ "delta": { "content": "a\0b" } }] });
        assert_eq!(
            read(&mut Notes::default(), &json),
            [text(Part::Text, "a\u{fffd}b")]
        );
    }
}
