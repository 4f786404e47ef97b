//! What chunks of every shape are read as.

use serde_json::Value;

use super::*;
use crate::llm::{
    openai::chunk::Chunk,
    wire::{chunk::Chunk as _, notes::Notes},
};

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
    assert_eq!((notes.finish.as_ref(), notes.counts.usage()), (None, None));
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
        notes.counts.usage(),
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
    assert_eq!(
        notes.counts.usage().map(|usage| usage.completion_tokens),
        Some(2)
    );
    assert!(chunk(&json).is_answer() && chunk(&json).error().is_null());
}

#[test]
fn no_nul_reaches_the_store() {
    let json = json!({ "choices": [{ "delta": { "content": "a\0b" } }] });
    assert_eq!(
        read(&mut Notes::default(), &json),
        [text(Part::Text, "a\u{fffd}b")]
    );
}

#[test]
fn refusals_calls_and_images_are_shown_and_not_acted_on() {
    let json = json!({ "choices": [{ "delta": {
        "refusal": "I would rather not.",
        "tool_calls": [
            { "index": 0, "function": { "name": "get_weather", "arguments": "" } },
            { "index": 0, "function": { "arguments": "{\"place\"" } },
        ],
        "images": [{ "type": "image_url", "image_url": { "url": "https://evil.example/?x=secret" } }, 7],
    } }] });
    assert_eq!(
        read(&mut Notes::default(), &json),
        [
            text(Part::Reasoning, "[get_weather]\n"),
            text(Part::Text, "I would rather not."),
            text(Part::Text, "\n\n[image]\n\n"),
        ]
    );
}
