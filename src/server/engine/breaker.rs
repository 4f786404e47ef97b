//! The circuit breaker: a provider that keeps failing is left alone for a while, then tried with one call.
//!
//! It counts calls, not people: whoever asks next is refused at once instead of waiting for the same end.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Calls that are looked back on.
const WINDOW: usize = 10;
/// So many failures among them open the breaker.
const FAILURES: usize = 5;

/// Providers that are remembered; beyond, those are forgotten that are not left alone. People name as many as they like.
const REMEMBERED: usize = 1_024;

/// How the providers fared lately.
pub(super) struct Breaker {
    open: Duration,
    providers: Mutex<HashMap<String, Health>>,
}

#[derive(Default)]
struct Health {
    /// Whether the last calls succeeded, the newest at the back.
    recent: VecDeque<bool>,
    open: Option<Open>,
}

struct Open {
    until: Instant,
    /// One call is on its way to find out. If it never reports (its reader left), the next may try after `until`.
    probing: bool,
}

impl Breaker {
    /// `open`: how long a failing provider is left alone.
    pub(super) fn new(open: Duration) -> Self {
        Self {
            open,
            providers: Mutex::default(),
        }
    }

    /// Whether the provider may be asked now. Each `Ok` of an open breaker is the one probe: ask, and report.
    ///
    /// # Errors
    /// How long it will be left alone still.
    pub(super) fn allow(&self, provider: &str, now: Instant) -> Result<(), Duration> {
        let mut providers = self.providers();
        let Some(open) = providers
            .get_mut(provider)
            .and_then(|health| health.open.as_mut())
        else {
            return Ok(());
        };
        let left = open.until.saturating_duration_since(now);
        if !left.is_zero() {
            return Err(left);
        }
        open.until = now + self.open;
        open.probing = true;
        Ok(())
    }

    /// Reports how a call went: `ok` unless the provider itself failed.
    pub(super) fn record(&self, provider: &str, ok: bool, now: Instant) {
        let mut providers = self.providers();
        if providers.len() >= REMEMBERED && !providers.contains_key(provider) {
            providers.retain(|_, health| health.open.as_ref().is_some_and(|open| open.until > now));
        }
        let health = providers.entry(provider.to_owned()).or_default();
        if let Some(open) = &mut health.open {
            // Calls that began before it opened say nothing new.
            if open.probing {
                if ok {
                    *health = Health::default();
                } else {
                    open.until = now + self.open;
                    open.probing = false;
                }
            }
            return;
        }
        health.recent.push_back(ok);
        if health.recent.len() > WINDOW {
            health.recent.pop_front();
        }
        let failures = health.recent.iter().filter(|ok| !**ok).count();
        if failures >= FAILURES {
            tracing::warn!(
                provider,
                failures,
                "the provider keeps failing and is left alone"
            );
            health.open = Some(Open {
                until: now + self.open,
                probing: false,
            });
        }
    }

    /// Whether the breaker is open: nothing that can be done without should be tried.
    pub(super) fn is_open(&self, provider: &str) -> bool {
        let providers = self.providers();
        providers
            .get(provider)
            .is_some_and(|health| health.open.is_some())
    }

    fn providers(&self) -> MutexGuard<'_, HashMap<String, Health>> {
        // Every change is complete before anything can panic.
        self.providers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Duration = Duration::from_secs(30);

    fn opened() -> Breaker {
        let breaker = Breaker::new(OPEN);
        for _ in 0..FAILURES {
            assert_eq!(breaker.allow("p", Instant::now()), Ok(()));
            breaker.record("p", false, Instant::now());
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_five_failures_of_ten_and_only_for_that_provider() {
        let breaker = Breaker::new(OPEN);
        let now = Instant::now();
        for _ in 0..50 {
            // Four in any ten: not enough.
            for call in 0..10 {
                breaker.record("p", call >= 4, now);
            }
        }
        assert_eq!(breaker.allow("p", now), Ok(()));
        breaker.record("p", false, now);
        breaker.record("p", false, now);
        assert!(!breaker.is_open("p"), "the four have left the window");
        let breaker = opened();
        assert_eq!(breaker.allow("p", Instant::now()), Err(OPEN));
        assert!(breaker.is_open("p"));
        assert_eq!(breaker.allow("q", Instant::now()), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_while_one_call_finds_out() {
        let breaker = opened();
        tokio::time::advance(OPEN - Duration::from_millis(1)).await;
        assert!(breaker.allow("p", Instant::now()).is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(breaker.allow("p", Instant::now()), Ok(()));
        assert!(breaker.allow("p", Instant::now()).is_err(), "one at a time");
        breaker.record("p", false, Instant::now());
        assert_eq!(breaker.allow("p", Instant::now()), Err(OPEN));
        tokio::time::advance(OPEN).await;
        assert_eq!(breaker.allow("p", Instant::now()), Ok(()));
        breaker.record("p", true, Instant::now());
        for _ in 0..FAILURES - 1 {
            breaker.record("p", false, Instant::now());
        }
        assert_eq!(breaker.allow("p", Instant::now()), Ok(()), "it starts anew");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_never_reports_does_not_close_the_door_for_ever() {
        let breaker = opened();
        tokio::time::advance(OPEN).await;
        assert_eq!(breaker.allow("p", Instant::now()), Ok(()));
        tokio::time::advance(OPEN).await;
        assert_eq!(breaker.allow("p", Instant::now()), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn late_news_of_earlier_calls_changes_nothing() {
        let breaker = opened();
        breaker.record("p", true, Instant::now());
        assert!(breaker.is_open("p"));
        tokio::time::advance(Duration::from_secs(10)).await;
        breaker.record("p", false, Instant::now());
        assert_eq!(
            breaker.allow("p", Instant::now()),
            Err(Duration::from_secs(20))
        );
    }
}
