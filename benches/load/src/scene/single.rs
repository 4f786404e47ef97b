//! One reply as fast as the provider can: the most tokens a second that one reader can get.

use std::time::Duration;

use anyhow::Result;

use crate::{
    held::{Held, Plan, hold},
    report::{Report, Row, Verdict},
    scene::Stage,
};

/// About 1.2 MB of text, below the 2 MiB that a reply may have.
const TOKENS: u64 = 50_000;
const GOAL: f64 = 50_000.0;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let plan = Plan {
        replies: 1,
        tokens: TOKENS,
        rate: 0,
        ramp: Duration::ZERO,
        settle: Duration::ZERO,
        window: None,
    };
    let model = plan.model();
    let direct = hold(&stage.direct(&model), plan, &[stage.upstream.pid()]).await?;
    let server = stage.server(&model).await?;
    let parlance = hold(&stage.parlance(&server), plan, &[server.pid()]).await?;
    let rate = |held: &Held| TOKENS as f64 / held.took.as_secs_f64();
    // Faster than the provider is not to be had.
    let goal = GOAL.min(0.95 * rate(&direct));
    let row = Row {
        what: format!("one reply of {TOKENS} tokens without delay: tok/s"),
        direct: format!("{:.0}", rate(&direct)),
        parlance: format!("{:.0}", rate(&parlance)),
        goal: format!("≥ {GOAL}, or what the provider gives"),
        ..Row::default()
    };
    report.row(row, Verdict::wish(rate(&parlance) >= goal));
    let row = Row {
        what: "the same: processor, µs a token; tokens an event; wrong".to_owned(),
        direct: format!("{:.1}", direct.per_token(0)),
        parlance: format!(
            "{:.1}; {:.0}; {}",
            parlance.per_token(0),
            parlance.tokens_per_event,
            parlance.wrong()
        ),
        goal: "0 wrong".to_owned(),
        ..Row::default()
    };
    report.row(row, Verdict::gate(parlance.wrong() == 0));
    for trouble in &parlance.troubles {
        report.note(&format!("one reply: {trouble}"));
    }
    Ok(())
}
