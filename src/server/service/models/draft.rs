//! What a model configuration may say. Every bad field is told at once. Whether its address may be called is decided
//! elsewhere.

use std::collections::BTreeMap;

use parlance_core::domain::{FieldCode, FieldProblem, ModelDraft, ModelKind, Parameters, limits};

use crate::service::{
    Error,
    fields::{bad, line, name, refused},
};

/// Keys shorter than this show nothing of themselves: four of their letters would be much of them.
const SHOWABLE: usize = 12;
/// Letters of a key that are shown.
const SHOWN: usize = 4;

/// The draft without space around its words, if it is fit to be stored.
pub(super) fn checked(mut draft: ModelDraft) -> Result<ModelDraft, Error> {
    for text in [&mut draft.name, &mut draft.model] {
        *text = text.trim().to_owned();
    }
    for text in [&mut draft.base_url, &mut draft.api_key]
        .into_iter()
        .flatten()
    {
        *text = text.trim().to_owned();
    }
    draft.base_url = draft.base_url.filter(|url| !url.is_empty());
    let mut fields = bad([
        ("name", name(&draft.name, limits::MODEL_NAME_CHARS)),
        ("base_url", base_url(&draft)),
        ("model", model(&draft)),
        ("api_key", draft.api_key.as_deref().and_then(key)),
        ("context_tokens", window(draft.context_tokens)),
        ("price_in", price(draft.price_in)),
        ("price_out", price(draft.price_out)),
    ]);
    fields.extend(bad_parameters(&draft.parameters));
    refused(fields)?;
    Ok(draft)
}

/// Parameters that are fit to be sent.
pub(in crate::service) fn parameters(parameters: &Parameters) -> Result<(), Error> {
    refused(bad_parameters(parameters))
}

/// What of a key may be shown.
pub(super) fn hint(key: &str) -> String {
    let letters = key.chars().count();
    if letters < SHOWABLE {
        return "•".repeat(SHOWN);
    }
    key.chars().skip(letters - SHOWN).collect()
}

fn bad_parameters(parameters: &Parameters) -> BTreeMap<String, FieldProblem> {
    let bad = parameters.check().err().unwrap_or_default();
    bad.into_iter()
        .map(|(name, code)| (format!("parameters.{name}"), code.into()))
        .collect()
}

fn model(draft: &ModelDraft) -> Option<FieldCode> {
    if draft.model.is_empty() && draft.kind != ModelKind::Agent {
        return Some(FieldCode::Required);
    }
    line(&draft.model, limits::MODEL_CHARS)
}

fn base_url(draft: &ModelDraft) -> Option<FieldCode> {
    match draft.base_url.as_deref() {
        None => draft
            .kind
            .own_address()
            .is_none()
            .then_some(FieldCode::Required),
        Some(url) => line(url, limits::MODEL_URL_CHARS),
    }
}

fn key(key: &str) -> Option<FieldCode> {
    if key.len() > limits::MODEL_KEY_BYTES {
        return Some(FieldCode::TooLong);
    }
    // What no header may carry, and what is no key but something that was copied with it.
    let is_odd = |byte: u8| !(0x21..=0x7e).contains(&byte);
    key.bytes().any(is_odd).then_some(FieldCode::Malformed)
}

fn window(tokens: Option<u32>) -> Option<FieldCode> {
    let is_odd = |tokens: u32| !(1..=limits::MODEL_TOKENS).contains(&tokens);
    tokens.filter(|tokens| is_odd(*tokens))?;
    Some(FieldCode::Malformed)
}

fn price(price: Option<f64>) -> Option<FieldCode> {
    let is_odd = |price: f64| !(0.0..=limits::MODEL_PRICE).contains(&price);
    price.filter(|price| is_odd(*price))?;
    Some(FieldCode::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ModelDraft {
        ModelDraft {
            name: " Mine ".to_owned(),
            model: " gpt ".to_owned(),
            base_url: Some("  ".to_owned()),
            api_key: Some(" sk-1 ".to_owned()),
            ..ModelDraft::default()
        }
    }

    #[test]
    fn space_around_words_is_nobodys_wish() {
        let draft = checked(draft()).unwrap();
        assert_eq!((draft.name.as_str(), draft.model.as_str()), ("Mine", "gpt"));
        assert_eq!(
            (draft.base_url, draft.api_key.as_deref()),
            (None, Some("sk-1"))
        );
    }

    #[test]
    fn every_bad_field_is_told_at_once() {
        let bad = ModelDraft {
            name: String::new(),
            model: "x".repeat(limits::MODEL_CHARS + 1),
            kind: ModelKind::Agent,
            base_url: None,
            api_key: Some("Bearer sk".to_owned()),
            context_tokens: Some(0),
            price_in: Some(-1.0),
            price_out: Some(f64::NAN),
            parameters: Parameters {
                temperature: Some(3.0),
                ..Parameters::default()
            },
        };
        let Err(Error::Invalid(fields)) = checked(bad) else {
            panic!("taken")
        };
        assert_eq!(
            fields.keys().collect::<Vec<_>>(),
            [
                "api_key",
                "base_url",
                "context_tokens",
                "model",
                "name",
                "parameters.temperature",
                "price_in",
                "price_out"
            ]
        );
    }

    #[test]
    fn a_short_key_shows_nothing_of_itself() {
        assert_eq!(hint("sk-12345678"), "••••");
        assert_eq!(hint("sk-123456789"), "6789");
    }
}
