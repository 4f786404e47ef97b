//! How parameters get into a request: what somebody wrote by hand first, so that whatever is said after it stands.

use parlance_core::domain::{Effort, Parameters};
use serde_json::{Map, Value};

/// A request's body that begins with what goes in as it is.
pub(crate) fn begun(extra: &Map<String, Value>) -> Value {
    Value::Object(extra.clone())
}

/// Sets a member, if there is something to set.
pub(crate) fn set<T: Into<Value>>(body: &mut Value, name: &str, value: Option<T>) {
    if let Some(value) = value {
        body[name] = value.into();
    }
}

/// The numbers that OpenAI's format and an agent's call by the same names.
pub(crate) fn plain(body: &mut Value, parameters: &Parameters) {
    set(body, "temperature", parameters.temperature);
    set(body, "top_p", parameters.top_p);
    set(body, "presence_penalty", parameters.presence_penalty);
    set(body, "frequency_penalty", parameters.frequency_penalty);
}

/// A list of words, if there are any.
pub(crate) fn words(words: &[String]) -> Option<Value> {
    (!words.is_empty()).then(|| words.into())
}

/// A member that is an object, whatever else somebody wrote there.
pub(crate) fn within<'a>(body: &'a mut Value, name: &str) -> &'a mut Value {
    let member = &mut body[name];
    if !member.is_object() {
        *member = Value::Object(Map::new());
    }
    member
}

/// Tokens for thoughts, for providers that count them; 0 is none.
pub(crate) fn thoughts(effort: Effort) -> u32 {
    match effort {
        Effort::None => 0,
        Effort::Minimal => 1_024,
        Effort::Low => 2_048,
        Effort::Medium => 8_192,
        Effort::High => 16_384,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_by_hand_gives_way_and_never_trips() {
        for written in [
            json!({ "a": 1 }),
            json!({ "a": null }),
            json!({ "a": [1] }),
            json!({}),
        ] {
            let mut body = begun(written.as_object().expect("an object"));
            within(&mut body, "a")["b"] = 2.into();
            set(&mut body, "c", Some(3));
            set(&mut body, "d", None::<i64>);
            assert_eq!(body, json!({ "a": { "b": 2 }, "c": 3 }));
        }
    }
}
