//! The headings of a list that is ordered by time: today, yesterday, the last days, then months. The server alone makes
//! them; a list calls today by an empty text, which the page fills in.
//!
//! Must not enter: the clock (callers ask it), dates in full (`moment`).

use parlance_core::domain::Timestamp;

use super::{Locale, moment::Zone};

/// Names of months as English headings write them.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The heading for what was used at `at`, seen from `now`, both on the viewer's calendar. Empty for today, and for what
/// is yet to come: clocks differ a little.
#[must_use]
pub fn day(zone: &Zone, at: Timestamp, now: Timestamp, locale: Locale) -> String {
    let (then, today) = (zone.local(at).date(), zone.local(now).date());
    let days = then.until(today).map_or(0, |span| span.get_days());
    let word = match (locale, days) {
        (_, ..=0) => "",
        (Locale::En, 1) => "Yesterday",
        (Locale::En, 2..=7) => "Previous 7 days",
        (Locale::En, 8..=30) => "Previous 30 days",
        (Locale::ZhCn, 1) => "昨天",
        (Locale::ZhCn, 2..=7) => "过去 7 天",
        (Locale::ZhCn, 8..=30) => "过去 30 天",
        (Locale::En, _) => {
            let month = usize::try_from(then.month() - 1).unwrap_or_default();
            let name = MONTHS.get(month).copied().unwrap_or_default();
            return format!("{name} {}", then.year());
        }
        (Locale::ZhCn, _) => return format!("{}年{}月", then.year(), then.month()),
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(zone: &str, now: &str, moments: &[&str], locale: Locale) -> Vec<String> {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let zone = Zone::named(Some(zone));
        let heading = |text: &&str| day(&zone, at(text), at(now), locale);
        moments.iter().map(heading).collect()
    }

    #[test]
    fn days_end_at_the_viewers_midnight() {
        let moments = ["2026-03-09T15:59:00Z", "2026-03-09T16:01:00Z"];
        let now = "2026-03-10T01:00:00Z";
        let there = |zone| headings(zone, now, &moments, Locale::En);
        assert_eq!(there("UTC"), ["Yesterday", "Yesterday"]);
        assert_eq!(there("Asia/Shanghai"), ["Yesterday", ""]);
        assert_eq!(there("America/Los_Angeles"), ["", ""]);
    }

    #[test]
    fn headings_are_days_weeks_and_months() {
        let moments = [
            "2026-04-01T12:00:00Z",
            "2026-03-30T00:00:00Z",
            "2026-03-29T23:59:59Z",
            "2026-03-24T00:00:00Z",
            "2026-03-23T23:59:59Z",
            "2026-03-01T00:00:00Z",
            "2026-02-28T23:59:59Z",
            "2025-03-31T12:00:00Z",
        ];
        let seen = |locale| headings("UTC", "2026-03-31T12:00:00Z", &moments, locale);
        assert_eq!(
            seen(Locale::En),
            [
                "",
                "Yesterday",
                "Previous 7 days",
                "Previous 7 days",
                "Previous 30 days",
                "Previous 30 days",
                "February 2026",
                "March 2025",
            ]
        );
        assert_eq!(
            seen(Locale::ZhCn)[1..],
            [
                "昨天",
                "过去 7 天",
                "过去 7 天",
                "过去 30 天",
                "过去 30 天",
                "2026年2月",
                "2025年3月",
            ]
        );
    }

    #[test]
    fn a_day_of_23_hours_is_a_day() {
        // The clocks went forward in New York at 07:00 UTC.
        let (now, then) = ("2026-03-09T04:30:00Z", "2026-03-08T05:30:00Z");
        let seen = headings("America/New_York", now, &[then], Locale::En);
        assert_eq!(seen, ["Yesterday"]);
    }

    #[test]
    fn an_impossible_moment_does_no_harm() {
        let zone = Zone::named(None);
        for moment in [i64::MIN, i64::MAX] {
            let text = day(&zone, Timestamp(moment), Timestamp(0), Locale::En);
            assert!(!text.contains('\n'));
        }
    }
}
