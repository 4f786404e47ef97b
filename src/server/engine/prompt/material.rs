//! All that a prompt could be made of, and the prompts that are made of it. Pure: what is missing is fetched outside.

#[cfg(test)]
mod tests;

use parlance_core::domain::{Character, ConversationContext, Message, MessageId, Role};

use super::{
    Digest,
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
    /// The persona's.
    pub(super) system: Option<String>,
    /// The conversation's own text, behind it: what is said later and of this conversation alone weighs more, and the
    /// beginning that all conversations with a persona share stays the same for the provider's cache.
    pub(super) context: Option<String>,
    /// What the persona has the model read first.
    pub(super) presets: Vec<Turn>,
    /// Before the person's message, oldest first.
    pub(super) history: Vec<Message>,
    /// Whether there was more before that.
    pub(super) earlier: bool,
    /// `None` where it is yet to be written: such material is weighed and never sent.
    asked: Option<Message>,
    /// The kept text, and the request to go on from it.
    further: Vec<Turn>,
    prefix: Option<String>,
}

/// What of the material goes into a prompt.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The first message of the history that goes in.
    pub(super) from: usize,
    /// So many of the oldest are in the notes.
    pub(super) covered: usize,
    notes: Option<String>,
    /// So many behind those should be summed up.
    sum_up: usize,
}

impl Plan {
    /// The notes, if they go in: not while the messages themselves do.
    pub(super) fn told(&self) -> Option<&str> {
        self.notes.as_deref().filter(|_| self.from > 0)
    }
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
        let asked = Some(history.pop()?);
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
            context: None,
            presets,
            history,
            earlier: path.earlier,
            asked,
            further,
            prefix,
        })
    }

    /// Of the request that is to come: all of the path lies before its message.
    pub(super) fn ahead(character: Option<Character>, path: PathEnd) -> Self {
        let (system, presets) = character.map_or_else(Default::default, told);
        Self {
            system,
            context: None,
            presets,
            history: path.messages,
            earlier: path.earlier,
            asked: None,
            further: Vec::new(),
            prefix: None,
        }
    }

    /// As the conversation's context has it told. The message that is answered always counts: without it there is
    /// nothing to answer.
    pub(super) fn in_context(mut self, context: &ConversationContext) -> Self {
        self.history
            .retain(|message| !context.excluded.contains(&message.id));
        for message in self.history.iter_mut().chain(&mut self.asked) {
            if let Some(wording) = context.wordings.get(&message.id) {
                message.content.clone_from(wording);
            }
        }
        let text = &context.content;
        self.context = (!text.trim().is_empty()).then(|| text.clone());
        self
    }

    /// The texts that every prompt has.
    fn fixed(&self) -> impl Iterator<Item = &str> {
        let further = self.presets.iter().chain(&self.further);
        let further = further.map(|turn| turn.content.as_str());
        [
            self.system.as_deref(),
            self.context.as_deref(),
            self.asked.as_ref().map(|asked| asked.content.as_str()),
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

    /// What the person wrote.
    pub(super) fn question(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.content.as_str())
    }

    pub(super) fn ids(&self) -> Vec<MessageId> {
        self.history.iter().map(|message| message.id).collect()
    }

    /// The newest turns, behind a summary of what lies before them if there is one; and what should be summed up for the
    /// next prompt. `budget` is what the fixed texts leave.
    pub(super) fn plan(
        &self,
        sizes: &Sizes,
        budget: usize,
        summary: Option<Summary>,
        counter: &Counter,
    ) -> Plan {
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
        let is_whole = whole.from == 0 && !self.earlier;
        Plan {
            from: if is_whole { 0 } else { covered + rest.from },
            covered,
            notes,
            sum_up: rest.sum_up,
        }
    }

    /// The prompt by a plan, and what is to be summed up.
    pub(super) fn carry_out(self, plan: &Plan) -> (Prompt, Option<Digest>) {
        let digest = self.digest(plan.covered, plan.sum_up, plan.notes.as_deref());
        if plan.from > 0 || self.earlier {
            let conversation = self.asked.as_ref().map(|asked| asked.conversation_id);
            tracing::debug!(
                conversation_id = ?conversation,
                left_out = plan.from,
                summarised = plan.covered,
                earlier = self.earlier,
                "the conversation is longer than the model's window"
            );
        }
        (self.compose(plan.from, plan.told()), digest)
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
        let system = self.system.into_iter().chain(self.context).chain(notes);
        let system: Vec<String> = system.collect();
        let system = (!system.is_empty()).then(|| Turn {
            role: Role::System,
            content: system.join("\n\n"),
        });
        let history = self.history.into_iter().skip(from).filter_map(turn);
        let asked = self.asked.map(|asked| Turn {
            role: asked.role,
            content: asked.content,
        });
        Prompt {
            turns: system
                .into_iter()
                .chain(self.presets)
                .chain(history)
                .chain(asked)
                .chain(self.further)
                .collect(),
            prefix: self.prefix,
            ..Prompt::default()
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
