//! What a model is told beside the conversation: named texts that a person keeps, and what each conversation has of its own.

mod outlook;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{ContextId, MessageId};

pub use outlook::{Fate, Outlook, OutlookMessage};

/// A text with a name, to begin conversations with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedContext {
    pub id: ContextId,
    #[serde(flatten)]
    pub draft: ContextDraft,
}

/// What a named context consists of, and what its owner changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContextDraft {
    /// 1 to 100 characters.
    pub name: String,
    /// At most 32000 characters.
    pub content: String,
    /// New conversations begin with a copy of it. At most one is: making another one so takes it from the one before.
    #[serde(default)]
    pub is_default: bool,
}

/// What one conversation's model is told, and how it is told the messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationContext {
    /// The model reads it behind the persona's system prompt. At most 32000 characters; may be empty.
    #[serde(default, alias = "context")]
    pub content: String,
    /// Messages that the model is not told.
    #[serde(default)]
    pub excluded: BTreeSet<MessageId>,
    /// By message, the words that the model is told in place of its own. The message stays as it was said.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub wordings: BTreeMap<MessageId, String>,
}

impl ConversationContext {
    /// Whether any message is told otherwise than it was said, or not at all.
    #[must_use]
    pub fn has_edits(&self) -> bool {
        !self.excluded.is_empty() || !self.wordings.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_context_may_be_given_by_its_text_alone_under_either_name() {
        for told in [
            json!({ "content": "Be kind" }),
            json!({ "context": "Be kind" }),
        ] {
            let context: ConversationContext = serde_json::from_value(told).unwrap();
            assert_eq!(context.content, "Be kind");
            assert!(!context.has_edits());
        }
        assert!(serde_json::from_value::<ConversationContext>(json!({ "text": "x" })).is_err());
    }

    #[test]
    fn edits_survive_a_round_trip() {
        let id = "01941f29-7c00-7000-8000-000000000009";
        let told = json!({ "content": "", "excluded": [id], "wordings": { id: "otherwise" } });
        let context: ConversationContext = serde_json::from_value(told.clone()).unwrap();
        assert!(context.has_edits());
        assert_eq!(serde_json::to_value(context).unwrap(), told);
    }
}
