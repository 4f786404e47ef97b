//! The machine's clock: the one place that reads the time and mints ids. No rules about either live here.

use parlance_core::domain::Timestamp;
use parlance_server::port::clock::Clock;
use time::OffsetDateTime;
use uuid::Uuid;

/// The operating system's clock, UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let nanos = OffsetDateTime::now_utc().unix_timestamp_nanos();
        // Microseconds since 1970 leave an i64 only in the year 294 247.
        Timestamp(i64::try_from(nanos.div_euclid(1_000)).unwrap_or(i64::MAX))
    }

    fn new_id(&self) -> Uuid {
        // The crate's shared context counts within a millisecond, so ids of this process never go back.
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_process_only_grow() {
        let ids: Vec<Uuid> = (0..10_000).map(|_| SystemClock.new_id()).collect();
        assert!(ids.is_sorted());
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(ids[0].get_version_num(), 7);
    }
}
