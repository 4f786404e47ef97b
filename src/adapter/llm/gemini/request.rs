//! The body of a question (Gemini API reference, "GenerateContentRequest").

use parlance_server::port::llm::Prompt;
use serde_json::{Value, json};

use crate::llm::wire::turns::Taken;

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
    let mut body = json!({ "contents": contents });
    if !taken.system.is_empty() {
        body["systemInstruction"] = json!({ "parts": [{ "text": taken.system }] });
    }
    let thinks = thinks(model);
    if let Some(most) = prompt.max_tokens {
        let thoughts = if thinks { THOUGHTS } else { 0 };
        body["generationConfig"]["maxOutputTokens"] = most.saturating_add(thoughts).into();
    }
    if thinks {
        body["generationConfig"]["thinkingConfig"] = json!({ "includeThoughts": true });
    }
    body
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
            prefix: None,
            max_tokens: None,
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
