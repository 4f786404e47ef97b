//! 1, 100, 500 and 1 000 replies at 20 tokens a second: latency, processor time, memory and bytes of each token.

use std::time::Duration;

use anyhow::Result;

use crate::{
    held::{Held, Plan, hold},
    percentile::Spread,
    process::resident_kib,
    report::{Report, Row, Verdict},
    scene::{Stage, provider},
};

/// Tokens a second of a fast reader's model.
const RATE: u64 = 20;
const LEVELS: [usize; 4] = [1, 100, 500, 1_000];
const WINDOW: Duration = Duration::from_secs(5);
/// Times nginx's processor time for a token: the gate, and the goal.
const GATE: f64 = 4.0;
const GOAL: f64 = 2.5;
/// Latency means nothing when the provider's own is beyond this, ms.
const NOISE: f64 = 10.0;
/// Above this share of a core the load itself is the measurement.
const BUSY: f64 = 0.85;
/// KiB that a running reply may hold, viewer included.
const PER_STREAM: f64 = 40.0;
/// Replies from which on memory is divided among them.
const MANY: usize = 100;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    for replies in LEVELS {
        if replies <= stage.most() {
            level(stage, report, replies).await?;
        }
    }
    Ok(())
}

/// The same replies, by three ways.
struct Three {
    direct: Held,
    nginx: Option<Held>,
    parlance: Held,
    /// Memory of the server before the first, KiB.
    idle_kib: u64,
}

async fn level(stage: &Stage, report: &mut Report, replies: usize) -> Result<()> {
    let plan = Plan::level(replies, RATE, WINDOW);
    let model = plan.model();
    let provider_pid = stage.upstream.pid();
    let direct = hold(&stage.direct(&model), plan, &[provider_pid]).await?;
    let nginx = match &stage.nginx {
        Some(proxy) => Some(hold(&provider(proxy, &model), plan, &[proxy.pid()]).await?),
        None => None,
    };
    let server = stage.server(&model).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle_kib = resident_kib(server.pid())?;
    let pids = [server.pid(), provider_pid];
    let parlance = hold(&stage.parlance(&server), plan, &pids).await?;
    drop(server);
    let three = Three {
        direct,
        nginx,
        parlance,
        idle_kib,
    };
    three.print(report, replies);
    Ok(())
}

impl Three {
    fn print(&self, report: &mut Report, replies: usize) {
        let Self {
            direct,
            nginx,
            parlance,
            ..
        } = self;
        let name = |what: &str| format!("{replies} × {RATE} tok/s: {what}");
        let others = |show: &dyn Fn(&Held) -> String| {
            let nginx = nginx.as_ref().map_or_else(String::new, show);
            (show(direct), nginx)
        };
        let mut row = |what: &str, show: &dyn Fn(&Held) -> String, goal: &str, verdict| {
            let (direct, nginx) = others(show);
            let row = Row {
                what: name(what),
                direct,
                nginx,
                parlance: show(parlance),
                goal: goal.to_owned(),
            };
            report.row(row, verdict);
        };
        row(
            "first token p50 / p99, ms",
            &|held| times(held.first),
            &added(parlance.first, direct.first, "≤ 10"),
            Verdict::Noted,
        );
        let (goal, met) = self.latency(replies);
        row("token p50 / p99, ms", &|held| times(held.token), &goal, met);
        row(
            "lost, doubled, reordered; refused",
            &|held| {
                format!(
                    "{} {} {}; {}",
                    held.lost, held.doubled, held.reordered, held.refused
                )
            },
            "0",
            Verdict::gate(parlance.wrong() == 0 && parlance.refused == 0),
        );
        let (goal, met) = self.expense();
        row(
            "processor, µs a token",
            &|held| format!("{:.1}", held.per_token(0)),
            &goal,
            met,
        );
        row(
            "bytes a token; tokens an event",
            &|held| format!("{:.0}; {:.1}", held.bytes_per_token, held.tokens_per_event),
            &format!(
                "≤ 0.5 × direct; is {:.2}",
                parlance.bytes_per_token / direct.bytes_per_token
            ),
            Verdict::wish(parlance.bytes_per_token <= 0.5 * direct.bytes_per_token),
        );
        self.memory(report, replies);
        self.doubts(report, replies);
    }

    fn latency(&self, replies: usize) -> (String, Verdict) {
        let added = self.parlance.token.beyond(self.direct.token);
        let (p50, p99) = if replies <= 100 {
            (2.0, 20.0)
        } else {
            (f64::INFINITY, 100.0)
        };
        let goal = if replies <= 100 {
            format!("added ≤ {p50} / {p99}; is {}", times(added))
        } else {
            format!("added p99 ≤ {p99}; is {}", times(added))
        };
        let verdict = if self.direct.token.p99 > NOISE {
            Verdict::Noted
        } else {
            Verdict::wish(added.p50 <= p50 && added.p99 <= p99)
        };
        (goal, verdict)
    }

    fn expense(&self) -> (String, Verdict) {
        let own = self.parlance.per_token(0);
        match &self.nginx {
            Some(nginx) => {
                let times = own / nginx.per_token(0);
                let goal = format!("≤ {GOAL} × nginx, gate {GATE} ×; is {times:.1} ×");
                // One stream is two dozen tokens' worth of time: too little to judge.
                let verdict = match times {
                    times if times > GATE && nginx.tokens > 1_000 => Verdict::Failed,
                    times => Verdict::wish(times <= GOAL),
                };
                (goal, verdict)
            }
            None => {
                let times = own / self.direct.per_token(0);
                (
                    format!("about 35; {times:.1} × the provider's own"),
                    Verdict::wish(own <= 35.0),
                )
            }
        }
    }

    fn memory(&self, report: &mut Report, replies: usize) {
        let Some(loaded) = self.parlance.resident_kib.first() else {
            return;
        };
        let each = (*loaded as f64 - self.idle_kib as f64) / replies as f64;
        let mib = |kib: u64| kib as f64 / 1024.0;
        let row = Row {
            what: format!("{replies} × {RATE} tok/s: memory, idle → loaded; each reply"),
            parlance: format!(
                "{:.1} → {:.1} MiB; {each:.0} KiB",
                mib(self.idle_kib),
                mib(*loaded)
            ),
            goal: format!("≤ {PER_STREAM} KiB each"),
            ..Row::default()
        };
        let verdict = if replies < MANY {
            Verdict::Noted
        } else {
            Verdict::gate(each <= PER_STREAM)
        };
        report.row(row, verdict);
    }

    fn doubts(&self, report: &mut Report, replies: usize) {
        let direct = &self.direct;
        if direct.token.p99 > NOISE {
            let p99 = direct.token.p99;
            report.note(&format!(
                "{replies} replies: direct's own p99 is {p99:.1} ms, so latencies mean nothing here"
            ));
        }
        let busiest = direct.own_share().max(self.parlance.own_share());
        if busiest > BUSY {
            report.note(&format!(
                "{replies} replies: the load itself took {busiest:.2} cores"
            ));
        }
        for trouble in direct.troubles.iter().chain(&self.parlance.troubles) {
            report.note(&format!("{replies} replies: {trouble}"));
        }
    }
}

/// Both figures of a spread.
pub fn times(spread: Spread) -> String {
    format!("{:.1} / {:.1}", spread.p50, spread.p99)
}

/// A goal for what was added, beside what it is.
pub fn added(measured: Spread, base: Spread, goal: &str) -> String {
    format!("added {goal}; is {}", times(measured.beyond(base)))
}
