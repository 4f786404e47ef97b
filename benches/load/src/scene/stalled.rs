//! Readers that never read, while replies run faster than the kernel can keep for them: what they cost the server, whether
//! the others feel it, and when the server gives them up.
//!
//! Two replies run fast, each watched by its own asker, who reads, and by 250 who do not; fifty replies of the usual pace
//! are the others. Two more run fast from the beginning, watched by nobody else: what such replies cost by themselves is
//! not the stalled readers' doing. When those have been dropped, the same goes on without them. At last some come who join
//! late and do not read either: they are owed a long text at once.

mod crowd;

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use crate::{
    chat::Chat,
    held::gather,
    percentile::{Spread, percentile},
    process::resident_kib,
    relay::{Relay, Swap},
    reply::{Reply, now},
    report::{Report, Row, Verdict},
    scene::{
        Stage,
        level::times,
        stalled::crowd::{Asking, Crowd},
    },
};

const OTHERS: usize = 50;
const FAST: usize = 2;
const STALLED_EACH: usize = 250;
/// Of those that run fast; one word to the relay.
const QUESTION: &str = "Quickly now: how do tides work?";
/// Of the others: 75 s at 20 tokens a second.
const MODEL: &str = "words-01500@0020";
/// 60 s at 1 000: about 33 kB a second for each viewer, a delta for each frame of a display.
const MODEL_FAST: &str = "words-60000@1000";
const SETTLE: Duration = Duration::from_secs(3);
const WINDOW: Duration = Duration::from_secs(6);
/// By then the kernel must hold for the stalled ones all that it ever will.
const FILL: Duration = Duration::from_secs(15);
/// Between two looks at the sockets.
const LOOK: Duration = Duration::from_millis(250);
/// After this, who still stands is not going to be dropped.
const PATIENCE: Duration = Duration::from_secs(45);
/// kB of text that one fast reply writes in a second.
const TEXT_A_SECOND: f64 = 24.0;
/// Those who join late, to each of the two.
const LATE_EACH: usize = 25;
/// MB.
const MEMORY: f64 = 30.0;
/// KiB of one socket.
const KERNEL: f64 = 128.0;
/// Until all are dropped, s.
const DROPPED: f64 = 35.0;
/// How much later the others' slowest tokens may be, ms: about what two measurements of the same differ by.
const UNCHANGED: f64 = 5.0;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let swap = Swap {
        word: QUESTION,
        from: MODEL.to_owned(),
        to: MODEL_FAST.to_owned(),
    };
    let relay = Relay::open(stage.upstream.addr, swap).await?;
    let server = stage.start_asking(relay.addr, "main", MODEL).await?;
    let target = stage.parlance(&server);
    let others = gather(&target, OTHERS).await?;
    let fast = gather(&target, FAST).await?;
    let requests: Vec<String> = fast.iter().map(Chat::following).collect::<Result<_>>()?;
    let others = Asking::begin(others, None);
    let apart = Asking::begin(gather(&target, FAST).await?, Some(QUESTION));
    sleep(SETTLE).await;
    let base = resident_kib(server.pid())?;

    let mut crowd = Crowd::gather(server.addr, &requests, STALLED_EACH).await?;
    let fast = Asking::begin(fast, Some(QUESTION));
    let begun = Instant::now();
    let mut peak = base;
    while begun.elapsed() < FILL && !crowd.is_full() {
        peak = peak.max(look(&mut crowd, server.pid()).await?);
    }
    let filled = begun.elapsed();
    let from = now();
    while begun.elapsed() < filled + WINDOW {
        peak = peak.max(look(&mut crowd, server.pid()).await?);
    }
    let with = (from, now());
    let loaded = resident_kib(server.pid())?;
    while begun.elapsed() < PATIENCE && crowd.standing() > 0 {
        peak = peak.max(look(&mut crowd, server.pid()).await?);
    }
    let after = resident_kib(server.pid())?;
    let from = now();
    sleep(WINDOW).await;
    let without = (from, now());

    let written = begun.elapsed().as_secs_f64() * TEXT_A_SECOND;
    let before_late = resident_kib(server.pid())?;
    let late = Crowd::gather(server.addr, &requests, LATE_EACH).await?;
    sleep(SETTLE).await;
    let late_kib = resident_kib(server.pid())?.saturating_sub(before_late) / late.len() as u64;

    fast.leave().await;
    apart.leave().await;
    let others = others.leave().await;
    drop((server, relay));
    let spread = |(from, to): (i64, i64)| {
        let lags = others
            .iter()
            .flat_map(|reply: &Reply| reply.tally.written_in(from..=to));
        Spread::of(&mut lags.collect::<Vec<_>>())
    };
    let (without, with) = (spread(without), spread(with));
    let wrong: u64 = others
        .iter()
        .map(|reply| reply.tally.doubled + reply.tally.reordered + reply.tally.gaps())
        .sum();
    let name = format!("{} readers that never read", crowd.len());
    let grown = |kib: u64| (kib as f64 - base as f64) * 1024.0 / 1e6;
    let row = Row {
        what: format!("{name}: memory of the server, stalled; at most; dropped"),
        parlance: format!(
            "{:+.1}; {:+.1}; {:+.1} MB",
            grown(loaded),
            grown(peak),
            grown(after)
        ),
        goal: format!("≤ {MEMORY}"),
        ..Row::default()
    };
    report.row(row, Verdict::gate(grown(peak) <= MEMORY));
    let mut most = crowd.most_waiting();
    most.sort_unstable();
    let kib = |q| percentile(&most, q) as f64 / 1024.0;
    let row = Row {
        what: "the same: kernel's send queue of each p50 / most, KiB".to_owned(),
        parlance: format!("{:.0} / {:.0}", kib(0.5), kib(1.0)),
        goal: format!("≤ {KERNEL}"),
        ..Row::default()
    };
    report.row(row, Verdict::gate(kib(1.0) <= KERNEL));
    let row = Row {
        what: format!("the same: token p50 / p99 of {OTHERS} others, with → without, ms; wrong"),
        parlance: format!("{} → {}; {wrong}", times(with), times(without)),
        goal: format!("unchanged (± {UNCHANGED} ms); 0"),
        ..Row::default()
    };
    let verdict = if wrong > 0 {
        Verdict::Failed
    } else {
        Verdict::wish(with.p99 <= without.p99 + UNCHANGED)
    };
    report.row(row, verdict);
    let mut dropped = crowd.dropped();
    dropped.sort_unstable();
    let seconds = |q| percentile(&dropped, q) as f64 / 1e6;
    let row = Row {
        what: "the same: dropped, s after the first byte not taken p50 / worst".to_owned(),
        parlance: format!(
            "{:.1} / {:.1}; {} remain",
            seconds(0.5),
            seconds(1.0),
            crowd.standing()
        ),
        goal: format!("≤ {DROPPED}; 0"),
        ..Row::default()
    };
    let met = crowd.standing() == 0 && seconds(1.0) <= DROPPED;
    report.row(row, Verdict::gate(met));
    let row = Row {
        what: format!(
            "{} who join a reply of {written:.0} kB and never read: memory of each",
            late.len()
        ),
        parlance: format!("{late_kib} KiB"),
        ..Row::default()
    };
    report.row(row, Verdict::Noted);
    report.note(&format!(
        "stalled: full after {:.1} s",
        filled.as_secs_f64()
    ));
    Ok(())
}

/// Waits a little and looks; the memory of the server then, KiB.
async fn look(crowd: &mut Crowd, server: u32) -> Result<u64> {
    sleep(LOOK).await;
    crowd.look()?;
    resident_kib(server)
}
