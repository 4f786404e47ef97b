//! The JSON of one event of a streamed message, and of a whole one (Anthropic API reference, "Streaming messages").
//! An event says by its own `type` what it is; the name that the stream gives it is not looked at.

use std::borrow::Cow;

use parlance_core::domain::Part;
use serde::de::MapAccess;
use serde_json::Value;

use crate::llm::wire::{
    self,
    chunk::{CALLS, Counts, FILTERED, LENGTH, STOP, attachment, call, sum},
    loose::{Loose, Shape, skip, value},
};

/// One event: members of all kinds, of which each has its own few.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    kind: String,
    /// Of `message_start`.
    message: Head,
    /// Of `content_block_start`.
    content_block: Block,
    /// Of `content_block_delta` and `message_delta`.
    delta: Delta,
    /// Of `message_delta`.
    usage: Tokens,
    /// Of `error`.
    error: Value,
    /// Of a message that comes all at once: its blocks, and what else a `message_start` has.
    content: Vec<Block>,
    model: String,
    stop_reason: String,
}

impl wire::chunk::Chunk for Chunk {
    fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json).map(|Loose(chunk)| chunk)
    }

    fn speaks(&self) -> bool {
        let blocks = || self.content.iter().chain([&self.content_block]);
        self.delta.speaks() || blocks().any(Block::speaks)
    }

    fn model(&self) -> &str {
        if self.model.is_empty() {
            &self.message.model
        } else {
            &self.model
        }
    }

    fn counts(&self) -> Counts {
        self.usage.counts().over(self.message.usage.counts())
    }

    fn finish_reason(&self) -> Cow<'_, str> {
        let told = if self.stop_reason.is_empty() {
            &self.delta.stop_reason
        } else {
            &self.stop_reason
        };
        Cow::Borrowed(match told.as_str() {
            "end_turn" | "stop_sequence" => STOP,
            "max_tokens" | "model_context_window_exceeded" => LENGTH,
            "tool_use" => CALLS,
            "refusal" => FILTERED,
            other => other,
        })
    }

    fn each_text(self, mut say: impl FnMut(Part, String)) {
        let mut say = |part, text: String| {
            if !text.is_empty() {
                say(part, text);
            }
        };
        for block in self.content.into_iter().chain([self.content_block]) {
            block.each_text(&mut say);
        }
        say(Part::Reasoning, self.delta.thinking);
        say(Part::Text, self.delta.text);
    }

    fn error(&self) -> &Value {
        &self.error
    }

    fn ends(&self) -> bool {
        self.kind == "message_stop"
    }

    fn is_answer(&self) -> bool {
        self.kind == "message"
    }
}

impl<'de> Shape<'de> for Chunk {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "type" => self.kind = value(members)?,
            "message" => self.message = value(members)?,
            "content_block" => self.content_block = value(members)?,
            "delta" => self.delta = value(members)?,
            "usage" => self.usage = value(members)?,
            "error" => self.error = members.next_value()?,
            "content" => self.content = value(members)?,
            "model" => self.model = value(members)?,
            "stop_reason" => self.stop_reason = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Head {
    model: String,
    usage: Tokens,
}

impl<'de> Shape<'de> for Head {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "model" => self.model = value(members)?,
            "usage" => self.usage = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// The beginning of a block, or all of it: text, a thought, a call for a tool, or something newer.
#[derive(Debug, Default)]
struct Block {
    kind: String,
    text: String,
    thinking: String,
    /// Of a tool.
    name: String,
}

impl Block {
    fn is_call(&self) -> bool {
        matches!(self.kind.as_str(), "tool_use" | "server_tool_use") && !self.name.is_empty()
    }

    fn is_image(&self) -> bool {
        self.kind == "image"
    }

    fn speaks(&self) -> bool {
        !self.text.is_empty() || !self.thinking.is_empty() || self.is_call() || self.is_image()
    }

    fn each_text(self, mut say: impl FnMut(Part, String)) {
        if self.is_call() {
            say(Part::Reasoning, call(&self.name));
        }
        if self.is_image() {
            say(Part::Text, attachment("image"));
        }
        say(Part::Reasoning, self.thinking);
        say(Part::Text, self.text);
    }
}

impl<'de> Shape<'de> for Block {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "type" => self.kind = value(members)?,
            "text" => self.text = value(members)?,
            "thinking" => self.thinking = value(members)?,
            "name" => self.name = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// What is added to a block (`text_delta`, `thinking_delta`; pieces of a tool's input and signatures have other
/// members), or to the message.
#[derive(Debug, Default)]
struct Delta {
    text: String,
    thinking: String,
    stop_reason: String,
}

impl Delta {
    fn speaks(&self) -> bool {
        !self.text.is_empty() || !self.thinking.is_empty()
    }
}

impl<'de> Shape<'de> for Delta {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "text" => self.text = value(members)?,
            "thinking" => self.thinking = value(members)?,
            "stop_reason" => self.stop_reason = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// Counts so far. What was read from, or written into, the prompt cache is no part of `input_tokens`.
#[derive(Clone, Copy, Debug, Default)]
struct Tokens {
    input: Option<i64>,
    cache_read: Option<i64>,
    cache_written: Option<i64>,
    output: Option<i64>,
}

impl Tokens {
    fn counts(self) -> Counts {
        Counts {
            prompt: sum(&[self.input, self.cache_read, self.cache_written]),
            completion: self.output,
        }
    }
}

impl<'de> Shape<'de> for Tokens {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "input_tokens" => self.input = value(members)?,
            "cache_read_input_tokens" => self.cache_read = value(members)?,
            "cache_creation_input_tokens" => self.cache_written = value(members)?,
            "output_tokens" => self.output = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::Usage;
    use parlance_server::port::llm::Piece;
    use serde_json::json;

    use super::*;
    use crate::llm::wire::{chunk::Chunk as _, notes::Notes};

    fn read(notes: &mut Notes, events: &[Value]) -> Vec<(Part, String)> {
        let mut said = Vec::new();
        for event in events {
            let chunk = Chunk::parse(&event.to_string()).expect("JSON");
            notes.read(chunk, |piece| {
                if let Piece::Text { part, text } = piece {
                    said.push((part, text));
                }
            });
        }
        said
    }

    fn text(text: &str) -> (Part, String) {
        (Part::Text, text.to_owned())
    }

    #[test]
    fn reads_thoughts_text_and_counts_over_the_events_of_a_message() {
        let block = |start: Value| json!({ "type": "content_block_start", "index": 0, "content_block": start });
        let delta =
            |delta: Value| json!({ "type": "content_block_delta", "index": 0, "delta": delta });
        let events = [
            json!({ "type": "message_start", "message": {
                "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": [], "stop_reason": null,
                "usage": { "input_tokens": 20, "cache_read_input_tokens": 5, "output_tokens": 1 },
            } }),
            block(json!({ "type": "thinking", "thinking": "", "signature": "" })),
            json!({ "type": "ping" }),
            delta(json!({ "type": "thinking_delta", "thinking": "hm" })),
            delta(json!({ "type": "signature_delta", "signature": "EqQBCgIYAhIM" })),
            block(json!({ "type": "redacted_thinking", "data": "EmwKAhgBEgy" })),
            block(json!({ "type": "text", "text": "" })),
            delta(json!({ "type": "text_delta", "text": "Yes" })),
            block(
                json!({ "type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {} }),
            ),
            delta(json!({ "type": "input_json_delta", "partial_json": "{\"a\":" })),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use", "stop_sequence": null },
                "usage": { "output_tokens": 15 } }),
        ];
        let mut notes = Notes::default();
        assert_eq!(
            read(&mut notes, &events),
            [
                (Part::Reasoning, "hm".to_owned()),
                text("Yes"),
                (Part::Reasoning, "[get_weather]\n".to_owned()),
            ]
        );
        assert_eq!(notes.finish.as_deref(), Some(CALLS));
        assert_eq!(
            notes.counts.usage(),
            Some(Usage {
                prompt_tokens: 25,
                completion_tokens: 15
            })
        );
    }

    #[test]
    fn the_reasons_of_the_end_have_common_names() {
        for (told, name) in [
            ("end_turn", STOP),
            ("stop_sequence", STOP),
            ("max_tokens", LENGTH),
            ("model_context_window_exceeded", LENGTH),
            ("refusal", FILTERED),
            ("pause_turn", "pause_turn"),
        ] {
            let event = json!({ "type": "message_delta", "delta": { "stop_reason": told } });
            let mut notes = Notes::default();
            read(&mut notes, &[event]);
            assert_eq!(notes.finish.as_deref(), Some(name));
        }
    }

    #[test]
    fn a_whole_message_is_an_answer_and_odd_shapes_mean_nothing() {
        let whole = json!({ "type": "message", "model": "claude-x", "stop_reason": "end_turn",
            "content": [{ "type": "text", "text": "All at once" }], "usage": { "input_tokens": 1, "output_tokens": 2 } });
        assert!(Chunk::parse(&whole.to_string()).expect("JSON").is_answer());
        let mut notes = Notes::default();
        assert_eq!(read(&mut notes, &[whole]), [text("All at once")]);
        assert_eq!(notes.finish.as_deref(), Some(STOP));
        for odd in [
            json!(5),
            json!([{ "type": "message_stop" }]),
            json!({ "type": "execute", "code": "alert(1)", "data": { "text": "x" } }),
            json!({ "type": "content_block_delta", "delta": "text" }),
            json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": 7 } }),
            json!({ "type": "message_delta", "usage": 1, "delta": { "stop_reason": null } }),
        ] {
            let mut notes = Notes::default();
            assert!(
                read(&mut notes, std::slice::from_ref(&odd)).is_empty(),
                "{odd}"
            );
            assert_eq!(notes.finish, None);
            assert!(!Chunk::parse(&odd.to_string()).expect("JSON").ends());
        }
    }
}
