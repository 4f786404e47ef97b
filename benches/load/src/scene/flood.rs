//! A flood of wrong passwords: what 200 sign-ins a second do to replies that are being written, and whether an account
//! that exists can be told from one that does not by the time that its refusal takes.

use std::time::Duration;

use anyhow::{Result, ensure};
use http_body_util::BodyExt;
use hyper::StatusCode;
use serde_json::json;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, interval},
};

use crate::{
    chat::Line,
    held::{Held, Plan, hold},
    percentile::Spread,
    report::{Report, Row, Verdict},
    scene::{Stage, level::times},
};

const REPLIES: usize = 50;
/// Tokens a second of each.
const RATE: u64 = 20;
const WINDOW: Duration = Duration::from_secs(8);
/// Sign-ins a second.
const FLOOD: u32 = 200;
/// Times the slowest token in a hundred without the flood.
const GATE: f64 = 2.0;
/// Below this, ms, both are the scheduler's doing.
const FLOOR: f64 = 2.0;
/// Sign-ins of each kind that are compared, and how far their middles may be apart.
const COMPARED: usize = 200;
const COMPARED_QUICK: usize = 50;
const APART: f64 = 0.05;

/// Who floods.
#[derive(Clone, Copy)]
enum Flooder {
    /// One address and one account, against the limits as they are by default.
    One,
    /// Each sign-in from an address and for an account of its own: no limit is met, so every password is hashed.
    Everybody,
}

impl Flooder {
    fn name(self) -> &'static str {
        match self {
            Self::One => "of one address",
            Self::Everybody => "of as many addresses",
        }
    }

    fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::One => &[("PARLANCE_RATE_ADDRESS_ENTRANCE", "60")],
            Self::Everybody => &[("PARLANCE_TRUSTED_PROXIES", "127.0.0.0/8")],
        }
    }
}

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let plan = Plan::level(REPLIES, RATE, WINDOW);
    let model = plan.model();
    let server = stage.server(&model).await?;
    let calm = hold(&stage.parlance(&server), plan, &[server.pid()]).await?;
    drop(server);
    let row = Row {
        what: format!("{REPLIES} × {RATE} tok/s: token p50 / p99, ms"),
        parlance: times(calm.token),
        ..Row::default()
    };
    report.row(row, Verdict::Noted);
    for flooder in [Flooder::One, Flooder::Everybody] {
        let server = stage.server_with(&model, flooder.settings()).await?;
        let (end, ended) = watch::channel(());
        let flood = tokio::spawn(flood(server.addr, flooder, ended));
        let held = hold(&stage.parlance(&server), plan, &[server.pid()]).await?;
        drop(end);
        let answers = flood.await?;
        drop(server);
        print(report, flooder, (&calm, &held), &answers);
    }
    alike(stage, report).await
}

/// How the sign-ins were answered.
#[derive(Default)]
struct Answers {
    /// Hashed and found wrong.
    wrong: u32,
    /// Refused before that.
    refused: u32,
    /// Not answered when the flood ended.
    waiting: u32,
    /// Anything else.
    odd: u32,
}

/// Signs in with wrong passwords until the other end is dropped.
async fn flood(
    addr: std::net::SocketAddr,
    flooder: Flooder,
    mut end: watch::Receiver<()>,
) -> Answers {
    let mut pace = interval(Duration::from_secs(1) / FLOOD);
    let mut asking = JoinSet::new();
    let mut answers = Answers::default();
    let mut number = 0_u32;
    loop {
        tokio::select! {
            _ = end.changed() => break,
            _ = pace.tick() => {
                number += 1;
                asking.spawn(wrong(addr, flooder, number));
            }
            Some(answer) = asking.join_next() => answers.count(answer.ok().flatten()),
        }
    }
    answers.waiting = u32::try_from(asking.len()).unwrap_or(u32::MAX);
    answers
}

impl Answers {
    fn count(&mut self, status: Option<StatusCode>) {
        match status {
            Some(StatusCode::UNAUTHORIZED) => self.wrong += 1,
            Some(StatusCode::TOO_MANY_REQUESTS) => self.refused += 1,
            _ => self.odd += 1,
        }
    }
}

async fn wrong(addr: std::net::SocketAddr, flooder: Flooder, number: u32) -> Option<StatusCode> {
    let line = Line::open(addr).await.ok()?;
    let (mut line, who) = match flooder {
        Flooder::One => (line, 0),
        Flooder::Everybody => {
            let [_, high, middle, low] = number.to_be_bytes();
            (line.claiming(format!("10.{high}.{middle}.{low}")), number)
        }
    };
    let body = json!({ "email": format!("load{who}@example.com"), "password": "wrong-pass-1" });
    let answer = line.post("/api/auth/login", "", &body).await.ok()?;
    let status = answer.status();
    answer.into_body().collect().await.ok()?;
    Some(status)
}

fn print(report: &mut Report, flooder: Flooder, (calm, held): (&Held, &Held), answers: &Answers) {
    let name = format!("beside {FLOOD} wrong passwords a second {}", flooder.name());
    let more = held.token.p99 / calm.token.p99.max(f64::MIN_POSITIVE);
    let row = Row {
        what: format!("{name}: the same"),
        parlance: times(held.token),
        goal: format!("p99 ≤ {GATE} × without; is {more:.1} ×"),
        ..Row::default()
    };
    let met = held.token.p99 <= GATE * calm.token.p99.max(FLOOR);
    report.row(row, Verdict::gate(met));
    let Answers {
        wrong,
        refused,
        waiting,
        odd,
    } = answers;
    let row = Row {
        what: format!("{name}: 401, 429, unanswered, other; lost tokens"),
        parlance: format!("{wrong} {refused} {waiting} {odd}; {}", held.wrong()),
        goal: "0 lost".to_owned(),
        ..Row::default()
    };
    report.row(row, Verdict::gate(held.wrong() == 0 && held.refused == 0));
    for trouble in &held.troubles {
        report.note(&format!("{name}: {trouble}"));
    }
}

/// One sign-in after the other, of an account that exists and of one that does not in turn. No account so often that it
/// counts as besieged.
async fn alike(stage: &Stage, report: &mut Report) -> Result<()> {
    let settings = [
        "PARLANCE_TRIES_ACCOUNT",
        "PARLANCE_TRIES_ADDRESS",
        "PARLANCE_TRIES_SUBNET",
    ];
    let server = stage
        .server_with("words-1", &settings.map(|key| (key, "1000000")))
        .await?;
    let count = if stage.options.quick {
        COMPARED_QUICK
    } else {
        COMPARED
    };
    let mut line = Line::open(server.addr).await?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for round in 0..2 * count {
        // Known, unknown, unknown, known: neither always follows the other.
        let is_known = matches!(round % 4, 0 | 3);
        let who = if is_known {
            format!("load{}", round % REPLIES)
        } else {
            format!("nobody{round}")
        };
        let body = json!({ "email": format!("{who}@example.com"), "password": "wrong-pass-1" });
        let begun = Instant::now();
        let answer = line.post("/api/auth/login", "", &body).await?;
        // Not one that had to wait: that is answered before anything is hashed.
        ensure!(answer.status() == StatusCode::UNAUTHORIZED, "{answer:?}");
        answer.into_body().collect().await?;
        let took = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        if is_known {
            known.push(took)
        } else {
            unknown.push(took)
        }
    }
    drop(server);
    let (known, unknown) = (Spread::of(&mut known).p50, Spread::of(&mut unknown).p50);
    let apart = (known - unknown).abs() / known.max(f64::MIN_POSITIVE);
    let row = Row {
        what: format!("wrong password, unknown account: middle of {count} each, ms"),
        parlance: format!("{known:.2} {unknown:.2}"),
        goal: format!("within {:.0} %; is {:.1} %", APART * 100.0, apart * 100.0),
        ..Row::default()
    };
    report.row(row, Verdict::gate(apart <= APART));
    Ok(())
}
