//! Percentiles of a handful of samples. Nearest rank: a figure printed is one that was measured.

/// The sample below which the share `q` (0 to 1) of all lies; 0 of none.
pub fn percentile(sorted: &[i64], q: f64) -> i64 {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.clamp(1, sorted.len().max(1)) - 1)
        .copied()
        .unwrap_or_default()
}

/// Middle, and the worst but one in a hundred, in milliseconds, of samples in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
}

impl Spread {
    /// Sorts what it is given.
    pub fn of(samples: &mut [i64]) -> Self {
        samples.sort_unstable();
        let at = |q| percentile(samples, q) as f64 / 1e3;
        Self {
            p50: at(0.50),
            p99: at(0.99),
        }
    }

    /// What was added on the way.
    pub fn beyond(self, base: Self) -> Self {
        Self {
            p50: self.p50 - base.p50,
            p99: self.p99 - base.p99,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_samples_that_were_measured() {
        let samples: Vec<i64> = (1..=200).collect();
        assert_eq!(percentile(&samples, 0.5), 100);
        assert_eq!(percentile(&samples, 0.99), 198);
        assert_eq!(percentile(&samples[..1], 0.99), 1);
        assert_eq!(percentile(&[], 0.5), 0);
    }
}
