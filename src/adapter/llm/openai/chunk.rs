//! The JSON of one chunk of a streamed completion (OpenAI API reference, "Chat completion chunk", and
//! what other providers made of it). Only the members named here have a meaning; whatever else a
//! provider sends is passed over, and one odd member never costs the rest of its chunk.

use std::borrow::Cow;

use parlance_core::domain::Part;
use serde::de::{MapAccess, SeqAccess};
use serde_json::Value;

use crate::llm::wire::{
    self,
    chunk::{Counts, attachment, call},
    loose::{Loose, Shape, skip, value},
};

/// One chunk, as far as it means something. Other providers' whole answers have this form too.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    model: String,
    usage: Tokens,
    choices: Choices,
    error: Value,
}

impl wire::chunk::Chunk for Chunk {
    fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json).map(|Loose(chunk)| chunk)
    }

    fn speaks(&self) -> bool {
        let choice = &self.choices.chosen;
        choice.delta.as_ref().unwrap_or(&choice.message).speaks()
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn counts(&self) -> Counts {
        self.usage.0
    }

    fn finish_reason(&self) -> Cow<'_, str> {
        self.choices.chosen.finish_reason.as_str().into()
    }

    fn each_text(self, say: impl FnMut(Part, String)) {
        let choice = self.choices.chosen;
        choice.delta.unwrap_or(choice.message).each_text(say);
    }

    fn error(&self) -> &Value {
        &self.error
    }

    /// A list of choices, empty or not, is one.
    fn is_answer(&self) -> bool {
        self.choices.listed
    }
}

impl<'de> Shape<'de> for Chunk {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "model" => self.model = value(members)?,
            "usage" => self.usage = value(members)?,
            "choices" => self.choices = value(members)?,
            "error" => self.error = members.next_value()?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Choices {
    listed: bool,
    /// The only choice that was asked for.
    chosen: Choice,
}

impl<'de> Shape<'de> for Choices {
    fn list<A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut chosen = None;
        while let Some(Loose(choice)) = items.next_element::<Loose<Choice>>()? {
            let is_ours = choice.index.unwrap_or(0) == 0;
            chosen = chosen.or_else(|| is_ours.then_some(choice));
        }
        Ok(Self {
            listed: true,
            chosen: chosen.unwrap_or_default(),
        })
    }
}

#[derive(Debug, Default)]
struct Choice {
    index: Option<i64>,
    finish_reason: String,
    delta: Option<Said>,
    /// Of a provider that does not stream, the whole message.
    message: Said,
}

impl<'de> Shape<'de> for Choice {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "index" => self.index = value(members)?,
            "finish_reason" => self.finish_reason = value(members)?,
            "delta" => self.delta = value(members)?,
            "message" => self.message = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// A delta or message.
#[derive(Debug, Default)]
struct Said {
    /// DeepSeek, DashScope and vLLM say `reasoning_content`, Ollama and OpenRouter `reasoning`; who
    /// sends both repeats himself.
    reasoning_content: String,
    reasoning: String,
    content: Content,
    /// In place of the content, where a form was asked for that the model would not fill.
    refusal: String,
    tool_calls: Vec<Call>,
    images: Vec<Image>,
}

impl Said {
    fn speaks(&self) -> bool {
        !self.reasoning_content.is_empty()
            || !self.reasoning.is_empty()
            || !self.refusal.is_empty()
            || self.tool_calls.iter().any(|call| !call.name.is_empty())
            || match &self.content {
                Content::Text(text) => !text.is_empty(),
                Content::Passages(passages) => passages.iter().any(Passage::speaks),
            }
    }

    fn each_text(self, mut say: impl FnMut(Part, String)) {
        let mut say = |part, text: String| {
            if !text.is_empty() {
                say(part, text);
            }
        };
        let thought = if self.reasoning_content.is_empty() {
            self.reasoning
        } else {
            self.reasoning_content
        };
        say(Part::Reasoning, thought);
        for call in self.tool_calls.into_iter().filter(|it| !it.name.is_empty()) {
            say(Part::Reasoning, self::call(&call.name));
        }
        say(Part::Text, self.refusal);
        match self.content {
            Content::Text(text) => say(Part::Text, text),
            Content::Passages(passages) => {
                for passage in passages {
                    say(Part::Text, passage.text);
                    for thought in passage.thinking {
                        say(Part::Reasoning, thought.text);
                    }
                }
            }
        }
        for _ in self.images.iter().filter(|image| image.is_one) {
            say(Part::Text, attachment("image"));
        }
    }
}

impl<'de> Shape<'de> for Said {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "reasoning_content" => self.reasoning_content = value(members)?,
            "reasoning" => self.reasoning = value(members)?,
            "content" => self.content = value(members)?,
            "refusal" => self.refusal = value(members)?,
            "tool_calls" => self.tool_calls = value(members)?,
            "images" => self.images = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

impl<'de> Shape<'de> for Option<Said> {
    fn object() -> Self {
        Some(Said::default())
    }

    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        self.get_or_insert_default().member(name, members)
    }
}

#[derive(Debug)]
enum Content {
    Text(String),
    /// Of Mistral's reasoning models.
    Passages(Vec<Passage>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl<'de> Shape<'de> for Content {
    fn text(text: Cow<'de, str>) -> Self {
        Self::Text(text.into_owned())
    }

    fn list<A: SeqAccess<'de>>(items: A) -> Result<Self, A::Error> {
        Vec::list(items).map(Self::Passages)
    }
}

#[derive(Debug, Default)]
struct Passage {
    text: String,
    /// Passages that hold text alone.
    thinking: Vec<Passage>,
}

impl Passage {
    fn speaks(&self) -> bool {
        !self.text.is_empty() || self.thinking.iter().any(|thought| !thought.text.is_empty())
    }
}

impl<'de> Shape<'de> for Passage {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "text" => self.text = value(members)?,
            "thinking" => self.thinking = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Tokens(Counts);

impl<'de> Shape<'de> for Tokens {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "prompt_tokens" => self.0.prompt = value(members)?,
            "completion_tokens" => self.0.completion = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// A call for a tool. Its arguments come in pieces, and mean nothing to us.
#[derive(Debug, Default)]
struct Call {
    /// In the first piece alone.
    name: String,
}

impl<'de> Shape<'de> for Call {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "function" => self.name = value::<Named, A>(members)?.0,
            _ => skip(members)?,
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Named(String);

impl<'de> Shape<'de> for Named {
    fn member<A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "name" => self.0 = value(members)?,
            _ => skip(members)?,
        }
        Ok(())
    }
}

/// An image in an answer (OpenRouter, "Image generation"): it is named and not loaded.
#[derive(Debug, Default)]
struct Image {
    is_one: bool,
}

impl<'de> Shape<'de> for Image {
    fn object() -> Self {
        Self { is_one: true }
    }
}
