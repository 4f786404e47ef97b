//! The JSON of one event of an agent's answer (`docs/agent.md`). Its `type` says what it is; other types are for
//! agents and clients of a later day, and are passed over.

use std::borrow::Cow;

use parlance_core::domain::Part;
use serde::de::MapAccess;
use serde_json::Value;

use crate::llm::wire::{
    self,
    chunk::{Counts, STOP, call},
    loose::{Loose, Shape, skip, value},
};

#[derive(Debug, Default)]
pub(super) struct Chunk {
    kind: String,
    text: String,
    /// Of an answer that comes all at once.
    thinking: String,
    /// Of a tool.
    name: String,
    model: String,
    counts: Counts,
    reason: String,
    error: Value,
}

impl Chunk {
    fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

impl wire::chunk::Chunk for Chunk {
    fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json).map(|Loose(chunk)| chunk)
    }

    fn speaks(&self) -> bool {
        match self.kind.as_str() {
            "text" | "thinking" | "answer" => !self.text.is_empty(),
            "tool" => !self.name.is_empty(),
            _ => false,
        }
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn finish_reason(&self) -> Cow<'_, str> {
        match self.reason.as_str() {
            _ if !self.ends() => "".into(),
            "" => STOP.into(),
            reason => reason.into(),
        }
    }

    fn each_text(self, mut say: impl FnMut(Part, String)) {
        let mut say = |part, text: String| {
            if !text.is_empty() {
                say(part, text);
            }
        };
        match self.kind.as_str() {
            "text" => say(Part::Text, self.text),
            "thinking" => say(Part::Reasoning, self.text),
            "answer" => {
                say(Part::Reasoning, self.thinking);
                say(Part::Text, self.text);
            }
            "tool" if !self.name.is_empty() => say(Part::Reasoning, call(&self.name)),
            _ => {}
        }
    }

    fn error(&self) -> &Value {
        &self.error
    }

    fn ends(&self) -> bool {
        self.is("done") || self.is_answer()
    }

    fn is_answer(&self) -> bool {
        self.is("answer")
    }
}

impl<'de> Shape<'de> for Chunk {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "type" => self.kind = value(members)?,
            "text" => self.text = value(members)?,
            "thinking" => self.thinking = value(members)?,
            "name" => self.name = value(members)?,
            "model" => self.model = value(members)?,
            "prompt_tokens" => self.counts.prompt = value(members)?,
            "completion_tokens" => self.counts.completion = value(members)?,
            "reason" => self.reason = value(members)?,
            "error" => self.error = members.next_value()?,
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

    fn read(notes: &mut Notes, event: &Value) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let chunk = Chunk::parse(&event.to_string()).expect("JSON");
        notes.read(chunk, |piece| pieces.push(piece));
        pieces
    }

    fn said(part: Part, text: &str) -> Piece {
        Piece::Text {
            part,
            text: text.to_owned(),
        }
    }

    #[test]
    fn each_type_of_event_has_its_meaning_and_others_have_none() {
        let mut notes = Notes::default();
        for (event, pieces) in [
            (
                json!({ "type": "start", "model": "mine" }),
                vec![Piece::Model("mine".to_owned())],
            ),
            (
                json!({ "type": "thinking", "text": "hm" }),
                vec![said(Part::Reasoning, "hm")],
            ),
            (
                json!({ "type": "tool", "name": "search", "text": "not shown" }),
                vec![said(Part::Reasoning, "[search]\n")],
            ),
            (
                json!({ "type": "text", "text": "Yes" }),
                vec![said(Part::Text, "Yes")],
            ),
            (json!({ "type": "execute", "text": "alert(1)" }), vec![]),
            (json!({ "text": "no type" }), vec![]),
            (json!({ "type": "text", "text": 5 }), vec![]),
            (
                json!({ "type": "usage", "prompt_tokens": 3, "completion_tokens": 4 }),
                vec![],
            ),
        ] {
            assert_eq!(read(&mut notes, &event), pieces, "{event}");
            assert_eq!(notes.finish, None);
        }
        let usage = Usage {
            prompt_tokens: 3,
            completion_tokens: 4,
        };
        assert_eq!(notes.counts.usage(), Some(usage));
        for (done, reason) in [
            (json!({ "type": "done" }), "stop"),
            (json!({ "type": "done", "reason": "length" }), "length"),
        ] {
            assert!(read(&mut notes, &done).is_empty());
            assert_eq!(notes.finish.as_deref(), Some(reason));
        }
    }

    #[test]
    fn an_answer_may_come_all_at_once() {
        let answer = json!({ "type": "answer", "thinking": "hm", "text": "Yes" });
        let mut notes = Notes::default();
        let pieces = [said(Part::Reasoning, "hm"), said(Part::Text, "Yes")];
        assert_eq!(read(&mut notes, &answer), pieces);
        assert_eq!(notes.finish.as_deref(), Some("stop"));
    }
}
