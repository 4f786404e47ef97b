//! From one reply to 2 000 at 20 tokens a second, and 500 at 50: latency, processor time, memory and bytes of each token.

use std::time::Duration;

use anyhow::Result;

use crate::{
    held::{CROWD, Held, Plan, hold},
    percentile::Spread,
    process::resident_kib,
    report::{Report, Row, Verdict},
    scene::{Stage, provider},
};

/// Replies, and tokens a second of each.
const LEVELS: [(usize, u64); 6] = [
    (1, 20),
    (100, 20),
    (500, 20),
    (1_000, 20),
    (500, 50),
    (2_000, 20),
];
/// In the quick form.
const LEVELS_QUICK: usize = 2;
/// Those that are of interest with PostgreSQL.
const LEVELS_POSTGRES: [(usize, u64); 2] = [(100, 20), (500, 20)];
const WINDOW: Duration = Duration::from_secs(5);
/// Times nginx's processor time for a token: the gate, and the goal.
const GATE: f64 = 4.0;
const GOAL: f64 = 2.5;
/// With PostgreSQL's own counted.
const GOAL_POSTGRES: f64 = 5.0;
/// Where that is among what was watched, after the server and the provider.
const POSTGRES: usize = 2;
/// Latency means nothing when the provider's own is beyond this, ms.
const NOISE: f64 = 10.0;
/// Above this share of a core the load itself is the measurement.
const BUSY: f64 = 0.85;
/// KiB that a running reply may hold, viewer included.
const PER_STREAM: f64 = 40.0;
/// Replies from which on memory is divided among them.
const MANY: usize = 100;

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let levels = match stage.postmaster() {
        Some(_) => &LEVELS_POSTGRES[..],
        None if stage.options.quick => &LEVELS[..LEVELS_QUICK],
        None => &LEVELS,
    };
    let only = stage.options.replies;
    for (replies, rate) in levels {
        if only.is_some_and(|only| only != *replies) {
            continue;
        }
        level(stage, report, *replies, *rate).await?;
    }
    Ok(())
}

/// The same replies, by three ways.
struct Three {
    plan: Plan,
    direct: Held,
    nginx: Option<Held>,
    parlance: Held,
    /// Memory of the server before the first, KiB.
    idle_kib: u64,
}

async fn level(stage: &Stage, report: &mut Report, replies: usize, rate: u64) -> Result<()> {
    let plan = Plan::level(replies, rate, WINDOW);
    let model = plan.model();
    let provider_pid = stage.upstream.pid();
    let direct = hold(&stage.direct(&model), plan, &[provider_pid]).await?;
    let nginx = match &stage.nginx {
        // A proxy tells nothing about whether they are held.
        Some(_) if replies > CROWD => None,
        Some(proxy) => Some(hold(&provider(proxy, &model), plan, &[proxy.pid()]).await?),
        None => None,
    };
    let server = stage.server(&model).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle_kib = resident_kib(server.pid())?;
    let mut pids = vec![server.pid(), provider_pid];
    pids.extend(stage.postmaster());
    let parlance = hold(&stage.parlance(&server), plan, &pids).await?;
    drop(server);
    let three = Three {
        plan,
        direct,
        nginx,
        parlance,
        idle_kib,
    };
    three.print(report);
    Ok(())
}

impl Three {
    fn print(&self, report: &mut Report) {
        let Self {
            direct,
            nginx,
            parlance,
            ..
        } = self;
        let name = |what: &str| format!("{}: {what}", self.name());
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
        let (goal, met) = self.latency();
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
            self.judge_right(),
        );
        let (goal, met) = self.expense();
        row(
            "processor, µs a token",
            &|held| match held.spent.get(POSTGRES) {
                Some(_) => format!("{:.1} + {:.1}", held.per_token(0), held.per_token(POSTGRES)),
                None => format!("{:.1}", held.per_token(0)),
            },
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
        self.memory(report);
        self.doubts(report);
    }

    fn name(&self) -> String {
        format!("{} × {} tok/s", self.plan.replies, self.plan.rate)
    }

    /// A machine that is busy with other things may make the server refuse, and then it is not to blame.
    fn judge_right(&self) -> Verdict {
        let right = self.parlance.wrong() == 0 && self.parlance.refused == 0;
        if self.direct.token.p99 > NOISE {
            Verdict::wish(right)
        } else {
            Verdict::gate(right)
        }
    }

    fn latency(&self) -> (String, Verdict) {
        let added = self.parlance.token.beyond(self.direct.token);
        let (p50, p99) = match (self.plan.replies, self.plan.rate) {
            (..=100, _) => (2.0, 20.0),
            (..=500, 50) => (f64::INFINITY, 50.0),
            (..=1_000, _) => (f64::INFINITY, 100.0),
            _ => (f64::INFINITY, f64::INFINITY),
        };
        let is = times(added);
        let goal = if p50.is_finite() {
            format!("added ≤ {p50} / {p99}; is {is}")
        } else if p99.is_finite() {
            format!("added p99 ≤ {p99}; is {is}")
        } else {
            format!("held; is {is}")
        };
        let verdict = if self.direct.token.p99 > NOISE {
            Verdict::Noted
        } else {
            Verdict::wish(added.p50 <= p50 && added.p99 <= p99)
        };
        (goal, verdict)
    }

    fn expense(&self) -> (String, Verdict) {
        let database = self.parlance.spent.get(POSTGRES).is_some();
        let own = self.parlance.per_token(0) + self.parlance.per_token(POSTGRES);
        match &self.nginx {
            Some(nginx) if database => {
                let times = own / nginx.per_token(0);
                (
                    format!("together ≤ {GOAL_POSTGRES} × nginx; is {times:.1} ×"),
                    Verdict::wish(times <= GOAL_POSTGRES),
                )
            }
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

    fn memory(&self, report: &mut Report) {
        let replies = self.plan.replies;
        let Some(loaded) = self.parlance.resident_kib.first() else {
            return;
        };
        let each = (*loaded as f64 - self.idle_kib as f64) / replies as f64;
        let mib = |kib: u64| kib as f64 / 1024.0;
        let row = Row {
            what: format!("{}: memory, idle → loaded; each reply", self.name()),
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

    fn doubts(&self, report: &mut Report) {
        let replies = self.plan.replies;
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
