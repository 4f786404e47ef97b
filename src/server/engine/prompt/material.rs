//! All that a prompt could be made of, and the prompts that are made of it. Pure: what is missing is fetched outside.

#[cfg(test)]
mod tests;

use parlance_core::domain::{Character, Message, MessageId, Role};

use super::{
    Built, Digest,
    fit::{self, fit},
    tokens::{self, Counter},
};
use crate::port::{
    llm::{Prompt, Turn},
    store::{PathEnd, Summary},
};

/// Characters of the kept text that a model is reminded of.
const QUOTED: usize = 200;

/// All that a prompt could be made of.
pub(super) struct Material {
    system: Option<String>,
    /// What the persona has the model read first.
    presets: Vec<Turn>,
    /// Before the person's message, oldest first.
    pub(super) history: Vec<Message>,
    /// Whether there was more before that.
    pub(super) earlier: bool,
    asked: Message,
    /// The kept text, and the request to go on from it.
    further: Vec<Turn>,
    prefix: Option<String>,
}

/// Tokens of the material.
pub(super) struct Sizes {
    /// What is in every prompt.
    pub(super) fixed: usize,
    pub(super) history: Vec<fit::Size>,
}

impl Material {
    /// `None` when the path is empty, which no path is.
    pub(super) fn new(
        character: Option<Character>,
        path: PathEnd,
        kept: Option<&Message>,
        continues_prefix: bool,
    ) -> Option<Self> {
        let mut history = path.messages;
        let asked = history.pop()?;
        // A reply of reasoning alone has nothing to go on from: it is asked for anew.
        let kept = kept
            .map(|kept| kept.content.as_str())
            .filter(|text| !text.is_empty());
        let (further, prefix) = match kept {
            Some(text) if continues_prefix => (Vec::new(), Some(text.to_owned())),
            Some(text) => (go_on(text), None),
            None => (Vec::new(), None),
        };
        let (system, presets) = character.map_or_else(Default::default, told);
        Some(Self {
            system,
            presets,
            history,
            earlier: path.earlier,
            asked,
            further,
            prefix,
        })
    }

    /// The texts that every prompt has.
    fn fixed(&self) -> impl Iterator<Item = &str> {
        let further = self.presets.iter().chain(&self.further);
        let further = further.map(|turn| turn.content.as_str());
        [
            self.system.as_deref(),
            Some(self.asked.content.as_str()),
            self.prefix.as_deref(),
        ]
        .into_iter()
        .flatten()
        .chain(further)
    }

    /// Whether everything fits whatever its tokens are, since none is shorter than a byte.
    pub(super) fn fits_by_bytes(&self, budget: usize) -> bool {
        let history = self
            .history
            .iter()
            .map(|message| message.content.as_str())
            .filter(|text| !text.is_empty());
        let most: usize = self
            .fixed()
            .chain(history)
            .map(|text| text.len() + tokens::PER_TURN)
            .sum();
        !self.earlier && most <= budget
    }

    /// Counts, which takes its time.
    pub(super) fn sizes(&self, counter: &Counter) -> Sizes {
        Sizes {
            fixed: self.fixed().map(|text| counter.of_turn(text)).sum(),
            history: self
                .history
                .iter()
                .map(|message| fit::Size {
                    tokens: if message.content.is_empty() {
                        0
                    } else {
                        counter.of_turn(&message.content)
                    },
                    begins_turn: message.role == Role::User,
                })
                .collect(),
        }
    }

    pub(super) fn whole(self, is_first: bool) -> Built {
        Built {
            first_message: (is_first && !self.earlier).then(|| self.asked.content.clone()),
            prompt: self.compose(0, None),
            digest: None,
        }
    }

    pub(super) fn ids(&self) -> Vec<MessageId> {
        self.history.iter().map(|message| message.id).collect()
    }

    /// A prompt of the newest turns, behind a summary of what lies before them if there is one; and what should be
    /// summed up for the next. `budget` is what the fixed texts leave.
    pub(super) fn shortened(
        self,
        sizes: &Sizes,
        budget: usize,
        summary: Option<Summary>,
        counter: &Counter,
    ) -> (Prompt, Option<Digest>) {
        let whole = fit(&sizes.history, budget);
        let summary = summary.and_then(|summary| {
            let last = |message: &Message| message.id == summary.up_to;
            let last = self.history.iter().position(last)?;
            let room = budget.checked_sub(counter.of_turn(&summary.text))?;
            Some((last + 1, summary.text, room))
        });
        let (covered, notes, budget) = match summary {
            Some((covered, notes, room)) => (covered, Some(notes), room),
            None => (0, None, budget),
        };
        let rest = fit(&sizes.history[covered..], budget);
        let digest = self.digest(covered, rest.sum_up, notes.as_deref());
        if whole.from == 0 && !self.earlier {
            return (self.compose(0, None), digest);
        }
        let from = covered + rest.from;
        tracing::debug!(
            conversation_id = %self.asked.conversation_id,
            left_out = from,
            summarised = covered,
            earlier = self.earlier,
            "the conversation is longer than the model's window"
        );
        (self.compose(from, notes.as_deref()), digest)
    }

    /// The messages from `covered` on that are to be summed up, so many of them.
    fn digest(&self, covered: usize, count: usize, previous: Option<&str>) -> Option<Digest> {
        let messages = self.history.get(covered..covered + count)?;
        (!messages.is_empty()).then(|| Digest {
            previous: previous.map(str::to_owned),
            messages: messages.to_vec(),
        })
    }

    /// The prompt with the history from one message on. One system turn in front, never two: many chat templates
    /// refuse a second.
    fn compose(self, from: usize, notes: Option<&str>) -> Prompt {
        let notes = notes.map(|notes| {
            format!(
                "Notes on the earlier part of this conversation, which is left out here:\n\n{notes}"
            )
        });
        let system: Vec<String> = self.system.into_iter().chain(notes).collect();
        let system = (!system.is_empty()).then(|| Turn {
            role: Role::System,
            content: system.join("\n\n"),
        });
        let history = self.history.into_iter().skip(from).filter_map(turn);
        let asked = Turn {
            role: self.asked.role,
            content: self.asked.content,
        };
        Prompt {
            turns: system
                .into_iter()
                .chain(self.presets)
                .chain(history)
                .chain([asked])
                .chain(self.further)
                .collect(),
            prefix: self.prefix,
            max_tokens: None,
        }
    }
}

/// What a persona has the model told before the conversation. Preset messages of the system join its prompt: see
/// [`Material::compose`].
fn told(character: Character) -> (Option<String>, Vec<Turn>) {
    let (system, presets): (Vec<_>, Vec<_>) = character
        .preset_messages
        .into_iter()
        .partition(|preset| preset.role == Role::System);
    let system: Vec<String> = [character.system_prompt]
        .into_iter()
        .chain(system.into_iter().map(|preset| preset.content))
        .filter(|text| !text.trim().is_empty())
        .collect();
    let presets = presets.into_iter().map(|preset| Turn {
        role: preset.role,
        content: preset.content,
    });
    (
        (!system.is_empty()).then(|| system.join("\n\n")),
        presets.collect(),
    )
}

fn turn(message: Message) -> Option<Turn> {
    // A reply of reasoning alone has nothing that could be repeated to the model.
    (!message.content.is_empty()).then_some(Turn {
        role: message.role,
        content: message.content,
    })
}

/// The unfinished reply and the request to finish it, for models that cannot be handed the beginning of their answer.
fn go_on(kept: &str) -> Vec<Turn> {
    let start = kept
        .char_indices()
        .rev()
        .nth(QUOTED - 1)
        .map_or(0, |(at, _)| at);
    let request = format!(
        "Your reply was cut off. Go on from exactly where it ends, in the same language, format and tone. Repeat nothing \
         of it, and write no introduction or comment: your answer is joined to it as it is, in the middle of a word if \
         need be. It ends with:\n\n{}",
        &kept[start..]
    );
    let said = |role, content: String| Turn { role, content };
    vec![
        said(Role::Assistant, kept.to_owned()),
        said(Role::User, request),
    ]
}
