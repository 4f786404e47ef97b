//! A seeded source of chance, so that a run's decisions can be repeated. The processes it plays with keep
//! their own time: a seed repeats the plan, not the race.

use std::{ops::RangeInclusive, time::Duration};

/// Good enough to choose faults by.
#[derive(Clone, Debug)]
pub struct Dice(fastrand::Rng);

impl Dice {
    /// Those of a test; `PARLANCE_CHAOS_SEED` gives others.
    pub fn of(test: &str) -> Self {
        let given = std::env::var("PARLANCE_CHAOS_SEED").ok();
        let seed = given.and_then(|text| text.parse().ok()).unwrap_or(1);
        println!("{test}: PARLANCE_CHAOS_SEED={seed}");
        let named = test.bytes().fold(seed, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(fastrand::Rng::with_seed(named))
    }

    /// Others, for somebody who rolls at the same time.
    pub fn split(&mut self) -> Self {
        Self(self.0.fork())
    }

    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.u64(range)
    }

    pub fn millis(&mut self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.0.u64(0..100) < chance
    }

    /// # Panics
    /// When there is nothing to pick from.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.within(0..=items.len() as u64 - 1) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same() {
        let roll = |seed| {
            let mut dice = Dice(fastrand::Rng::with_seed(seed));
            [dice.within(0..=u64::MAX), dice.split().within(0..=u64::MAX)]
        };
        assert_eq!(roll(7), roll(7));
        assert_ne!(roll(7), roll(8));
        let mut dice = Dice::of("dice");
        assert!((0..1000).all(|_| (3..=9).contains(&dice.within(3..=9))));
    }
}
