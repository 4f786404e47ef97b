//! The personas that everybody finds, in the reader's language.
//!
//! They are stored in Chinese. What somebody has worded otherwise stands as it was worded, in every language. Must not
//! enter: what a model is told.

use parlance_core::domain::PersonaId;

use super::Locale;

/// Ids of the four are this and the number of the persona.
const FIRST: u128 = 0x0194_1f29_7c00_7000_8000_0000_0000_0000;

/// A text as it is stored, and in English.
type Text = (&'static str, &'static str);

/// Name and description of each.
const PERSONAS: [(Text, Text); 4] = [
    (
        ("智能助手", "Assistant"),
        (
            "专业的AI助手，可以回答各种问题",
            "Answers questions of every kind",
        ),
    ),
    (
        ("创意作家", "Creative writer"),
        ("富有创意的写作助手", "Helps with stories, poems and prose"),
    ),
    (
        ("技术专家", "Technical expert"),
        ("专业的技术顾问", "Advises on code and engineering"),
    ),
    (
        ("轻松聊天", "Easy chat"),
        ("轻松愉快的聊天伙伴", "Cheerful company for a chat"),
    ),
];

impl Locale {
    /// What the persona `id`, which is stored as `name`, is called.
    #[must_use]
    pub fn persona_name(self, id: PersonaId, name: String) -> String {
        self.told(name, built_in(id).map(|(name, _)| name))
    }

    /// How the persona `id`, of which `description` is stored, is described.
    #[must_use]
    pub fn persona_description(self, id: PersonaId, description: String) -> String {
        self.told(
            description,
            built_in(id).map(|(_, description)| description),
        )
    }

    fn told(self, stored: String, text: Option<Text>) -> String {
        match (self, text) {
            (Self::En, Some((known, english))) if known == stored => english.to_owned(),
            _ => stored,
        }
    }
}

/// What is known of a persona, if it is one of the four.
fn built_in(id: PersonaId) -> Option<(Text, Text)> {
    let number = id.0.as_u128().checked_sub(FIRST)?;
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    PERSONAS.get(place).copied()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn name(locale: Locale, number: u128, stored: &str) -> String {
        locale.persona_name(PersonaId(Uuid::from_u128(number)), stored.to_owned())
    }

    #[test]
    fn english_readers_read_english_until_somebody_says_otherwise() {
        assert_eq!(name(Locale::En, FIRST + 3, "技术专家"), "Technical expert");
        assert_eq!(name(Locale::ZhCn, FIRST + 3, "技术专家"), "技术专家");
        assert_eq!(name(Locale::En, FIRST + 3, "专家"), "专家");
        for elsewhere in [0, FIRST, FIRST + 5, u128::MAX] {
            assert_eq!(name(Locale::En, elsewhere, "技术专家"), "技术专家");
        }
    }
}
