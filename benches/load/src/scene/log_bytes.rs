//! Bytes that SQLite's write-ahead logs grow by while replies are written: what durability costs the disk.

use std::{fs, path::Path, time::Duration};

use anyhow::Result;

use crate::{
    held::{Plan, hold},
    report::{Report, Row, Verdict},
    scene::Stage,
};

/// Tokens a second of each reply, those of the goal: 1 000 over 20 s, of which a quarter is measured.
const RATE: u64 = 50;
const TOKENS: u64 = 250;
const WHOLE: f64 = 1_000.0 / TOKENS as f64;
/// SQLite folds a log of this size in and begins anew; its file then no longer grows.
const FOLDED: u64 = 4_000_000;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    for (replies, goal) in [(1, 4096.0), (50, 250.0)] {
        // An own directory: the logs of a long run have been folded in.
        let name = format!("log-{replies}");
        let users = stage.sign_up(&name, 1).await?;
        let plan = Plan {
            replies,
            tokens: TOKENS,
            rate: RATE,
            ramp: Duration::ZERO,
            settle: Duration::ZERO,
            window: None,
        };
        let server = stage.start(&name, &plan.model()).await?;
        let data = stage.data(&name);
        let before = sizes(&data);
        hold(&stage.asked_by(&server, users), plan, &[server.pid()]).await?;
        let after = sizes(&data);
        let each = |index: usize| {
            let grown = after[index].saturating_sub(before[index]) as f64;
            grown / replies as f64 / 1024.0
        };
        // The main file is written at the beginning and the end, whatever lies between.
        let (journal, main) = (each(0) * WHOLE, each(1));
        let atleast = if after.iter().any(|size| *size >= FOLDED) {
            "≥ "
        } else {
            ""
        };
        let row = Row {
            what: format!("{replies} active: log of 1 000 tokens (24 kB), journal + main, KiB"),
            parlance: format!("{atleast}{journal:.0} + {main:.0}"),
            goal: format!("≤ {goal} for 4 kB"),
            ..Row::default()
        };
        report.row(
            row,
            Verdict::wish(atleast.is_empty() && journal + main <= goal),
        );
    }
    Ok(())
}

/// Of the journal's and the main log.
fn sizes(data: &Path) -> [u64; 2] {
    ["journal.db-wal", "main.db-wal"]
        .map(|file| fs::metadata(data.join(file)).map_or(0, |file| file.len()))
}
