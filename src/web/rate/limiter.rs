//! One limiter: so many in a minute for each key, in bounded memory.

use std::{
    collections::BTreeMap,
    hash::Hash,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::HashMapStateStore,
};

/// Keys, some 64 bytes each. Beyond, the keys are to be coarser.
const MOST_KEYS: usize = 50_000;
/// Checks between two looks at how many keys there are.
const LOOK: u32 = 1_024;

/// What somebody is known by.
pub(in crate::web) trait Key: Copy + Eq + Hash {}

impl<K: Copy + Eq + Hash> Key for K {}

/// So many in a minute for each key.
pub(super) struct Limiter<K: Key> {
    inner: RateLimiter<K, HashMapStateStore<K>, DefaultClock>,
    most: u32,
    checks: AtomicU32,
    crowded: AtomicBool,
}

impl<K: Key> Limiter<K> {
    /// All of a minute's may come at once.
    pub(super) fn new(most: u32) -> Self {
        let most = most.max(1);
        let quota = Quota::per_minute(NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN));
        Self {
            inner: RateLimiter::hashmap(quota),
            most,
            checks: AtomicU32::new(0),
            crowded: AtomicBool::new(false),
        }
    }

    pub(super) fn most(&self) -> u32 {
        self.most
    }

    /// Whether there are so many keys that wider ones should be used.
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    /// One more of this key, or how long until it may be.
    pub(super) fn check(&self, key: K) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % LOOK == LOOK - 1 {
            self.tidy();
        }
        self.inner
            .check_key(&key)
            .map_err(|early| early.wait_time_from(self.inner.clock().now()))
    }

    /// Forgets the keys that have their whole allowance again.
    fn tidy(&self) {
        self.inner.retain_recent();
        self.inner.shrink_to_fit();
        self.crowded
            .store(self.inner.len() >= MOST_KEYS, Ordering::Relaxed);
    }
}

/// Limiters by how much they allow: there are as many as groups have different limits.
pub(super) struct ByQuota<K: Key>(Mutex<BTreeMap<u32, Arc<Limiter<K>>>>);

/// Quotas that are remembered; whoever changes a group's limit leaves an old one behind.
const MOST_QUOTAS: usize = 16;

impl<K: Key> Default for ByQuota<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Key> ByQuota<K> {
    /// One more of this key where `most` a minute are allowed.
    pub(super) fn check(&self, most: u32, key: K) -> Result<(), Duration> {
        self.of(most).check(key)
    }

    fn of(&self, most: u32) -> Arc<Limiter<K>> {
        let mut limiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if limiters.len() >= MOST_QUOTAS && !limiters.contains_key(&most) {
            limiters.clear();
        }
        limiters
            .entry(most)
            .or_insert_with(|| Arc::new(Limiter::new(most)))
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_so_many_and_tells_how_long_to_wait() {
        let limiter = Limiter::new(60);
        assert!((0..60).all(|_| limiter.check(1).is_ok()));
        let wait = limiter.check(1).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert!(limiter.check(2).is_ok());
    }

    #[test]
    fn keys_that_are_too_many_are_noticed() {
        let limiter = Limiter::new(1);
        for key in 0..MOST_KEYS as u32 + 2 * LOOK {
            let _ = limiter.check(key);
        }
        assert!(limiter.is_crowded());
    }

    #[test]
    fn keys_with_their_whole_allowance_are_forgotten() {
        let limiter = Limiter::new(1_000_000);
        for key in 0..10 * LOOK {
            let _ = limiter.check(key);
        }
        std::thread::sleep(Duration::from_millis(20));
        limiter.tidy();
        assert_eq!(limiter.inner.len(), 0);
    }

    #[test]
    fn old_quotas_do_not_pile_up() {
        let all = ByQuota::default();
        for most in 1..100 {
            let _ = all.check(most, 1_u32);
        }
        assert!(all.0.lock().unwrap().len() <= MOST_QUOTAS);
    }
}
