//! A persona: who the model is asked to be, and how a conversation with it begins.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{PersonaId, Role};

/// A persona that may be chosen for a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Persona {
    pub id: PersonaId,
    /// Stable short name, such as `tech_expert`; accepted wherever the id is.
    pub slug: String,
    /// Everybody's, in the admins' care; otherwise its maker's alone.
    pub shared: bool,
    #[serde(flatten)]
    pub character: Character,
}

/// What lists show of a persona.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub id: PersonaId,
    pub slug: String,
    pub name: String,
    pub description: String,
}

/// What a persona consists of, and what its owner changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Character {
    /// 1 to 100 characters.
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// What the model is told first.
    pub system_prompt: String,
    /// An https address, at most 500 characters. Pages show a letter instead: they load nothing from elsewhere.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// Anything that describes it; kept as it is.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub personality: Option<Map<String, Value>>,
    /// What the model reads between the system prompt and the conversation, oldest first.
    #[serde(default)]
    pub preset_messages: Vec<PresetMessage>,
    #[serde(default)]
    pub app_preset: AppPreset,
    /// Whether it can be chosen.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// Place in lists, ascending.
    #[serde(default)]
    pub sort_order: i32,
}

/// A message that was never said, but that the model reads as if it had been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresetMessage {
    pub role: Role,
    pub content: String,
}

/// What people see of a persona before they begin. The model sees nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppPreset {
    /// Opening lines; one of them greets.
    pub greetings: Vec<String>,
    /// Questions that are asked with a click.
    pub suggested_questions: Vec<String>,
    /// What this version knows nothing of; kept as it is.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub more: Map<String, Value>,
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_preset_keeps_what_it_does_not_know() {
        let told = json!({
            "greetings": ["Hi"], "suggested_questions": [], "creation_date": "2025-01-01", "new": { "deep": [1, null] }
        });
        let preset: AppPreset = serde_json::from_value(told.clone()).unwrap();
        assert_eq!(preset.greetings, ["Hi"]);
        assert_eq!(serde_json::to_value(preset).unwrap(), told);
    }

    #[test]
    fn a_character_needs_a_name_and_a_prompt_and_nothing_else() {
        let read = |told| serde_json::from_value::<Character>(told);
        let least = read(json!({ "name": "N", "system_prompt": "P" })).unwrap();
        assert!(least.is_active && least.preset_messages.is_empty());
        assert!(read(json!({ "name": "N" })).is_err());
        let owned = json!({ "name": "N", "system_prompt": "P", "created_by": "me" });
        assert!(read(owned).is_err(), "the server's own fields");
    }
}
