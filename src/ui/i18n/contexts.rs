//! Texts of the pages of contexts. The server alone writes them, so the browser does not download these.

mod en;
mod zh_cn;

use super::Locale;

/// Texts of these pages.
pub struct Contexts {
    pub title: &'static str,
    pub lead: &'static str,
    /// Back to the list.
    pub all: &'static str,
    pub none: &'static str,
    pub new: &'static str,
    pub change: &'static str,
    pub edit: &'static str,
    pub default_mark: &'static str,
    pub name: &'static str,
    pub content: &'static str,
    pub content_hint: &'static str,
    pub default: &'static str,
    pub default_hint: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub delete: &'static str,
    pub delete_lead: &'static str,
    pub delete_now: &'static str,
    pub deleted: &'static str,
    /// Of a refused form.
    pub unfit: &'static str,
    pub too_much: &'static str,
    pub stale: &'static str,
    /// Heading of a conversation's own.
    pub of_talk: &'static str,
    pub back_to_talk: &'static str,
    pub back_to_context: &'static str,
    pub talk_lead: &'static str,
    pub talk_hint: &'static str,
    pub pick: &'static str,
    pub pick_now: &'static str,
    pub pick_none: &'static str,
    pub pick_unsaved: &'static str,
    pub messages: &'static str,
    pub messages_hint: &'static str,
    pub no_messages: &'static str,
    pub earlier: &'static str,
    pub person: &'static str,
    pub model: &'static str,
    /// Of a box; what it is about follows.
    pub counts: &'static str,
    pub reword: &'static str,
    pub reworded: &'static str,
    pub reworded_mark: &'static str,
    /// Behind a number.
    pub tokens: &'static str,
    pub fate_sent: &'static str,
    pub fate_left_out: &'static str,
    pub fate_summarised: &'static str,
    pub fate_excluded: &'static str,
    pub fate_empty: &'static str,
    pub gauge: &'static str,
    pub gauge_hint: &'static str,
    pub share_persona: &'static str,
    pub share_text: &'static str,
    pub share_presets: &'static str,
    pub share_summary: &'static str,
    pub share_messages: &'static str,
    pub share_free: &'static str,
    pub share_answer: &'static str,
    pub model_gone: &'static str,
    pub overflow: &'static str,
    /// Heading of the page of one message.
    pub wording: &'static str,
    pub wording_lead: &'static str,
    pub told: &'static str,
    pub said: &'static str,
    pub as_said: &'static str,
}

impl Locale {
    /// Texts of the pages of contexts.
    #[must_use]
    pub fn contexts(self) -> &'static Contexts {
        match self {
            Self::En => &en::CONTEXTS,
            Self::ZhCn => &zh_cn::CONTEXTS,
        }
    }
}
