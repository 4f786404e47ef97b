//! What people are to this installation, and how much each kind may use.
//!
//! Must not enter: who is asked for which right; services do that.

use serde::{Deserialize, Serialize};

/// A user group. The word is the same in JSON and in the database.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Group {
    #[default]
    User,
    Pro,
    /// Runs the installation.
    Admin,
}

impl Group {
    /// All groups, the one with the least rights first.
    pub const ALL: &[Self] = &[Self::User, Self::Pro, Self::Admin];

    /// The word of this group.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Pro => "pro",
            Self::Admin => "admin",
        }
    }

    /// The group that this word stands for.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|group| group.word() == word)
    }
}

/// How much the people of a group may use; `None` is without limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupLimits {
    pub group: Group,
    /// Model configurations that one person may keep.
    pub model_configs: Option<u32>,
    /// Whether they may name endpoints of their own.
    pub own_endpoints: bool,
    /// Requests of one person in a minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens of one person in a day.
    pub tokens_per_day: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_group() {
        for group in Group::ALL {
            assert_eq!(Group::from_word(group.word()), Some(*group));
            assert_eq!(
                serde_json::to_string(group).unwrap(),
                format!("\"{}\"", group.word())
            );
        }
        assert_eq!(Group::from_word("root"), None);
    }
}
