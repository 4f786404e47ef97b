//! What the server holds and does while nothing happens: alone, with a thousand viewers, with viewers that never read.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::sleep;

use crate::{
    held::gather,
    process::{Spent, resident_kib},
    report::{Report, Row, Verdict},
    scene::Stage,
};

/// Until a fresh server is at rest.
const SETTLE: Duration = Duration::from_secs(2);
/// Over this time an idle server's processor time is counted.
const IDLE: Duration = Duration::from_secs(5);
/// MiB that the server may hold at rest.
const AT_REST: f64 = 40.0;
/// MiB that a thousand idle viewers may add, connections included.
const VIEWERS_MIB: f64 = 20.0;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let server = stage.server("words-1").await?;
    sleep(SETTLE).await;
    let before = Spent::of(&[server.pid()])?;
    sleep(IDLE).await;
    let spent = Spent::of(&[server.pid()])?.since(&before);
    let share = spent.as_secs_f64() / IDLE.as_secs_f64() * 100.0;
    let rest = resident_kib(server.pid())? as f64 / 1024.0;
    let row = Row {
        what: "at rest: memory; share of a core".to_owned(),
        parlance: format!("{rest:.1} MiB; {share:.2} %"),
        goal: format!("≤ {AT_REST} MiB; ≤ 0.1 %"),
        ..Row::default()
    };
    let verdict = if rest > AT_REST {
        Verdict::Failed
    } else {
        Verdict::wish(share <= 0.1)
    };
    report.row(row, verdict);

    let mut chats = gather(&stage.parlance(&server), stage.most()).await?;
    sleep(SETTLE).await;
    let connected = resident_kib(server.pid())? as f64 / 1024.0;
    let mut streams = Vec::with_capacity(chats.len());
    for chat in &mut chats {
        let stream = chat.follow().await?;
        if !stream.status().is_success() {
            bail!("a viewer was answered {}", stream.status());
        }
        streams.push(stream);
    }
    sleep(SETTLE).await;
    let viewed = resident_kib(server.pid())? as f64 / 1024.0;
    let goal = VIEWERS_MIB * stage.most() as f64 / 1_000.0;
    let row = Row {
        what: format!(
            "{} idle viewers: memory of connections; of streams",
            stage.most()
        ),
        parlance: format!("+{:.1}; +{:.1} MiB", connected - rest, viewed - connected),
        goal: format!("≤ {goal} MiB"),
        ..Row::default()
    };
    report.row(row, Verdict::gate(viewed - connected <= goal));
    Ok(())
}
