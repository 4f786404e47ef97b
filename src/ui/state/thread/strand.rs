//! A text of the reply between two looks: what is shown grows in place, and nobody reads again what is there already.

use leptos::prelude::*;

/// What became of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Strand {
    /// It goes on with this, which may be nothing.
    Grown(String),
    New(String),
}

impl Default for Strand {
    fn default() -> Self {
        Self::Grown(String::new())
    }
}

impl Strand {
    /// From `old` to `new`. Where it is known to have `grown` only, what is old is not looked at.
    pub(super) fn between(old: &str, new: &str, grown: bool) -> Self {
        let fresh = if grown {
            new.get(old.len()..)
        } else {
            new.strip_prefix(old)
        };
        match fresh {
            Some(fresh) => Self::Grown(fresh.to_owned()),
            None => Self::New(new.to_owned()),
        }
    }

    /// Lets the signal show it, and wakes nobody when nothing is new. Whether it became another text.
    pub(super) fn show(self, signal: RwSignal<String>) -> bool {
        match self {
            Self::Grown(fresh) => {
                if !fresh.is_empty() {
                    signal.try_update(|text| text.push_str(&fresh));
                }
                false
            }
            Self::New(text) => {
                signal.try_set(text);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Strand;

    #[test]
    fn a_text_that_grew_is_told_by_what_is_new() {
        let grown = |text: &str| Strand::Grown(text.to_owned());
        assert_eq!(Strand::between("一", "一二", true), grown("二"));
        assert_eq!(Strand::between("一", "一二", false), grown("二"));
        assert_eq!(Strand::between("same", "same", false), grown(""));
        let other = Strand::New("other".to_owned());
        assert_eq!(Strand::between("one", "other", false), other);
        assert_eq!(Strand::between("longer", "other", true), other);
        assert_eq!(Strand::between("one", "", true), Strand::New(String::new()));
    }
}
