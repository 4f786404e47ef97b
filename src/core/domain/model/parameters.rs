//! How a model is asked: what providers call sampling parameters, and whatever else a provider takes.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{FieldCode, generation::UnknownWord, limits};

/// Members of a request that say what is asked, of whom and how it comes back. Parameters cannot take their place.
const RESERVED: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "n",
    "contents",
    "systemInstruction",
    "system_instruction",
    "system",
    "version",
    "input",
    "prompt",
    // Secrets are sealed elsewhere, and gateways that take an address would send ours there.
    "api_key",
    "api_base",
    "base_url",
    "authorization",
    "extra_headers",
];

/// How much a model thinks before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
}

impl Effort {
    /// From the least to the most.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Minimal,
        Self::Low,
        Self::Medium,
        Self::High,
    ];

    /// The word in JSON and in forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl FromStr for Effort {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|effort| effort.as_str() == word)
            .ok_or(UnknownWord)
    }
}

/// What is set; what is not is the provider's to choose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parameters {
    /// 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Above 0, at most 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Longest answer, tokens; at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// -2 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// -2 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
    /// Texts before which the answer ends: at most 8 of at most 200 characters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// For the same answer to the same question, as far as the provider can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<Effort>,
    /// Goes into the request as it is; at most 16 KiB. What the server itself says there wins.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub extra: Map<String, Value>,
}

// JSON knows no NaN, and `check` none either.
impl Eq for Parameters {}

impl Parameters {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These, and for what they leave open those of `base`.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        let mut extra = base.extra.clone();
        extra.extend(self.extra.clone());
        Self {
            temperature: self.temperature.or(base.temperature),
            top_p: self.top_p.or(base.top_p),
            max_tokens: self.max_tokens.or(base.max_tokens),
            presence_penalty: self.presence_penalty.or(base.presence_penalty),
            frequency_penalty: self.frequency_penalty.or(base.frequency_penalty),
            stop: if self.stop.is_empty() {
                base.stop.clone()
            } else {
                self.stop.clone()
            },
            seed: self.seed.or(base.seed),
            reasoning_effort: self.reasoning_effort.or(base.reasoning_effort),
            extra,
        }
    }

    /// Every member that cannot be, by its name.
    ///
    /// # Errors
    /// At least one.
    pub fn check(&self) -> Result<(), Vec<(&'static str, FieldCode)>> {
        let mut bad = Vec::new();
        let mut within = |name, value: Option<f64>, least: f64, most: f64| {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                bad.push((name, FieldCode::Malformed));
            }
        };
        within("temperature", self.temperature, 0.0, 2.0);
        within("top_p", self.top_p, f64::MIN_POSITIVE, 1.0);
        within("presence_penalty", self.presence_penalty, -2.0, 2.0);
        within("frequency_penalty", self.frequency_penalty, -2.0, 2.0);
        if self
            .max_tokens
            .is_some_and(|most| !(1..=limits::MODEL_TOKENS).contains(&most))
        {
            bad.push(("max_tokens", FieldCode::Malformed));
        }
        if self.stop.len() > limits::STOPS
            || self
                .stop
                .iter()
                .any(|word| word.chars().count() > limits::STOP_CHARS)
        {
            bad.push(("stop", FieldCode::TooLong));
        } else if self
            .stop
            .iter()
            .any(|word| word.is_empty() || word.contains('\0'))
        {
            bad.push(("stop", FieldCode::Malformed));
        }
        if let Some(code) = bad_extra(&self.extra) {
            bad.push(("extra", code));
        }
        if bad.is_empty() { Ok(()) } else { Err(bad) }
    }
}

fn bad_extra(extra: &Map<String, Value>) -> Option<FieldCode> {
    if extra.is_empty() {
        return None;
    }
    let written = serde_json::to_string(extra).ok()?;
    if written.len() > limits::PARAMETERS_BYTES {
        return Some(FieldCode::TooLong);
    }
    // PostgreSQL keeps no NUL in a text, escaped or not.
    let is_bad =
        written.contains("\\u0000") || RESERVED.iter().any(|name| extra.contains_key(*name));
    is_bad.then_some(FieldCode::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(told: Value) -> Parameters {
        serde_json::from_value(told).unwrap()
    }

    #[test]
    fn what_is_not_set_is_not_said() {
        assert_eq!(
            serde_json::to_value(Parameters::default()).unwrap(),
            json!({})
        );
        assert!(read(json!({})).is_empty());
        assert!(serde_json::from_value::<Parameters>(json!({ "temprature": 1 })).is_err());
    }

    #[test]
    fn the_nearer_wins_member_by_member() {
        let base = read(json!({ "temperature": 1, "seed": 7, "extra": { "a": 1, "b": 1 } }));
        let own = read(json!({ "temperature": 0, "stop": ["x"], "extra": { "b": 2 } }));
        assert_eq!(
            own.over(&base),
            read(
                json!({ "temperature": 0, "seed": 7, "stop": ["x"], "extra": { "a": 1, "b": 2 } })
            )
        );
    }

    #[test]
    fn every_bad_member_is_named() {
        let bad = read(json!({
            "temperature": 2.1, "top_p": 0, "max_tokens": 0, "presence_penalty": -3, "frequency_penalty": 2,
            "stop": [""], "extra": { "messages": [] },
        }));
        let names: Vec<_> = bad
            .check()
            .unwrap_err()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            [
                "temperature",
                "top_p",
                "presence_penalty",
                "max_tokens",
                "stop",
                "extra"
            ]
        );
        let long = Parameters {
            extra: Map::from_iter([("a".to_owned(), "x".repeat(limits::PARAMETERS_BYTES).into())]),
            ..Parameters::default()
        };
        assert_eq!(long.check().unwrap_err(), [("extra", FieldCode::TooLong)]);
        let fine = json!({ "temperature": 0, "top_p": 1, "reasoning_effort": "low", "extra": { "top_k": 3 } });
        assert_eq!(read(fine).check(), Ok(()));
    }
}
