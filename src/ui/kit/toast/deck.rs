//! Which toasts are shown, and for how much longer. Pure.

use leptos::callback::Callback;

/// At most so many at a time; the oldest makes room.
const MOST: usize = 3;
/// Nobody reads and decides faster than this, milliseconds.
pub const SHORTEST: u32 = 6_000;

/// One piece of news.
#[derive(Clone)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    /// What may be done about it.
    pub action: Option<(&'static str, Callback<()>)>,
    /// Time that is left, milliseconds.
    left: u32,
}

/// All that are shown, the oldest first.
#[derive(Clone, Default)]
pub struct Deck {
    pub toasts: Vec<Toast>,
    last_id: u32,
}

impl Deck {
    /// Shows one more; answers its id.
    pub fn put(
        &mut self,
        text: String,
        action: Option<(&'static str, Callback<()>)>,
        millis: u32,
    ) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        if self.toasts.len() == MOST {
            self.toasts.remove(0);
        }
        self.toasts.push(Toast {
            id: self.last_id,
            text,
            action,
            left: millis.max(SHORTEST),
        });
        self.last_id
    }

    /// Takes one away, if it is still there.
    pub fn close(&mut self, id: u32) {
        self.toasts.retain(|toast| toast.id != id);
    }

    /// Takes the newest away.
    pub fn close_newest(&mut self) {
        self.toasts.pop();
    }

    /// `millis` have gone by, unseen by nobody: whether any toast went with them.
    pub fn pass(&mut self, millis: u32) -> bool {
        let before = self.toasts.len();
        for toast in &mut self.toasts {
            toast.left = toast.left.saturating_sub(millis);
        }
        self.toasts.retain(|toast| toast.left > 0);
        self.toasts.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(deck: &Deck) -> Vec<&str> {
        deck.toasts
            .iter()
            .map(|toast| toast.text.as_str())
            .collect()
    }

    #[test]
    fn the_oldest_makes_room_for_the_fourth() {
        let mut deck = Deck::default();
        for text in ["a", "b", "c", "d"] {
            deck.put(text.to_owned(), None, 0);
        }
        assert_eq!(texts(&deck), ["b", "c", "d"]);
        deck.close_newest();
        assert_eq!(texts(&deck), ["b", "c"]);
    }

    #[test]
    fn every_toast_stays_for_its_own_time_and_never_less_than_six_seconds() {
        let mut deck = Deck::default();
        deck.put("short".to_owned(), None, 10);
        deck.put("long".to_owned(), None, 9_000);
        assert!(!deck.pass(5_999));
        assert!(deck.pass(1));
        assert_eq!(texts(&deck), ["long"]);
        assert!(deck.pass(3_000));
        assert!(texts(&deck).is_empty());
    }

    #[test]
    fn a_toast_is_closed_by_its_own_id() {
        let mut deck = Deck::default();
        let first = deck.put("a".to_owned(), None, 0);
        let second = deck.put("b".to_owned(), None, 0);
        assert_ne!(first, second);
        deck.close(first);
        deck.close(first);
        assert_eq!(texts(&deck), ["b"]);
    }
}
