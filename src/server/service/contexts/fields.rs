//! What a context may consist of. Every bad field is told at once.

use parlance_core::domain::{ContextDraft, ConversationContext, FieldCode, limits};

use crate::service::{
    Error,
    fields::{has_nul, name, refuse, text},
};

/// The named context without space around its name, if it is fit to be stored.
pub(super) fn named(mut draft: ContextDraft) -> Result<ContextDraft, Error> {
    draft.name = draft.name.trim().to_owned();
    refuse([
        ("name", name(&draft.name, limits::CONTEXT_NAME_CHARS)),
        (
            "content",
            match draft.content.trim().is_empty() {
                true => Some(FieldCode::Required),
                false => content(&draft.content),
            },
        ),
    ])?;
    Ok(draft)
}

/// Whether a conversation's context is fit to be stored.
pub(super) fn told(context: &ConversationContext) -> Result<(), Error> {
    let is_long = |count: usize| (count > limits::CONTEXT_EDITS).then_some(FieldCode::TooLarge);
    refuse([
        ("content", content(&context.content)),
        ("excluded", is_long(context.excluded.len())),
        (
            "wordings",
            is_long(context.wordings.len()).or_else(|| wordings(context)),
        ),
    ])
}

fn content(words: &str) -> Option<FieldCode> {
    text(words, limits::SYSTEM_PROMPT_CHARS)
}

fn wordings(context: &ConversationContext) -> Option<FieldCode> {
    let texts = || context.wordings.values();
    if texts().map(String::len).sum::<usize>() > limits::CONTEXT_WORDINGS_BYTES {
        return Some(FieldCode::TooLarge);
    }
    // Who wants the model to be told nothing leaves the message out.
    if texts().any(|text| text.trim().is_empty()) {
        return Some(FieldCode::Required);
    }
    texts().find_map(|text| has_nul(text))
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::MessageId;
    use uuid::Uuid;

    use super::*;

    fn bad<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(String, FieldCode)> {
        let Err(Error::Invalid(fields)) = outcome else {
            panic!("{outcome:?}");
        };
        let fields = fields.into_iter();
        fields.map(|(name, problem)| (name, problem.code)).collect()
    }

    fn one(name: &str, code: FieldCode) -> Vec<(String, FieldCode)> {
        vec![(name.to_owned(), code)]
    }

    fn draft(name: &str, content: &str) -> ContextDraft {
        ContextDraft {
            name: name.to_owned(),
            content: content.to_owned(),
            is_default: false,
        }
    }

    #[test]
    fn a_named_context_needs_name_and_words_within_their_limits() {
        use FieldCode::{Malformed, Required, TooLong};
        assert_eq!(named(draft(" 工作 ", "x")).unwrap().name, "工作");
        let long = "字".repeat(limits::CONTEXT_NAME_CHARS);
        assert!(named(draft(&long, "x")).is_ok());
        assert_eq!(
            bad(named(draft(&format!("{long}字"), "x"))),
            one("name", TooLong)
        );
        assert_eq!(bad(named(draft("a\nb", "x"))), one("name", Malformed));
        assert_eq!(bad(named(draft("a", " \n"))), one("content", Required));
        assert_eq!(bad(named(draft("a", "x\0"))), one("content", Malformed));
        let long = "字".repeat(limits::SYSTEM_PROMPT_CHARS + 1);
        assert_eq!(bad(named(draft("a", &long))), one("content", TooLong));
        assert_eq!(bad(named(draft("", ""))).len(), 2, "told together");
    }

    #[test]
    fn a_conversations_context_may_be_empty_and_has_limits() {
        use FieldCode::{Malformed, Required, TooLarge};
        assert!(told(&ConversationContext::default()).is_ok());
        let id = |number: usize| MessageId(Uuid::from_u128(number as u128));
        let worded = |text: &str| ConversationContext {
            wordings: [(id(1), text.to_owned())].into(),
            ..ConversationContext::default()
        };
        assert!(told(&worded("x")).is_ok());
        assert_eq!(bad(told(&worded(" "))), one("wordings", Required));
        assert_eq!(bad(told(&worded("\0"))), one("wordings", Malformed));
        let long = "x".repeat(limits::CONTEXT_WORDINGS_BYTES + 1);
        assert_eq!(bad(told(&worded(&long))), one("wordings", TooLarge));
        let many = ConversationContext {
            excluded: (0..=limits::CONTEXT_EDITS).map(id).collect(),
            ..ConversationContext::default()
        };
        assert_eq!(bad(told(&many)), one("excluded", TooLarge));
    }
}
