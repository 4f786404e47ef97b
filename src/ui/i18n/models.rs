//! Texts of the pages of models. The server alone writes them, so the browser does not download these; but for the few
//! words in the particulars of a reply, which come with the tools that show them.

mod en;
mod zh_cn;

use parlance_core::domain::{FieldCode, ModelKind, lane::BESIDE};

use super::Locale;

/// Texts of these pages.
pub struct Models {
    pub title: &'static str,
    pub lead: &'static str,
    /// Back to the list.
    pub all: &'static str,
    /// Heading of the page, and the link to it.
    pub new: &'static str,
    pub change: &'static str,
    /// So many of one's own, and how many there may be.
    pub quota: fn(u32, Option<u32>) -> String,
    /// There may be no more than so many.
    pub full: fn(u32) -> String,
    pub empty: &'static str,
    pub servers: &'static str,
    pub everybodys: &'static str,
    pub yours: &'static str,
    /// The end of a key.
    pub key: fn(&str) -> String,
    pub window: fn(&str) -> String,
    /// A million tokens of prompts, and of answers.
    pub prices: fn(&str, &str) -> String,
    pub begin: &'static str,
    pub edit: &'static str,
    pub select: fn(&str) -> String,
    pub delete: &'static str,
    pub delete_lead: &'static str,
    pub delete_now: &'static str,
    pub deleted: &'static str,
    pub none_selected: &'static str,
    pub form: Form,
    pub parameters: Params,
    pub choice: Choice,
    /// What is wrong with a field of these forms, where that can be said better than of any field.
    pub field: fn(&str, FieldCode) -> Option<&'static str>,
}

/// The form of a model.
pub struct Form {
    pub presets: &'static str,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub kind: &'static str,
    pub kinds: fn(ModelKind) -> &'static str,
    pub address: &'static str,
    pub address_hint: &'static str,
    pub model: &'static str,
    pub model_hint: &'static str,
    pub key: &'static str,
    pub key_hint: &'static str,
    /// The end of the key that is kept.
    pub key_kept: fn(&str) -> String,
    pub key_held: &'static str,
    pub key_drop: &'static str,
    pub window: &'static str,
    pub window_hint: &'static str,
    pub price_in: &'static str,
    pub price_out: &'static str,
    pub prices_hint: &'static str,
    pub shared: &'static str,
    pub shared_hint: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub test: &'static str,
    /// So many models, and how many of them are suggested.
    pub listed: fn(usize, usize) -> String,
    pub answers: &'static str,
    pub failed: &'static str,
    pub refused_key: &'static str,
    pub stale: &'static str,
    pub too_much: &'static str,
}

/// The part of parameters.
pub struct Params {
    pub title: &'static str,
    pub lead: &'static str,
    pub temperature: &'static str,
    pub top_p: &'static str,
    pub max_tokens: &'static str,
    pub presence: &'static str,
    pub frequency: &'static str,
    pub stop: &'static str,
    pub stop_hint: &'static str,
    pub seed: &'static str,
    pub effort: &'static str,
    /// In the order of `Effort::ALL`.
    pub efforts: [&'static str; 5],
    pub extra: &'static str,
    pub extra_hint: &'static str,
    /// What stands in an empty line.
    pub unset: &'static str,
    pub as_model: &'static str,
}

/// Choosing for a conversation, or for another reply.
pub struct Choice {
    pub title: &'static str,
    pub lead: &'static str,
    pub again: &'static str,
    pub again_lead: &'static str,
    pub model: &'static str,
    pub persona: &'static str,
    pub same_persona: &'static str,
    pub save: &'static str,
    pub answer: &'static str,
    pub take: &'static str,
    pub parameters: &'static str,
    pub gone: &'static str,
    pub back: &'static str,
    /// Models that answer side by side with the chosen one.
    pub beside: &'static str,
    pub beside_hint: &'static str,
    /// What the lists of them are called.
    pub places: [&'static str; BESIDE],
    /// None of them: in a form, and where a conversation begins.
    pub no_other: &'static str,
    pub with: &'static str,
}

/// Words in the particulars of a reply.
pub struct Replied {
    pub persona: &'static str,
    pub cost: &'static str,
    pub again: &'static str,
}

impl Locale {
    /// Texts of the pages of models.
    #[must_use]
    pub fn models(self) -> &'static Models {
        match self {
            Self::En => &en::MODELS,
            Self::ZhCn => &zh_cn::MODELS,
        }
    }

    /// Words in the particulars of a reply. For the tools alone.
    #[must_use]
    pub fn replied(self) -> &'static Replied {
        match self {
            Self::En => &en::REPLIED,
            Self::ZhCn => &zh_cn::REPLIED,
        }
    }
}
