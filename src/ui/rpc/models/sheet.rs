//! What the forms of a model hold: lines, as they were typed, and what they mean.

use std::{collections::BTreeMap, fmt, str::FromStr};

#[cfg(feature = "ssr")]
use parlance_core::domain::Timestamp;
use parlance_core::domain::{
    Effort, FieldCode, FieldProblem, ModelConfig, ModelDraft, ModelKind, Parameters, Problem,
    ProblemCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::rpc::problem::RpcError;

/// Fields that cannot be read.
type Bad = BTreeMap<String, FieldProblem>;

/// The form of a model configuration. A box that is not ticked is not sent.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelSheet {
    pub name: String,
    pub kind: String,
    pub base_url: String,
    pub model: String,
    /// Never written into a page.
    pub api_key: String,
    /// The key that was typed before is held sealed, and meant where none is typed.
    pub held: Option<String>,
    /// The stored key shall go.
    pub drop_key: Option<String>,
    /// For everybody; of a new one alone.
    pub shared: Option<String>,
    pub parameters: ParameterSheet,
    pub context_tokens: String,
    pub price_in: String,
    pub price_out: String,
    /// When the configuration was changed last, as the form was made: microseconds since the Unix epoch.
    pub seen: String,
}

/// The part of parameters, of a model's form and of a conversation's. An empty line sets nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParameterSheet {
    pub temperature: String,
    pub top_p: String,
    pub max_tokens: String,
    pub presence_penalty: String,
    pub frequency_penalty: String,
    /// A line each.
    pub stop: String,
    pub seed: String,
    pub reasoning_effort: String,
    /// A JSON object.
    pub extra: String,
}

impl fmt::Debug for ModelSheet {
    /// Neither the key nor the address, which may hold another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelSheet")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl ModelSheet {
    /// The form of one that exists.
    #[must_use]
    pub fn of(config: &ModelConfig) -> Self {
        Self {
            name: config.name.clone(),
            kind: config.kind.as_str().to_owned(),
            base_url: config.base_url.clone().unwrap_or_default(),
            model: config.model.clone(),
            parameters: ParameterSheet::of(&config.parameters),
            context_tokens: shown(config.context_tokens),
            price_in: shown(config.prices.price_in),
            price_out: shown(config.prices.price_out),
            seen: config.updated_at.0.to_string(),
            ..Self::default()
        }
    }

    /// What the form was made of.
    #[cfg(feature = "ssr")]
    pub(super) fn seen(&self) -> Option<Timestamp> {
        self.seen.parse().ok().map(Timestamp)
    }

    /// What is meant by it. An empty key is none that was typed.
    ///
    /// # Errors
    /// `validation` with all lines that cannot be read.
    pub fn draft(&self) -> Result<ModelDraft, RpcError> {
        let mut bad = Bad::new();
        let kind = match self.kind.trim() {
            "" => ModelKind::default(),
            word => parsed(&mut bad, "kind", word).unwrap_or_default(),
        };
        let typed = self.api_key.trim();
        let api_key = match self.drop_key {
            Some(_) if typed.is_empty() => Some(String::new()),
            _ => Some(typed.to_owned()).filter(|key| !key.is_empty()),
        };
        let draft = ModelDraft {
            name: self.name.clone(),
            kind,
            base_url: Some(self.base_url.clone()),
            model: self.model.clone(),
            api_key,
            parameters: self.parameters.read(&mut bad),
            context_tokens: number(&mut bad, "context_tokens", &self.context_tokens),
            price_in: number(&mut bad, "price_in", &self.price_in),
            price_out: number(&mut bad, "price_out", &self.price_out),
        };
        settled(draft, bad)
    }
}

impl ParameterSheet {
    /// The lines of these.
    #[must_use]
    pub fn of(parameters: &Parameters) -> Self {
        let effort = parameters.reasoning_effort.map(Effort::as_str);
        let extra = match parameters.extra.is_empty() {
            true => String::new(),
            false => serde_json::to_string_pretty(&parameters.extra).unwrap_or_default(),
        };
        Self {
            temperature: shown(parameters.temperature),
            top_p: shown(parameters.top_p),
            max_tokens: shown(parameters.max_tokens),
            presence_penalty: shown(parameters.presence_penalty),
            frequency_penalty: shown(parameters.frequency_penalty),
            stop: parameters.stop.join("\n"),
            seed: shown(parameters.seed),
            reasoning_effort: effort.unwrap_or_default().to_owned(),
            extra,
        }
    }

    /// What is meant by them.
    ///
    /// # Errors
    /// `validation` with all lines that cannot be read.
    pub fn parameters(&self) -> Result<Parameters, RpcError> {
        let mut bad = Bad::new();
        let parameters = self.read(&mut bad);
        settled(parameters, bad)
    }

    fn read(&self, bad: &mut Bad) -> Parameters {
        let effort = self.reasoning_effort.trim();
        let reasoning_effort = match effort.is_empty() {
            true => None,
            false => parsed(bad, "parameters.reasoning_effort", effort),
        };
        let stop = self.stop.lines().filter(|line| !line.is_empty());
        Parameters {
            temperature: number(bad, "parameters.temperature", &self.temperature),
            top_p: number(bad, "parameters.top_p", &self.top_p),
            max_tokens: number(bad, "parameters.max_tokens", &self.max_tokens),
            presence_penalty: number(bad, "parameters.presence_penalty", &self.presence_penalty),
            frequency_penalty: number(bad, "parameters.frequency_penalty", &self.frequency_penalty),
            stop: stop.map(str::to_owned).collect(),
            seed: number(bad, "parameters.seed", &self.seed),
            reasoning_effort,
            extra: object(bad, &self.extra),
        }
    }
}

/// The lines as a text, for a form on its way back.
#[cfg(feature = "ssr")]
#[must_use]
pub fn written(sheet: &ParameterSheet) -> String {
    serde_json::to_string(sheet).unwrap_or_default()
}

fn settled<T>(what: T, bad: Bad) -> Result<T, RpcError> {
    if bad.is_empty() {
        return Ok(what);
    }
    let mut problem = Problem::new(ProblemCode::Validation);
    problem.fields = bad;
    Err(problem.into())
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn parsed<T: FromStr>(bad: &mut Bad, field: &str, text: &str) -> Option<T> {
    let value = text.parse().ok();
    if value.is_none() {
        bad.insert(field.to_owned(), FieldCode::Malformed.into());
    }
    value
}

/// A number, as people write it: `128 000` and `128,000` are meant as 128000.
fn number<T: FromStr>(bad: &mut Bad, field: &str, text: &str) -> Option<T> {
    let is_gap = |c: char| c.is_whitespace() || c == ',' || c == '_';
    let digits: String = text.chars().filter(|c| !is_gap(*c)).collect();
    match digits.is_empty() {
        true => None,
        false => parsed(bad, field, &digits),
    }
}

fn object(bad: &mut Bad, text: &str) -> Map<String, Value> {
    if text.trim().is_empty() {
        return Map::new();
    }
    serde_json::from_str(text).unwrap_or_else(|_| {
        let malformed = FieldCode::Malformed.into();
        bad.insert("parameters.extra".to_owned(), malformed);
        Map::new()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_means_the_same_again() {
        let told = json!({
            "temperature": 0.7, "max_tokens": 512, "stop": ["a", "b c"], "seed": -1, "reasoning_effort": "low",
            "extra": { "top_k": 3 },
        });
        let parameters: Parameters = serde_json::from_value(told).unwrap();
        let sheet = ParameterSheet::of(&parameters);
        assert_eq!(sheet.parameters().unwrap(), parameters);
        assert!(ParameterSheet::default().parameters().unwrap().is_empty());
    }

    #[test]
    fn every_line_that_cannot_be_read_is_named() {
        let sheet = ModelSheet {
            kind: "mock".to_owned(),
            context_tokens: "many".to_owned(),
            price_in: "1,5 $".to_owned(),
            parameters: ParameterSheet {
                extra: "[1]".to_owned(),
                seed: "1.5".to_owned(),
                ..ParameterSheet::default()
            },
            ..ModelSheet::default()
        };
        let RpcError(problem) = sheet.draft().unwrap_err();
        let names: Vec<_> = problem.fields.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "context_tokens",
                "kind",
                "parameters.extra",
                "parameters.seed",
                "price_in"
            ]
        );
    }

    #[test]
    fn a_key_is_kept_changed_or_dropped() {
        let sheet = |api_key: &str, drop_key: bool| ModelSheet {
            api_key: api_key.to_owned(),
            drop_key: drop_key.then(|| "on".to_owned()),
            context_tokens: "128 000".to_owned(),
            ..ModelSheet::default()
        };
        let key = |sheet: ModelSheet| sheet.draft().unwrap().api_key;
        assert_eq!(key(sheet(" ", false)), None);
        assert_eq!(key(sheet(" sk-1 ", false)).as_deref(), Some("sk-1"));
        assert_eq!(key(sheet("", true)).as_deref(), Some(""));
        assert_eq!(key(sheet("sk-1", true)).as_deref(), Some("sk-1"));
        assert_eq!(
            sheet("", false).draft().unwrap().context_tokens,
            Some(128_000)
        );
        assert!(!format!("{:?}", sheet("sk-canary", false)).contains("canary"));
    }
}
