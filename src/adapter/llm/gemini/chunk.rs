//! The JSON of one event of a streamed answer, which has the form of a whole one (Gemini API reference,
//! "GenerateContentResponse"). There is no end mark: the last event has a finish reason.

use std::borrow::Cow;

use parlance_core::domain::Part;
use serde::de::{MapAccess, SeqAccess};
use serde_json::Value;

use crate::llm::wire::{
    self,
    chunk::{Counts, FILTERED, LENGTH, STOP, attachment, call, sum},
    loose::{Loose, Shape, skip, value},
};

#[derive(Debug, Default)]
pub(super) struct Chunk {
    candidates: Candidates,
    feedback: Feedback,
    usage: Tokens,
    model: String,
    error: Value,
}

impl wire::chunk::Chunk for Chunk {
    /// An image comes whole, in Base64, in one payload.
    const LONGEST: usize = 16 * 1024 * 1024;

    fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json).map(|Loose(chunk)| chunk)
    }

    fn speaks(&self) -> bool {
        let passages = &self.candidates.chosen.content.parts;
        passages.iter().any(Passage::speaks)
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn counts(&self) -> Counts {
        self.usage.counts()
    }

    fn finish_reason(&self) -> Cow<'_, str> {
        if !self.feedback.block_reason.is_empty() {
            return FILTERED.into();
        }
        match self.candidates.chosen.finish_reason.as_str() {
            "" | "FINISH_REASON_UNSPECIFIED" => "".into(),
            "STOP" => STOP.into(),
            "MAX_TOKENS" => LENGTH.into(),
            "SAFETY"
            | "RECITATION"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "MODEL_ARMOR"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION" => FILTERED.into(),
            other => other.to_lowercase().into(),
        }
    }

    fn each_text(self, mut say: impl FnMut(Part, String)) {
        for passage in self.candidates.chosen.content.parts {
            passage.each_text(&mut say);
        }
    }

    fn error(&self) -> &Value {
        &self.error
    }

    fn is_answer(&self) -> bool {
        self.candidates.listed || !self.feedback.block_reason.is_empty()
    }
}

impl<'de> Shape<'de> for Chunk {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "candidates" => self.candidates = value(members)?,
            "promptFeedback" => self.feedback = value(members)?,
            "usageMetadata" => self.usage = value(members)?,
            "modelVersion" => self.model = value(members)?,
            "error" => self.error = members.next_value()?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Candidates {
    listed: bool,
    /// The only one that was asked for.
    chosen: Candidate,
}

impl<'de> Shape<'de> for Candidates {
    fn list<A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut chosen = None;
        while let Some(Loose(candidate)) = items.next_element::<Loose<Candidate>>()? {
            let is_ours = candidate.index.unwrap_or(0) == 0;
            chosen = chosen.or_else(|| is_ours.then_some(candidate));
        }
        Ok(Self {
            listed: true,
            chosen: chosen.unwrap_or_default(),
        })
    }
}

#[derive(Debug, Default)]
struct Candidate {
    index: Option<i64>,
    content: Content,
    finish_reason: String,
}

impl<'de> Shape<'de> for Candidate {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "index" => self.index = value(members)?,
            "content" => self.content = value(members)?,
            "finishReason" => self.finish_reason = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Content {
    parts: Vec<Passage>,
}

impl<'de> Shape<'de> for Content {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "parts" => self.parts = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// A part: text, or one of the others that a model may put between.
#[derive(Debug, Default)]
struct Passage {
    text: String,
    /// The text is a summary of a thought.
    is_thought: bool,
    /// Data within the answer, or a file elsewhere.
    data: Named,
    /// A call for a tool.
    function: Named,
    /// Code that the provider runs, and what came of it.
    code: Named,
    outcome: Named,
}

impl Passage {
    fn speaks(&self) -> bool {
        let others = [&self.data, &self.function, &self.code, &self.outcome];
        !self.text.is_empty() || others.iter().any(|other| !other.is_empty())
    }

    fn each_text(self, mut say: impl FnMut(Part, String)) {
        if !self.text.is_empty() {
            let part = if self.is_thought {
                Part::Reasoning
            } else {
                Part::Text
            };
            say(part, self.text);
        }
        if !self.function.is_empty() {
            say(Part::Reasoning, call(&self.function.name));
        }
        for block in [self.code, self.outcome] {
            if !block.is_empty() {
                say(Part::Text, block.fenced());
            }
        }
        if !self.data.is_empty() {
            say(Part::Text, attachment(&self.data.name));
        }
    }
}

impl<'de> Shape<'de> for Passage {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "text" => self.text = value(members)?,
            "thought" => self.is_thought = value(members)?,
            "inlineData" | "fileData" => self.data = value(members)?,
            "functionCall" => self.function = value(members)?,
            "executableCode" => self.code = value(members)?,
            "codeExecutionResult" => self.outcome = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// An object with a name, or a kind, and perhaps a text. Data itself is not kept.
#[derive(Debug, Default)]
struct Named {
    name: String,
    text: String,
}

impl Named {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.text.is_empty()
    }

    /// As a block of code; longer fences than any within.
    fn fenced(self) -> String {
        let mut fence = "```".to_owned();
        while self.text.contains(&fence) {
            fence.push('`');
        }
        let text = self.text.trim_end();
        format!("\n\n{fence}{}\n{text}\n{fence}\n\n", self.name)
    }
}

impl<'de> Shape<'de> for Named {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "name" | "mimeType" => self.name = value(members)?,
            "language" => self.name = value::<String, A>(members)?.to_lowercase(),
            "code" | "output" => self.text = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// Of the question, if that was refused.
#[derive(Debug, Default)]
struct Feedback {
    block_reason: String,
}

impl<'de> Shape<'de> for Feedback {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "blockReason" => self.block_reason = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// Counts so far. Thoughts are no part of the candidates' count.
#[derive(Clone, Copy, Debug, Default)]
struct Tokens {
    prompt: Option<i64>,
    candidates: Option<i64>,
    thoughts: Option<i64>,
}

impl Tokens {
    fn counts(self) -> Counts {
        Counts {
            prompt: self.prompt,
            completion: sum(&[self.candidates, self.thoughts]),
        }
    }
}

impl<'de> Shape<'de> for Tokens {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "promptTokenCount" => self.prompt = value(members)?,
            "candidatesTokenCount" => self.candidates = value(members)?,
            "thoughtsTokenCount" => self.thoughts = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
