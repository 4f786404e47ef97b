//! The body of a question (Gemini API reference, "GenerateContentRequest").

use parlance_server::port::llm::Prompt;
use serde_json::{Value, json};

use crate::llm::wire::{sampling, turns::Taken};

/// Tokens for thoughts, which count towards the longest answer though they are no part of it.
const THOUGHTS: u32 = 4_096;

/// The JSON that is sent.
pub(super) fn body(prompt: &Prompt, model: &str) -> Value {
    let taken = Taken::of(&prompt.turns);
    let contents: Vec<Value> = taken
        .turns
        .iter()
        .map(|(is_model, texts)| {
            let role = if *is_model { "model" } else { "user" };
            let parts: Vec<_> = texts.iter().map(|text| json!({ "text": text })).collect();
            json!({ "role": role, "parts": parts })
        })
        .collect();
    let mut body = sampling::begun(&prompt.parameters.extra);
    body["contents"] = contents.into();
    if !taken.system.is_empty() {
        body["systemInstruction"] = json!({ "parts": [{ "text": taken.system }] });
    }
    let settings = settings(prompt, thinks(model));
    if !settings.is_empty() {
        let config = sampling::within(&mut body, "generationConfig");
        for (name, value) in settings {
            config[name] = value;
        }
    }
    body
}

/// The members of `generationConfig`.
fn settings(prompt: &Prompt, thinks: bool) -> Vec<(&'static str, Value)> {
    let parameters = &prompt.parameters;
    let effort = parameters.reasoning_effort.map(sampling::thoughts);
    let most = prompt.longest().map(|most| {
        let thoughts = effort.unwrap_or(if thinks { THOUGHTS } else { 0 });
        most.saturating_add(thoughts)
    });
    let thinking = match (thinks, effort) {
        (false, None) => None,
        (true, None) => Some(json!({ "includeThoughts": true })),
        (_, Some(0)) => Some(json!({ "thinkingBudget": 0 })),
        (_, Some(tokens)) => Some(json!({ "includeThoughts": true, "thinkingBudget": tokens })),
    };
    [
        ("maxOutputTokens", most.map(Value::from)),
        ("thinkingConfig", thinking),
        ("temperature", parameters.temperature.map(Value::from)),
        ("topP", parameters.top_p.map(Value::from)),
        (
            "presencePenalty",
            parameters.presence_penalty.map(Value::from),
        ),
        (
            "frequencyPenalty",
            parameters.frequency_penalty.map(Value::from),
        ),
        ("seed", parameters.seed.map(Value::from)),
        ("stopSequences", sampling::words(&parameters.stop)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Whether the model thinks unasked, and may be asked to show it: others refuse the question for that.
fn thinks(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let begins = ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-3"]
        .iter()
        .any(|known| name.starts_with(known));
    let does_not = ["lite", "image", "tts", "audio", "live"]
        .iter()
        .any(|kind| name.contains(kind));
    begins && !does_not
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::Role;
    use parlance_server::port::llm::Turn;

    use super::*;

    #[test]
    fn roles_have_googles_names_and_nothing_is_sent_that_was_not_asked_for() {
        let turn = |role, content: &str| Turn {
            role,
            content: content.to_owned(),
        };
        let prompt = Prompt {
            turns: vec![
                turn(Role::System, "Be brief."),
                turn(Role::User, "one"),
                turn(Role::Assistant, "two"),
                turn(Role::User, "three"),
            ],
            ..Prompt::default()
        };
        let part = |text: &str| json!([{ "text": text }]);
        let plain = json!({
            "systemInstruction": { "parts": part("Be brief.") },
            "contents": [
                { "role": "user", "parts": part("one") },
                { "role": "model", "parts": part("two") },
                { "role": "user", "parts": part("three") },
            ],
        });
        assert_eq!(body(&prompt, "gemini-2.0-flash"), plain);
        assert_eq!(body(&prompt, "gemini-2.5-flash-image"), plain);
        assert_eq!(body(&prompt, "models/gemini-2.5-flash-lite"), plain);
        let short = Prompt {
            max_tokens: Some(9),
            ..prompt
        };
        assert_eq!(
            body(&short, "models/gemini-2.5-pro")["generationConfig"],
            json!({ "maxOutputTokens": 9 + THOUGHTS, "thinkingConfig": { "includeThoughts": true } })
        );
        let plain = body(&short, "gemini-2.0-flash");
        assert_eq!(plain["generationConfig"], json!({ "maxOutputTokens": 9 }));
    }
}
