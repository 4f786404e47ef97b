//! A table of bounded size for things that pass.

use std::{collections::HashMap, hash::Hash};

use parlance_core::domain::Timestamp;

/// Entries, each below 64 bytes.
const MOST: usize = 50_000;

/// Something that means nothing from a moment on.
pub(super) trait Passing {
    fn means_nothing_after(&self) -> Timestamp;
}

/// At most [`MOST`] of them. When it is full, what means nothing any more goes, and if that is not enough, the quarter
/// that would have gone the soonest.
pub(super) struct Shelf<K, V>(HashMap<K, V>);

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash, V: Passing> Shelf<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key)
    }

    pub(super) fn put(&mut self, now: Timestamp, key: K, value: V) {
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            self.clear(now);
        }
        self.0.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.0.remove(key);
    }

    fn clear(&mut self, now: Timestamp) {
        self.0.retain(|_, value| value.means_nothing_after() > now);
        if self.0.len() < MOST {
            return;
        }
        let mut ends: Vec<_> = self.0.values().map(V::means_nothing_after).collect();
        let (_, quarter, _) = ends.select_nth_unstable(MOST / 4);
        let quarter = *quarter;
        self.0
            .retain(|_, value| value.means_nothing_after() > quarter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Until(i64);

    impl Passing for Until {
        fn means_nothing_after(&self) -> Timestamp {
            Timestamp(self.0)
        }
    }

    #[test]
    fn never_grows_beyond_its_bound_and_loses_the_oldest_first() {
        let mut shelf = Shelf::default();
        for number in 0..3 * MOST as i64 {
            shelf.put(Timestamp(0), number, Until(number + 1));
            assert!(shelf.0.len() <= MOST);
        }
        assert!(shelf.get(&(3 * MOST as i64 - 1)).is_some());
        assert!(shelf.get(&0).is_none());
    }

    #[test]
    fn what_has_passed_makes_room_for_the_rest() {
        let mut shelf = Shelf::default();
        for number in 0..MOST as i64 {
            shelf.put(Timestamp(0), number, Until(if number == 7 { 9 } else { 1 }));
        }
        shelf.put(Timestamp(5), -1, Until(9));
        assert_eq!(shelf.0.len(), 2);
    }
}
