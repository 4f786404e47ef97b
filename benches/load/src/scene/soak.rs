//! The soak: twenty short replies a second and two hundred viewers, for as long as is asked. What matters is not how much
//! the server holds but whether it grows, and whether it has given everything back when all have left.
//!
//! Conversations do not grow without end: every seat begins a new one after ten replies, and its viewer moves along.

mod load;

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    process::Holding,
    report::{Report, Row, Verdict},
    scene::{Stage, soak::load::Load},
    trend::slope,
};

const MINUTES: f64 = 2.0;
const MINUTES_QUICK: f64 = 0.5;
/// The full form.
const HOUR: f64 = 60.0;
/// Looks at the server over the whole time, and those that are printed.
const LOOKS: u32 = 360;
const SHOWN: usize = 36;
/// Share of the time that does not count: caches and pools fill.
const WARM_UP: f64 = 1.0 / 6.0;
/// A load before the one that counts, so that pools are open when the server is first looked at.
const REHEARSAL: Duration = Duration::from_secs(10);
const REST: Duration = Duration::from_secs(5);
/// Within this the last must have been given back: an idle connection to a provider is kept for 90 s.
const GIVE_BACK: Duration = Duration::from_secs(120);
/// MB an hour.
const GROWTH: f64 = 1.0;
/// Open files, or threads, more than before.
const LEFT_OVER: u64 = 5;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let usual = if stage.options.quick {
        MINUTES_QUICK
    } else {
        MINUTES
    };
    let minutes = stage.options.minutes.unwrap_or(usual);
    let length = Duration::from_secs_f64(minutes * 60.0);
    let server = stage.server(&load::model()).await?;
    let target = stage.parlance(&server);

    Load::begin(&target, Instant::now() + REHEARSAL).end().await;
    sleep(REST).await;
    let before = Holding::of(server.pid())?;

    let begun = Instant::now();
    let load = Load::begin(&target, begun + length);
    let mut looks = Vec::new();
    for number in 1..=LOOKS {
        sleep_until(begun + length / LOOKS * number).await;
        let held = Holding::of(server.pid())?;
        looks.push((begun.elapsed().as_secs_f64() / 3600.0, held));
        if looks.len().is_multiple_of(SHOWN) {
            report.note(&format!(
                "soak, {:.1} min: {:.1} MiB, {} open files, {} threads",
                begun.elapsed().as_secs_f64() / 60.0,
                mib(held.resident_kib),
                held.files,
                held.threads
            ));
        }
    }
    let counts = load.end().await;

    let left = Instant::now();
    let mut after = Holding::of(server.pid())?;
    while !is_back(&before, &after) && left.elapsed() < GIVE_BACK {
        sleep(Duration::from_secs(1)).await;
        after = Holding::of(server.pid())?;
    }
    let name = format!(
        "soak of {minutes} min, {} viewers, {} replies a second",
        load::SEATS,
        load::A_SECOND
    );
    grown(report, &name, minutes, &looks);
    let row = Row {
        what: "the same: replies, seen by viewers; refused, late; wrong, at viewers".to_owned(),
        parlance: format!(
            "{}, {}; {}, {}; {}, {}",
            counts.replies,
            counts.seen,
            counts.refused,
            counts.late,
            counts.wrong,
            counts.viewers_wrong
        ),
        goal: "all seen; 0, 0; 0, 0".to_owned(),
        ..Row::default()
    };
    let right = counts.refused == 0 && counts.wrong == 0 && counts.viewers_wrong == 0;
    report.row(row, Verdict::gate(right));
    let row = Row {
        what: "the same: open files; threads, before → after".to_owned(),
        parlance: format!(
            "{} → {}; {} → {}",
            before.files, after.files, before.threads, after.threads
        ),
        goal: format!("+{LEFT_OVER}; back after {} s", left.elapsed().as_secs()),
        ..Row::default()
    };
    report.row(row, Verdict::gate(is_back(&before, &after)));
    for trouble in &counts.troubles {
        report.note(&format!("soak: {trouble}"));
    }
    Ok(())
}

fn grown(report: &mut Report, name: &str, minutes: f64, looks: &[(f64, Holding)]) {
    let tenths = looks.iter().skip(SHOWN - 1).step_by(SHOWN);
    let curve: Vec<String> = tenths
        .map(|(_, held)| format!("{:.1}", mib(held.resident_kib)))
        .collect();
    let row = Row {
        what: format!("{name}: memory at each tenth of it, MiB"),
        parlance: curve.join(" "),
        ..Row::default()
    };
    report.row(row, Verdict::Noted);
    let counted = &looks[(looks.len() as f64 * WARM_UP) as usize..];
    let trend = |kib: &dyn Fn(&Holding) -> u64| {
        let points: Vec<_> = counted
            .iter()
            .map(|(hours, held)| (*hours, kib(held) as f64 * 1024.0 / 1e6))
            .collect();
        slope(&points)
    };
    let (all, own) = (
        trend(&|held| held.resident_kib),
        trend(&|held| held.anonymous_kib),
    );
    let row = Row {
        what: "the same: memory grows by, MB an hour; without files".to_owned(),
        parlance: format!("{all:.2}; {own:.2}"),
        goal: format!("≤ {GROWTH}"),
        ..Row::default()
    };
    // Of a few minutes an hour cannot be told.
    let verdict = if minutes < HOUR {
        Verdict::Noted
    } else {
        Verdict::wish(all <= GROWTH)
    };
    report.row(row, verdict);
}

fn is_back(before: &Holding, after: &Holding) -> bool {
    after.files <= before.files + LEFT_OVER && after.threads <= before.threads + LEFT_OVER
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
