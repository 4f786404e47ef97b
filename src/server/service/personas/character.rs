//! What a persona may consist of. Every bad field is told at once.

use parlance_core::domain::{Character, FieldCode, PersonaId, PresetMessage, Role, limits};
use serde_json::Value;

use crate::service::{
    Error,
    fields::{has_nul, name, refuse, text},
};

/// The slug that was asked for, or the id.
pub(super) fn slug(asked: Option<String>, id: PersonaId) -> Result<String, Error> {
    let Some(slug) = asked.filter(|slug| !slug.is_empty()) else {
        return Ok(id.to_string());
    };
    let fits = |letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if slug.len() > limits::SLUG_CHARS {
        return Err(Error::field("slug", FieldCode::TooLong));
    }
    // An id would be found before it.
    if !slug.bytes().all(fits) || slug.parse::<PersonaId>().is_ok() {
        return Err(Error::field("slug", FieldCode::Malformed));
    }
    Ok(slug)
}

/// The character without space around its words, if it is fit to be stored.
pub(super) fn checked(mut character: Character) -> Result<Character, Error> {
    for text in [&mut character.name, &mut character.description] {
        *text = text.trim().to_owned();
    }
    character.avatar_url = character.avatar_url.filter(|url| !url.is_empty());
    let Character {
        name: called,
        description,
        avatar_url,
        ..
    } = &character;
    refuse([
        ("name", name(called, limits::PERSONA_NAME_CHARS)),
        (
            "description",
            text(description, limits::PERSONA_DESCRIPTION_CHARS),
        ),
        ("system_prompt", system_prompt(&character.system_prompt)),
        ("avatar_url", avatar(avatar_url.as_deref())),
        ("personality", personality(&character)),
        ("preset_messages", messages(&character.preset_messages)),
        ("app_preset", preset(&character)),
    ])?;
    Ok(character)
}

fn system_prompt(prompt: &str) -> Option<FieldCode> {
    match prompt.trim().is_empty() {
        true => Some(FieldCode::Required),
        false => text(prompt, limits::SYSTEM_PROMPT_CHARS),
    }
}

fn avatar(url: Option<&str>) -> Option<FieldCode> {
    let url = url?;
    if url.chars().count() > limits::AVATAR_URL_CHARS {
        return Some(FieldCode::TooLong);
    }
    // The parser passes over some.
    if url.chars().any(char::is_control) {
        return Some(FieldCode::Malformed);
    }
    let is_fit = url::Url::parse(url).is_ok_and(|url| {
        url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
    });
    (!is_fit).then_some(FieldCode::Malformed)
}

fn personality(character: &Character) -> Option<FieldCode> {
    kept_as_it_is(&Value::Object(character.personality.clone()?))
}

fn messages(messages: &[PresetMessage]) -> Option<FieldCode> {
    let bytes: usize = messages.iter().map(|message| message.content.len()).sum();
    if messages.len() > limits::PRESET_MESSAGES || bytes > limits::PRESET_MESSAGES_BYTES {
        return Some(FieldCode::TooLarge);
    }
    // A result without its call is refused by providers.
    if messages.iter().any(|message| message.role == Role::Tool) {
        return Some(FieldCode::Malformed);
    }
    let texts = || messages.iter().map(|message| message.content.as_str());
    if texts().any(|text| text.trim().is_empty()) {
        return Some(FieldCode::Required);
    }
    texts().find_map(has_nul)
}

fn preset(character: &Character) -> Option<FieldCode> {
    let preset = &character.app_preset;
    for lines in [&preset.greetings, &preset.suggested_questions] {
        if lines.len() > limits::PRESET_LINES {
            return Some(FieldCode::TooLarge);
        }
        let bad = lines.iter().find_map(|line| match line.trim().is_empty() {
            true => Some(FieldCode::Required),
            false => text(line, limits::PRESET_LINE_CHARS),
        });
        if bad.is_some() {
            return bad;
        }
    }
    kept_as_it_is(&Value::Object(preset.more.clone()))
}

fn kept_as_it_is(json: &Value) -> Option<FieldCode> {
    let written = json.to_string();
    if written.len() > limits::PRESET_JSON_BYTES {
        return Some(FieldCode::TooLarge);
    }
    // PostgreSQL keeps none in JSON either.
    written.contains("\\u0000").then_some(FieldCode::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};
    use uuid::Uuid;

    use super::*;

    fn character() -> Character {
        serde_json::from_value(json!({ "name": " Nell ", "system_prompt": "Be brief." })).unwrap()
    }

    fn bad(change: impl FnOnce(&mut Character)) -> Vec<(String, FieldCode)> {
        let mut character = character();
        change(&mut character);
        match checked(character) {
            Err(Error::Invalid(fields)) => fields
                .into_iter()
                .map(|(field, problem)| (field, problem.code))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    fn one(field: &str, code: FieldCode) -> Vec<(String, FieldCode)> {
        vec![(field.to_owned(), code)]
    }

    #[test]
    fn what_is_fit_is_stored_without_the_space_around_it() {
        assert_eq!(checked(character()).unwrap().name, "Nell");
    }

    #[test]
    fn every_field_has_its_bounds() {
        use FieldCode::{Malformed, Required, TooLarge, TooLong};
        assert_eq!(bad(|it| it.name = " ".into()), one("name", Required));
        assert_eq!(bad(|it| it.name = "n".repeat(101)), one("name", TooLong));
        assert_eq!(bad(|it| it.name = "a\nb".into()), one("name", Malformed));
        assert_eq!(
            bad(|it| it.description = "d".repeat(1_001)),
            one("description", TooLong)
        );
        assert_eq!(
            bad(|it| it.system_prompt = "\n".into()),
            one("system_prompt", Required)
        );
        assert_eq!(
            bad(|it| it.system_prompt = "p".repeat(32_001)),
            one("system_prompt", TooLong)
        );
        for url in [
            "http://a.example/x.png",
            "javascript:alert(1)",
            "https://u:p@a.example/",
            "https://a.example/\0",
            "x",
        ] {
            assert_eq!(
                bad(|it| it.avatar_url = Some(url.into())),
                one("avatar_url", Malformed),
                "{url}"
            );
        }
        let said = |role, content: &str| PresetMessage {
            role,
            content: content.to_owned(),
        };
        assert_eq!(
            bad(|it| it.preset_messages = vec![said(Role::Tool, "x")]),
            one("preset_messages", Malformed)
        );
        assert_eq!(
            bad(|it| it.preset_messages = vec![said(Role::User, " ")]),
            one("preset_messages", Required)
        );
        assert_eq!(
            bad(|it| it.preset_messages = vec![said(Role::User, "x"); 101]),
            one("preset_messages", TooLarge)
        );
        assert_eq!(
            bad(|it| it.app_preset.greetings = vec!["g".repeat(1_001)]),
            one("app_preset", TooLong)
        );
        assert_eq!(
            bad(|it| it.app_preset.suggested_questions = vec![" ".into()]),
            one("app_preset", Required)
        );
        let many = Map::from_iter([("more".to_owned(), json!("x".repeat(64 * 1024)))]);
        assert_eq!(
            bad(|it| it.personality = Some(many.clone())),
            one("personality", TooLarge)
        );
        assert_eq!(
            bad(|it| it.app_preset.more = Map::from_iter([("a\0".to_owned(), json!(1))])),
            one("app_preset", Malformed)
        );
    }

    #[test]
    fn bad_fields_are_told_together() {
        let fields = bad(|it| {
            it.name = String::new();
            it.system_prompt = String::new();
        });
        assert_eq!(fields.len(), 2);
    }

    #[test]
    fn a_slug_is_short_and_no_id() {
        let id = PersonaId(Uuid::from_u128(7));
        assert_eq!(slug(None, id).unwrap(), id.to_string());
        assert_eq!(slug(Some("my_own-1".into()), id).unwrap(), "my_own-1");
        for wrong in [
            "Über",
            "a b",
            &Uuid::from_u128(8).to_string(),
            &"a".repeat(51),
        ] {
            assert!(slug(Some(wrong.to_owned()), id).is_err(), "{wrong}");
        }
    }
}
