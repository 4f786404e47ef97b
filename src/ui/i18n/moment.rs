//! Moments as text in the viewer's zone and language. The server alone does this: the rules of all time zones are far
//! too much to download. The zone is the one that was chosen in the settings, else known from the cookie `tz`; until
//! there is one it is UTC, and said to be.
//!
//! Must not enter: what the time is now (callers ask the clock), how long ago something was (`i18n::turns`, on both
//! sides).

use std::collections::BTreeSet;

use jiff::{
    Timestamp as Instant, Zoned,
    tz::{TimeZone, db},
};
use parlance_core::domain::Timestamp;

use super::Locale;
use crate::rpc::{form::cookie, preferences::effective};

/// Name of the cookie that holds the browser's IANA zone, such as `Asia/Shanghai`.
pub const COOKIE: &str = "tz";

/// Names of months as English dates write them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The parts of the world that names of zones begin with, as people choose from them.
pub const AREAS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// A viewer's zone.
#[derive(Clone, Debug)]
pub struct Zone {
    zone: TimeZone,
    /// Whether it was chosen, or the browser has told it.
    told: bool,
}

impl Zone {
    /// The zone of whoever sent this request.
    #[must_use]
    pub fn of_request() -> Self {
        let chosen = effective().time_zone;
        let chosen = chosen.map(|name| Self::named(Some(name.as_str())));
        chosen
            .filter(Self::is_told)
            .unwrap_or_else(|| Self::named(Self::of_browser().as_deref()))
    }

    /// The name that the browser of this request has told.
    #[must_use]
    pub fn of_browser() -> Option<String> {
        let name = cookie(COOKIE)?.replace("%2F", "/");
        Self::is_known(&name).then_some(name)
    }

    /// Whether there is a zone of this name.
    #[must_use]
    pub fn is_known(name: &str) -> bool {
        db().get(name).is_ok()
    }

    /// Whether the zone is the viewer's, as far as one can know, and not UTC for want of a better one.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.told
    }

    /// The names of all zones in one of the [`AREAS`], in their order.
    #[must_use]
    pub fn names(area: &str) -> Vec<String> {
        let inside = |name: &str| {
            name.strip_prefix(area)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let names = db().available().map(|name| name.to_string());
        let names: BTreeSet<String> = names.filter(|name| inside(name)).collect();
        names.into_iter().collect()
    }

    /// The zone of this IANA name, also with its slash as `%2F`; UTC where there is no such zone.
    #[must_use]
    pub fn named(name: Option<&str>) -> Self {
        let name = name.map(|name| name.replace("%2F", "/"));
        let zone = name.and_then(|name| db().get(&name).ok());
        Self {
            told: zone.is_some(),
            zone: zone.unwrap_or(TimeZone::UTC),
        }
    }

    /// This moment on the clocks and calendars of the zone.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> Zoned {
        // Moments beyond the year 9999 are nobody's: the epoch stands for them.
        Instant::from_microsecond(at.0)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
    }

    /// As short as can be seen from `now`: the time alone for today, with the day for other days, the date alone for
    /// other years.
    #[must_use]
    pub fn short(&self, at: Timestamp, now: Timestamp, locale: Locale) -> String {
        let (at, now) = (self.local(at), self.local(now));
        if at.date() == now.date() {
            clock(&at, locale)
        } else if at.year() == now.year() {
            match locale {
                Locale::En => format!("{}, {}", day(&at, locale), clock(&at, locale)),
                Locale::ZhCn => format!("{} {}", day(&at, locale), clock(&at, locale)),
            }
        } else {
            date(&at, locale)
        }
    }

    /// The date alone.
    #[must_use]
    pub fn date(&self, at: Timestamp, locale: Locale) -> String {
        date(&self.local(at), locale)
    }

    /// Date and time in full, with the zone where it is only assumed.
    #[must_use]
    pub fn full(&self, at: Timestamp, locale: Locale) -> String {
        let at = self.local(at);
        let (date, clock) = (date(&at, locale), clock(&at, locale));
        let gap = match locale {
            Locale::En => ", ",
            Locale::ZhCn => " ",
        };
        let zone = if self.told { "" } else { " UTC" };
        format!("{date}{gap}{clock}{zone}")
    }
}

/// `8:05 PM`, `20:05`.
fn clock(at: &Zoned, locale: Locale) -> String {
    let (hour, minute) = (at.hour(), at.minute());
    match locale {
        Locale::En => {
            let half = if hour < 12 { "AM" } else { "PM" };
            format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)
        }
        Locale::ZhCn => format!("{hour:02}:{minute:02}"),
    }
}

/// `Nov 3`, `11月3日`.
fn day(at: &Zoned, locale: Locale) -> String {
    match locale {
        Locale::En => format!("{} {}", month(at), at.day()),
        Locale::ZhCn => format!("{}月{}日", at.month(), at.day()),
    }
}

/// `Nov 3, 2025`, `2025年11月3日`.
fn date(at: &Zoned, locale: Locale) -> String {
    match locale {
        Locale::En => format!("{}, {}", day(at, locale), at.year()),
        Locale::ZhCn => format!("{}年{}", at.year(), day(at, locale)),
    }
}

fn month(at: &Zoned) -> &'static str {
    usize::try_from(at.month() - 1)
        .ok()
        .and_then(|month| MONTHS.get(month))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use parlance_core::domain::preferences::ZoneName;

    use super::*;

    /// 2025-11-20T18:40:00Z.
    const AT: Timestamp = Timestamp(1_763_664_000_000_000);

    #[test]
    fn is_told_in_the_zone_and_language_of_the_viewer() {
        let shanghai = Zone::named(Some("Asia%2FShanghai"));
        assert_eq!(shanghai.full(AT, Locale::En), "Nov 21, 2025, 2:40 AM");
        assert_eq!(shanghai.full(AT, Locale::ZhCn), "2025年11月21日 02:40");
        let york = Zone::named(Some("America/New_York"));
        assert_eq!(york.full(AT, Locale::En), "Nov 20, 2025, 1:40 PM");
    }

    #[test]
    fn a_zone_that_nobody_knows_is_utc_and_says_so() {
        for name in [None, Some(""), Some("Mars/Olympus"), Some("../etc/passwd")] {
            let zone = Zone::named(name);
            assert_eq!(zone.full(AT, Locale::En), "Nov 20, 2025, 6:40 PM UTC");
        }
    }

    #[test]
    fn the_zones_that_one_may_choose_from_are_there() {
        let all: Vec<_> = AREAS.into_iter().flat_map(Zone::names).collect();
        assert!(all.len() > 350, "{}", all.len());
        for name in [
            "Asia/Shanghai",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
        ] {
            assert!(all.iter().any(|known| known == name), "{name}");
        }
        let odd = |name: &&String| !Zone::is_known(name) || ZoneName::parse(name).is_none();
        assert_eq!(all.iter().filter(odd).count(), 0);
        assert!(Zone::names("Asiatic").is_empty());
    }

    #[test]
    fn says_no_more_than_today_leaves_open() {
        let zone = Zone::named(Some("Europe/Berlin"));
        let later = |days: i64| AT.plus_seconds(days * 86_400);
        assert_eq!(zone.short(AT, later(0), Locale::En), "7:40 PM");
        assert_eq!(zone.short(AT, later(2), Locale::En), "Nov 20, 7:40 PM");
        assert_eq!(zone.short(AT, later(90), Locale::En), "Nov 20, 2025");
        assert_eq!(zone.short(AT, later(0), Locale::ZhCn), "19:40");
        assert_eq!(zone.short(AT, later(2), Locale::ZhCn), "11月20日 19:40");
        assert_eq!(zone.short(AT, later(90), Locale::ZhCn), "2025年11月20日");
    }

    #[test]
    fn midnight_and_noon_are_twelve() {
        let zone = Zone::named(Some("UTC"));
        let midnight = AT.plus_seconds(-18 * 3_600);
        assert_eq!(zone.short(midnight, AT, Locale::En), "12:40 AM");
        let noon = AT.plus_seconds(-6 * 3_600);
        assert_eq!(zone.short(noon, AT, Locale::En), "12:40 PM");
    }

    #[test]
    fn a_moment_beyond_all_calendars_breaks_nothing() {
        let zone = Zone::named(None);
        assert!(!zone.full(Timestamp(i64::MAX), Locale::En).is_empty());
        assert!(!zone.full(Timestamp(i64::MIN), Locale::ZhCn).is_empty());
    }
}
