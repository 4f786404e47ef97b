//! Which page an address is.

use parlance_core::domain::{ContextId, ConversationId};

/// One of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    List,
    New,
    Change(ContextId),
    /// A conversation's own.
    Of(ConversationId),
}

impl Part {
    /// The page at this path.
    pub(super) fn at(path: &str) -> Option<Self> {
        let words: Vec<&str> = path.split('/').skip(1).collect();
        match words[..] {
            ["contexts"] => Some(Self::List),
            ["contexts", "new"] => Some(Self::New),
            ["contexts", id] => id.parse().ok().map(Self::Change),
            ["chat", id, "context"] => id.parse().ok().map(Self::Of),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_path() {
        const ID: &str = "01941f29-7c00-7000-8000-000000000001";
        let id = ID.parse().unwrap();
        for (path, part) in [
            ("/contexts", Part::List),
            ("/contexts/new", Part::New),
            (&format!("/contexts/{ID}"), Part::Change(ContextId(id))),
            (&format!("/chat/{ID}/context"), Part::Of(ConversationId(id))),
        ] {
            assert_eq!(Part::at(path), Some(part), "{path}");
        }
        for none in [
            "",
            "/",
            "/contexts/x",
            "/chat/x/context",
            "/chat",
            "/contexts/new/1",
        ] {
            assert_eq!(Part::at(none), None, "{none}");
        }
    }
}
