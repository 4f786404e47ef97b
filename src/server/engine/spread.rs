//! Numbers for spreading what would otherwise happen all at once: reconnects, rotations, repetitions.

use std::sync::atomic::{AtomicU32, Ordering};

use uuid::Uuid;

/// The golden ratio's fraction: of all steps around a circle the one that leaves the smallest gaps, however many are
/// taken (Kronecker sequence). Dice would now and then let a crowd through.
const STEP: f64 = 0.618_033_988_749_894_9;

/// Evenly spread numbers. Each process begins elsewhere.
#[derive(Debug)]
pub(super) struct Spread {
    start: f64,
    given: AtomicU32,
}

impl Spread {
    /// `id`: one whose last bits are random.
    pub(super) fn new(id: Uuid) -> Self {
        Self {
            // Those before them may count up within a millisecond (RFC 9562, 6.2).
            start: f64::from(id.as_u128() as u32) / 2_f64.powi(32),
            given: AtomicU32::new(0),
        }
    }

    /// A number from 0 up to 1.
    pub(super) fn next(&self) -> f64 {
        let given = self.given.fetch_add(1, Ordering::Relaxed);
        (self.start + f64::from(given) * STEP).fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tenth_gets_more_than_its_share() {
        let spread = Spread::new(Uuid::from_u128(0x9e37_79b9));
        for count in [20, 67, 200, 2_000] {
            let mut tenths = [0; 10];
            for _ in 0..count {
                tenths[(spread.next() * 10.0) as usize] += 1;
            }
            let most = *tenths.iter().max().expect("ten");
            assert!(most <= count / 10 + 2, "{count}: {tenths:?}");
        }
    }
}
