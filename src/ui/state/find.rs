//! What was found in a conversation, and which of it is looked at.

use parlance_core::domain::MessageId;
use serde::{Deserialize, Serialize};

/// A message in which the words stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub id: MessageId,
    /// Text before the first place, there, and behind it.
    pub snippet: [String; 3],
}

/// What was found. New: nothing was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finds {
    /// What was looked for; empty when nothing was.
    pub text: String,
    hits: Vec<Hit>,
    at: usize,
}

impl Finds {
    /// The last of the hits is looked at first: it is the nearest to where reading usually is.
    #[must_use]
    pub fn new(text: String, hits: Vec<Hit>) -> Self {
        let at = hits.len().saturating_sub(1);
        Self { text, hits, at }
    }

    /// The hit that is looked at.
    #[must_use]
    pub fn current(&self) -> Option<&Hit> {
        self.hits.get(self.at)
    }

    /// The place of the current hit, from 1, and how many there are; `None` when nothing was looked for.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        let count = self.hits.len();
        (!self.text.is_empty()).then_some(((self.at + 1).min(count), count))
    }

    /// On to the next hit or back to the one before, and round at the ends.
    pub fn turn(&mut self, back: bool) {
        let count = self.hits.len();
        if count > 0 {
            self.at = (self.at + if back { count - 1 } else { 1 }) % count;
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn finds(count: u128) -> Finds {
        let hit = |number| Hit {
            id: MessageId(Uuid::from_u128(number)),
            snippet: Default::default(),
        };
        Finds::new("tide".into(), (0..count).map(hit).collect())
    }

    #[test]
    fn looking_begins_at_the_end_and_goes_round() {
        let mut finds = finds(3);
        assert_eq!(finds.place(), Some((3, 3)));
        finds.turn(false);
        assert_eq!(finds.place(), Some((1, 3)));
        finds.turn(true);
        finds.turn(true);
        assert_eq!(finds.place(), Some((2, 3)));
        assert_eq!(
            finds.current().map(|hit| hit.id),
            Some(MessageId(Uuid::from_u128(1)))
        );
    }

    #[test]
    fn nothing_found_is_said_and_nothing_asked_is_not() {
        let mut none = finds(0);
        none.turn(false);
        assert_eq!((none.place(), none.current()), (Some((0, 0)), None));
        assert_eq!(Finds::default().place(), None);
    }
}
