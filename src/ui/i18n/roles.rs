//! Texts of the pages of personas. The server alone writes them, so the browser does not download these.

mod en;
mod zh_cn;

use super::Locale;

/// Texts of these pages.
pub struct Roles {
    pub title: &'static str,
    pub lead: &'static str,
    /// Back to the list.
    pub all: &'static str,
    /// Heading of the page, and the link to it.
    pub new: &'static str,
    pub change: &'static str,
    pub begin: &'static str,
    pub edit: &'static str,
    pub everybodys: &'static str,
    pub yours: &'static str,
    pub off: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub description_hint: &'static str,
    pub prompt: &'static str,
    pub prompt_hint: &'static str,
    pub greetings: &'static str,
    pub greetings_hint: &'static str,
    pub questions: &'static str,
    pub questions_hint: &'static str,
    pub presets: &'static str,
    pub presets_hint: &'static str,
    /// A number follows.
    pub preset: &'static str,
    pub preset_role: &'static str,
    pub person: &'static str,
    pub persona: &'static str,
    pub system: &'static str,
    pub active: &'static str,
    pub active_hint: &'static str,
    pub shared: &'static str,
    pub shared_hint: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub more: &'static str,
    pub more_lead: &'static str,
    pub export: &'static str,
    pub delete: &'static str,
    pub delete_lead: &'static str,
    pub delete_now: &'static str,
    pub deleted: &'static str,
    /// Of greetings, questions and preset messages.
    pub unfit: &'static str,
    /// Of a refused form.
    pub too_much: &'static str,
    pub import: &'static str,
    pub import_text: &'static str,
    pub no_file: &'static str,
}

impl Locale {
    /// Texts of the pages of personas.
    #[must_use]
    pub fn roles(self) -> &'static Roles {
        match self {
            Self::En => &en::ROLES,
            Self::ZhCn => &zh_cn::ROLES,
        }
    }
}
