//! What answers of every shape are read as.

use parlance_core::domain::Usage;
use parlance_server::port::llm::Piece;
use serde_json::json;

use super::*;
use crate::llm::wire::{chunk::Chunk as _, notes::Notes};

fn read(notes: &mut Notes, event: &Value) -> Vec<(Part, String)> {
    let mut said = Vec::new();
    let chunk = Chunk::parse(&event.to_string()).expect("JSON");
    notes.read(chunk, |piece| {
        if let Piece::Text { part, text } = piece {
            said.push((part, text));
        }
    });
    said
}

fn parts(parts: &Value) -> Vec<(Part, String)> {
    let event =
        json!({ "candidates": [{ "index": 0, "content": { "role": "model", "parts": parts } }] });
    read(&mut Notes::default(), &event)
}

fn text(text: &str) -> (Part, String) {
    (Part::Text, text.to_owned())
}

#[test]
fn thoughts_are_told_from_text_and_counted_with_it() {
    let mut notes = Notes::default();
    let event = json!({
        "candidates": [{ "content": { "role": "model", "parts": [
            { "text": "hm", "thought": true }, { "text": "Yes", "thoughtSignature": "EqQB" }, { "text": "" },
        ] }, "finishReason": "STOP", "safetyRatings": [{}] }],
        "usageMetadata": { "promptTokenCount": 3, "candidatesTokenCount": 2, "thoughtsTokenCount": 7, "totalTokenCount": 12 },
        "modelVersion": "gemini-x", "responseId": "r",
    });
    let hm = (Part::Reasoning, "hm".to_owned());
    assert_eq!(read(&mut notes, &event), [hm, text("Yes")]);
    assert_eq!(notes.finish.as_deref(), Some(STOP));
    assert_eq!(
        notes.counts.usage(),
        Some(Usage {
            prompt_tokens: 3,
            completion_tokens: 9
        })
    );
}

#[test]
fn other_parts_are_shown_and_not_acted_on() {
    assert_eq!(
        parts(&json!([
            { "functionCall": { "name": "get_weather", "args": { "place": "x" } } },
            { "inlineData": { "mimeType": "image/png", "data": "iVBORw0KGgo" } },
            { "fileData": { "mimeType": "application/pdf", "fileUri": "https://evil.example/?x=secret" } },
        ])),
        [
            (Part::Reasoning, "[get_weather]\n".to_owned()),
            text("\n\n[image/png]\n\n"),
            text("\n\n[application/pdf]\n\n"),
        ]
    );
    assert_eq!(
        parts(&json!([
            { "executableCode": { "language": "PYTHON", "code": "print('```')\n" } },
            { "codeExecutionResult": { "outcome": "OUTCOME_OK", "output": "```\n" } },
        ])),
        [
            text("\n\n````python\nprint('```')\n````\n\n"),
            text("\n\n````\n```\n````\n\n"),
        ]
    );
}

#[test]
fn the_reasons_of_the_end_have_common_names() {
    for (told, name) in [
        ("STOP", STOP),
        ("MAX_TOKENS", LENGTH),
        ("SAFETY", FILTERED),
        ("PROHIBITED_CONTENT", FILTERED),
        ("MALFORMED_FUNCTION_CALL", "malformed_function_call"),
    ] {
        let mut notes = Notes::default();
        read(
            &mut notes,
            &json!({ "candidates": [{ "finishReason": told }] }),
        );
        assert_eq!(notes.finish.as_deref(), Some(name));
    }
    let mut notes = Notes::default();
    let blocked = json!({ "promptFeedback": { "blockReason": "SAFETY" } });
    read(&mut notes, &blocked);
    assert_eq!(notes.finish.as_deref(), Some(FILTERED));
    assert!(
        Chunk::parse(&blocked.to_string())
            .expect("JSON")
            .is_answer()
    );
}

#[test]
fn odd_shapes_mean_nothing() {
    for odd in [
        json!(5),
        json!([]),
        json!({ "type": "execute", "data": { "code": "alert(1)" } }),
        json!({ "candidates": { "content": "x" }, "usageMetadata": [], "modelVersion": 1 }),
        json!({ "candidates": [{ "index": 1, "content": { "parts": [{ "text": "other" }] } }] }),
        json!({ "candidates": [{ "content": { "parts": [5, { "text": 5 }, { "functionCall": "f" }, { "new": {} }] } }] }),
    ] {
        let mut notes = Notes::default();
        assert!(read(&mut notes, &odd).is_empty(), "{odd}");
        assert_eq!((notes.finish, notes.counts.usage()), (None, None));
    }
}
