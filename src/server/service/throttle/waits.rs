//! How long a try has to wait after those before it: the same for passwords and for codes.

use std::time::Duration;

/// The wait after the last free try; each further one doubles it.
const FIRST: Duration = Duration::from_secs(30);
/// No wait is longer: nobody shall be locked out by somebody else's guesses.
pub(in crate::service) const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The wait after `tries` tries of which `free` cost nothing.
pub(in crate::service) fn after(tries: u32, free: u32) -> Duration {
    tries.checked_sub(free).map_or(Duration::ZERO, |beyond| {
        FIRST
            .saturating_mul(2_u32.saturating_pow(beyond))
            .min(LONGEST)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_has_an_end() {
        let waits = [0, 4, 5, 6, 7, 9, 10, 100, u32::MAX].map(|tries| after(tries, 5).as_secs());
        assert_eq!(waits, [0, 0, 30, 60, 120, 480, 900, 900, 900]);
    }
}
