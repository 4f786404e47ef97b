//! The body of a question (Anthropic API reference, "Create a Message").

use parlance_server::port::llm::Prompt;
use serde_json::{Value, json};

use crate::llm::wire::{sampling, turns::Taken};

/// Tokens of the longest answer, which must be given: more than any answer in a conversation has, and no more than
/// every model of Anthropic's that is offered today can.
const LONGEST: u32 = 32_000;
/// The same for models of others that are asked in this format: they refuse what is more than they can.
const OF_OTHERS: u32 = 8_192;
/// Beginnings of names whose models can less (Anthropic, "Models overview" of their time).
const SHORTER: &[(&str, u32)] = &[
    ("claude-3-7", LONGEST),
    ("claude-3-5", 8_192),
    ("claude-3", 4_096),
    ("claude-2", 4_096),
    ("claude-instant", 4_096),
];
/// The highest temperature that is taken.
const WARMEST: f64 = 1.0;
/// An answer always has this much room: where the estimate leaves less, the provider is the judge.
const LEAST: u32 = 1_024;
/// Bytes of a token: fewer than there are on average, so that a prompt is rather taken for longer than it is.
const BYTES_PER_TOKEN: usize = 3;

/// The JSON that is sent. Tokens of prompt and answer together must fit the `window`.
pub(super) fn body(prompt: &Prompt, model: &str, window: u32) -> Value {
    let taken = Taken::of(&prompt.turns);
    let messages: Vec<Value> = taken
        .turns
        .iter()
        .map(|(is_model, texts)| {
            let role = if *is_model { "assistant" } else { "user" };
            json!({ "role": role, "content": content(texts) })
        })
        .collect();
    let parameters = &prompt.parameters;
    let thoughts = parameters
        .reasoning_effort
        .map(sampling::thoughts)
        .filter(|tokens| *tokens > 0);
    let most = match (prompt.longest(), thoughts) {
        // Thoughts count towards the longest answer, and must leave room for one.
        (Some(most), Some(thoughts)) => most.saturating_add(thoughts),
        (Some(most), None) => most,
        (None, thoughts) => longest(model)
            .min(room(prompt, window))
            .max(thoughts.map_or(0, |thoughts| thoughts + LEAST)),
    };
    let mut body = sampling::begun(&parameters.extra);
    body["model"] = model.into();
    body["max_tokens"] = most.into();
    body["stream"] = true.into();
    body["messages"] = messages.into();
    sampling::set(
        &mut body,
        "stop_sequences",
        sampling::words(&parameters.stop),
    );
    match thoughts {
        // A model that thinks takes no temperature.
        Some(tokens) => {
            body["thinking"] = json!({ "type": "enabled", "budget_tokens": tokens });
        }
        None => {
            let temperature = parameters.temperature.map(|warm| warm.min(WARMEST));
            sampling::set(&mut body, "temperature", temperature);
            sampling::set(&mut body, "top_p", parameters.top_p);
        }
    }
    if !taken.system.is_empty() {
        body["system"] = taken.system.into();
    }
    body
}

fn content(texts: &[&str]) -> Value {
    match texts {
        [text] => (*text).into(),
        texts => texts
            .iter()
            .map(|text| json!({ "type": "text", "text": text }))
            .collect(),
    }
}

fn longest(model: &str) -> u32 {
    let name = model.rsplit('/').next().unwrap_or(model);
    let known = SHORTER
        .iter()
        .find(|(beginning, _)| name.starts_with(beginning));
    match known {
        Some((_, tokens)) => *tokens,
        None if name.contains("claude") => LONGEST,
        None => OF_OTHERS,
    }
}

/// What the prompt leaves of the window, roughly.
fn room(prompt: &Prompt, window: u32) -> u32 {
    let bytes: usize = prompt.turns.iter().map(|turn| turn.content.len()).sum();
    let taken = u32::try_from(bytes / BYTES_PER_TOKEN).unwrap_or(u32::MAX);
    window.saturating_sub(taken).max(LEAST)
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::Role;
    use parlance_server::port::llm::Turn;

    use super::*;

    fn prompt(turns: &[(Role, &str)]) -> Prompt {
        let turn = |(role, content): &(Role, &str)| Turn {
            role: *role,
            content: (*content).to_owned(),
        };
        Prompt {
            turns: turns.iter().map(turn).collect(),
            ..Prompt::default()
        }
    }

    #[test]
    fn the_systems_words_stand_apart_and_roles_take_turns() {
        let prompt = prompt(&[
            (Role::System, "Be brief."),
            (Role::User, "one"),
            (Role::User, "two"),
        ]);
        assert_eq!(
            body(&prompt, "claude-x", 200_000),
            json!({
                "model": "claude-x", "max_tokens": LONGEST, "stream": true, "system": "Be brief.",
                "messages": [{ "role": "user", "content": [
                    { "type": "text", "text": "one" }, { "type": "text", "text": "two" },
                ] }],
            })
        );
    }

    #[test]
    fn the_longest_answer_is_what_model_and_window_allow() {
        let most =
            |prompt: &Prompt, model: &str| body(prompt, model, 200_000)["max_tokens"].clone();
        let short = prompt(&[(Role::User, "hi")]);
        assert_eq!(most(&short, "claude-3-5-haiku-latest"), 8_192);
        assert_eq!(most(&short, "claude-3-7-sonnet-latest"), LONGEST);
        assert_eq!(most(&short, "another-model"), OF_OTHERS);
        assert_eq!(most(&short, "anthropic/claude-3-opus-20240229"), 4_096);
        let long = "x".repeat(190_000 * BYTES_PER_TOKEN);
        assert_eq!(most(&prompt(&[(Role::User, &long)]), "claude-x"), 10_000);
        let longer = "x".repeat(300_000 * BYTES_PER_TOKEN);
        assert_eq!(most(&prompt(&[(Role::User, &longer)]), "claude-x"), LEAST);
        let told = Prompt {
            max_tokens: Some(9),
            ..short
        };
        assert_eq!(most(&told, "claude-x"), 9);
    }
}
