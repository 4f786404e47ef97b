//! New chats: a few a second, and many at once.

use std::time::Duration;

use anyhow::Result;

use crate::{
    held::{Held, Plan, hold},
    report::{Report, Row, Verdict},
    scene::{
        Stage,
        level::{added, times},
    },
};

/// Reply of the chats that are counted for what a chat costs: all of it but the streaming.
const SHORT: u64 = 1;
/// Reply of a chat in a burst: one second.
const LONG: u64 = 20;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    steady(stage, report).await?;
    burst(stage, report, 100, Duration::from_secs(2), Some(100.0)).await?;
    if !stage.options.quick {
        burst(stage, report, 500, Duration::from_secs(5), None).await?;
    }
    Ok(())
}

fn plan(replies: usize, ramp: Duration, tokens: u64) -> Plan {
    Plan {
        replies,
        tokens,
        rate: 20,
        ramp,
        settle: Duration::ZERO,
        window: None,
    }
}

/// Five a second, conversations already made.
async fn steady(stage: &Stage, report: &mut Report) -> Result<()> {
    let plan = plan(40, Duration::from_secs(8), SHORT);
    let (direct, parlance) = both(stage, plan).await?;
    let more = parlance.first.beyond(direct.first);
    row(
        report,
        "5 new chats a second: first token p50 / p99, ms",
        (times(direct.first), times(parlance.first)),
        added(parlance.first, direct.first, "≤ 5 / 25"),
        Verdict::wish(more.p50 <= 5.0 && more.p99 <= 25.0),
    );
    let each = |held: &Held| {
        let spent = held.spent.first().copied().unwrap_or_default();
        spent.as_secs_f64() * 1e3 / plan.replies as f64
    };
    row(
        report,
        "processor, ms a new message with a reply of one token",
        (
            format!("{:.2}", each(&direct)),
            format!("{:.2}", each(&parlance)),
        ),
        "≤ 5".to_owned(),
        Verdict::wish(each(&parlance) <= 5.0),
    );
    Ok(())
}

async fn burst(
    stage: &Stage,
    report: &mut Report,
    chats: usize,
    over: Duration,
    p99: Option<f64>,
) -> Result<()> {
    let plan = plan(chats, over, LONG);
    let (direct, parlance) = both(stage, plan).await?;
    let goal = p99.map_or_else(String::new, |p99| format!("p99 ≤ {p99}"));
    let within = p99.is_none_or(|p99| parlance.first.p99 <= p99);
    let name = format!("{chats} new chats in {} s", over.as_secs());
    row(
        report,
        &format!("{name}: first token p50 / p99, ms"),
        (times(direct.first), times(parlance.first)),
        goal,
        Verdict::wish(within),
    );
    let counts = |held: &Held| format!("{}; {}", held.refused, held.wrong());
    row(
        report,
        &format!("{name}: refused; lost, doubled, reordered"),
        (counts(&direct), counts(&parlance)),
        "0; 0".to_owned(),
        Verdict::gate(parlance.refused == 0 && parlance.wrong() == 0),
    );
    for trouble in &parlance.troubles {
        report.note(&format!("{name}: {trouble}"));
    }
    Ok(())
}

async fn both(stage: &Stage, plan: Plan) -> Result<(Held, Held)> {
    let model = plan.model();
    let direct = hold(&stage.direct(&model), plan, &[stage.upstream.pid()]).await?;
    let server = stage.server(&model).await?;
    let parlance = hold(&stage.parlance(&server), plan, &[server.pid()]).await?;
    Ok((direct, parlance))
}

fn row(
    report: &mut Report,
    what: &str,
    (direct, parlance): (String, String),
    goal: String,
    verdict: Verdict,
) {
    let row = Row {
        what: what.to_owned(),
        direct,
        parlance,
        goal,
        ..Row::default()
    };
    report.row(row, verdict);
}
