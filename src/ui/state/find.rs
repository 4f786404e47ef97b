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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The same with this message looked at, if it is one of the hits.
    #[must_use]
    pub fn at(self, id: Option<MessageId>) -> Self {
        let place = self.hits.iter().position(|hit| Some(hit.id) == id);
        Self {
            at: place.unwrap_or(self.at),
            ..self
        }
    }

    /// All of them, from the first to the last.
    #[must_use]
    pub fn hits(&self) -> &[Hit] {
        &self.hits
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
        self.at = self.beside(back).unwrap_or(self.at);
    }

    /// The hit that [`Self::turn`] would lead to.
    #[must_use]
    pub fn neighbour(&self, back: bool) -> Option<&Hit> {
        self.hits.get(self.beside(back)?)
    }

    fn beside(&self, back: bool) -> Option<usize> {
        let count = self.hits.len();
        let ahead = if back { count.checked_sub(1)? } else { 1 };
        (self.at + ahead).checked_rem(count)
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
    fn looking_goes_on_from_the_message_that_an_address_names() {
        let id = |number| Some(MessageId(Uuid::from_u128(number)));
        let finds = finds(3).at(id(0));
        assert_eq!(finds.place(), Some((1, 3)));
        assert_eq!(finds.neighbour(true).map(|hit| hit.id), id(2));
        assert_eq!(finds.neighbour(false).map(|hit| hit.id), id(1));
        assert_eq!(finds.clone().at(id(7)), finds);
        assert_eq!(finds.clone().at(None), finds);
        assert_eq!(Finds::default().neighbour(true), None);
    }

    #[test]
    fn nothing_found_is_said_and_nothing_asked_is_not() {
        let mut none = finds(0);
        none.turn(false);
        assert_eq!((none.place(), none.current()), (Some((0, 0)), None));
        assert_eq!(Finds::default().place(), None);
    }
}
