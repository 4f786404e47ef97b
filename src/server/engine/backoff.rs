//! When a provider that failed is asked again. Pure: the caller brings the dice and does the waiting.
//!
//! Only for attempts of which nothing was shown: text that a screen has had must not come twice.

use std::time::Duration;

use parlance_core::domain::ProblemCode;

/// How often a reply that has no text yet is asked for anew.
const REPETITIONS: u32 = 2;

/// How long to wait after attempt number `attempt` (the first is 1) failed; `None`: do not ask again.
///
/// Full jitter over `base`·2ⁿ (Brooker, "Exponential Backoff And Jitter", 2015). The provider's own word wins, if it is
/// not `longest` or more; the jitter comes on top of it, since it was told to everybody at the same moment. `dice` is
/// uniform over 0 to 1.
pub(super) fn pause(
    attempt: u32,
    base: Duration,
    retry_after: Option<Duration>,
    longest: Duration,
    dice: f64,
) -> Option<Duration> {
    if attempt > REPETITIONS {
        return None;
    }
    let doubled = base.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    let jitter = |most: Duration| most.mul_f64(dice.clamp(0.0, 1.0));
    match retry_after {
        Some(told) => (told <= longest).then(|| told + jitter(base)),
        None => Some(jitter(doubled.min(longest))),
    }
}

/// Whether a repetition may succeed where this failed (streaming design, B.8). A model that did not begin in time is
/// not asked again: the person has waited long enough.
pub(super) fn may_repeat(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::UpstreamConnect
            | ProblemCode::Upstream5xx
            // Also 408 and 425.
            | ProblemCode::UpstreamRateLimited
            | ProblemCode::UpstreamReset
            // A proxy decides whether a broken connection looks like this or like a reset.
            | ProblemCode::UpstreamTruncated
    )
}

/// Whether the provider is unwell, as opposed to unwilling: only that opens the circuit breaker.
pub(super) fn blames_provider(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::UpstreamConnect
            | ProblemCode::Upstream5xx
            | ProblemCode::UpstreamFirstTokenTimeout
            | ProblemCode::UpstreamStalled
            | ProblemCode::UpstreamReset
            | ProblemCode::UpstreamTruncated
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(60);

    fn after(attempt: u32, told: Option<u64>, dice: f64) -> Option<Duration> {
        pause(attempt, BASE, told.map(Duration::from_secs), LONGEST, dice)
    }

    #[test]
    fn waits_a_random_part_of_a_doubling_time_and_gives_up_after_two_repetitions() {
        assert_eq!(after(1, None, 1.0), Some(BASE));
        assert_eq!(after(2, None, 1.0), Some(BASE * 2));
        assert_eq!(after(2, None, 0.25), Some(BASE / 2));
        assert_eq!(after(1, None, 0.0), Some(Duration::ZERO));
        assert_eq!(after(3, None, 0.5), None);
        assert_eq!(after(3, Some(1), 0.5), None);
    }

    #[test]
    fn the_providers_word_wins_up_to_the_longest() {
        assert_eq!(after(1, Some(7), 0.0), Some(Duration::from_secs(7)));
        assert_eq!(after(1, Some(60), 0.0), Some(LONGEST));
        assert_eq!(after(1, Some(61), 0.0), None);
        let spread = after(2, Some(7), 1.0).expect("a pause");
        assert_eq!(spread, Duration::from_secs(7) + BASE);
    }

    #[test]
    fn dice_of_no_use_do_no_harm() {
        assert_eq!(after(1, None, -3.0), Some(Duration::ZERO));
        assert_eq!(after(1, None, 9.0), Some(BASE));
    }

    #[test]
    fn what_a_repetition_cannot_mend_is_not_repeated() {
        for code in [
            ProblemCode::UpstreamAuth,
            ProblemCode::UpstreamBadRequest,
            ProblemCode::ModelNotFound,
            ProblemCode::ContextOverflow,
            ProblemCode::UpstreamFirstTokenTimeout,
        ] {
            assert!(!may_repeat(code), "{code:?}");
        }
        assert!(may_repeat(ProblemCode::UpstreamRateLimited));
        assert!(!blames_provider(ProblemCode::UpstreamRateLimited));
        assert!(blames_provider(ProblemCode::UpstreamFirstTokenTimeout));
    }
}
