//! The storm: every viewer loses its connection at the same moment and comes back at once, while the replies run on. What
//! a proxy that is started anew does to a server. Those who asked keep their streams: by them it shows what the others'
//! return costs.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::BodyExt;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use crate::{
    chat::{Chat, Seat},
    held::gather,
    percentile::{Spread, percentile},
    reply::{Reply, now, take},
    report::{Report, Row, Verdict},
    scene::{Stage, level::times},
    tally::Tally,
};

const REPLIES: usize = 200;
const REPLIES_QUICK: usize = 20;
const VIEWERS_EACH: usize = 10;
/// Tokens a second: 10 000 tokens a second for the viewers together, so that the load leaves the processors some room.
const RATE: u64 = 5;
const RAMP: Duration = Duration::from_secs(2);
const SETTLE: Duration = Duration::from_secs(1);
const BEFORE: Duration = Duration::from_secs(4);
const AFTER: Duration = Duration::from_secs(10);
/// For the ends of all replies.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two attempts to come back.
const PAUSE: Duration = Duration::from_millis(50);
/// Until the last viewer sees new tokens, ms.
const LIVE: f64 = 10_000.0;
/// The slowest tokens of the replies afterwards, beside those before.
const SLOWER: f64 = 2.0;

/// What one viewer saw.
struct Seen {
    tally: Tally,
    /// µs from the cut to a token that was written after it.
    back: Option<i64>,
    /// Attempts that failed.
    failed: u32,
}

pub async fn play(stage: &Stage, report: &mut Report) -> Result<()> {
    let replies = if stage.options.quick {
        REPLIES_QUICK
    } else {
        REPLIES
    };
    let length = (SETTLE + BEFORE + AFTER + RAMP + SETTLE).as_secs();
    let tokens = length * RATE;
    let server = stage.server(&format!("words-{tokens}@{RATE}")).await?;
    let chats = gather(&stage.parlance(&server), replies).await?;
    let (cut, is_cut) = watch::channel(None);
    let mut viewers = JoinSet::new();
    for chat in &chats {
        for _ in 0..VIEWERS_EACH {
            let mut viewer = chat.beside().await?;
            let stream = viewer.follow().await?;
            if !stream.status().is_success() {
                bail!("a viewer was answered {}", stream.status());
            }
            viewers.spawn(view(viewer, stream.into_body(), is_cut.clone()));
        }
    }
    let count = viewers.len();

    let begun = Instant::now();
    let mut asking = JoinSet::new();
    for (number, mut chat) in (0..).zip(chats) {
        let at = begun + RAMP * number / replies as u32;
        asking.spawn(async move {
            sleep_until(at).await;
            let mut reply = Reply::new(&chat);
            let end = Instant::now() + PATIENCE;
            match timeout_at(end, reply.read(&mut chat)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => reply.refused = Some(format!("{error:#}")),
                Err(_) => reply.refused = Some("took too long".to_owned()),
            }
            reply
        });
    }
    sleep_until(begun + RAMP + SETTLE + BEFORE).await;
    let moment = now();
    cut.send_replace(Some(moment));
    let replies = asking.join_all().await;
    let mut seen = Vec::with_capacity(count);
    for viewer in viewers.join_all().await {
        seen.push(viewer?);
    }
    drop(server);
    Told {
        replies,
        seen,
        tokens,
        moment,
    }
    .print(report);
    Ok(())
}

/// Views, is cut off, comes back, and views to the end.
async fn view(
    chat: Chat,
    mut body: hyper::body::Incoming,
    mut cut: watch::Receiver<Option<i64>>,
) -> Result<Seen> {
    let mut tally = Tally::new(chat.dialect());
    loop {
        tokio::select! {
            frame = body.frame() => {
                let frame = frame.context("a stream ended before its time")??;
                if let Some(bytes) = frame.data_ref() {
                    tally.feed(bytes, now());
                }
            }
            _ = cut.changed() => break,
        }
    }
    let moment = cut.borrow().context("cut at no moment")?;
    let seat = chat.leave();
    // The socket goes with it.
    drop(body);
    let known = tally.samples.len();
    let end = Instant::now() + PATIENCE;
    let mut failed = 0;
    while let Err(error) = timeout_at(end, come_back(&seat, &mut tally)).await? {
        failed += 1;
        tally.trouble = Some(format!("{error:#}"));
        sleep(PAUSE).await;
    }
    let mut since = tally.samples[known.min(tally.samples.len())..].iter();
    let back = since.find(|(received, lag)| received - lag > moment);
    Ok(Seen {
        back: back.map(|(received, _)| received - moment),
        tally,
        failed,
    })
}

/// One attempt. What has been read before it fails counts, so the next begins where this one ended.
async fn come_back(seat: &Seat, tally: &mut Tally) -> Result<()> {
    let cursor = tally.cut();
    let mut chat = seat.sit_down().await?;
    let stream = chat.resume(&cursor).await?;
    take(stream, tally).await?;
    if !tally.ended {
        bail!("broke off");
    }
    Ok(())
}

struct Told {
    replies: Vec<Reply>,
    seen: Vec<Seen>,
    tokens: u64,
    /// Of the cut, µs since the Unix epoch.
    moment: i64,
}

impl Told {
    fn print(&self, report: &mut Report) {
        let name = format!(
            "{} viewers of {} replies cut at once",
            self.seen.len(),
            self.replies.len()
        );
        let mut back: Vec<i64> = self.seen.iter().filter_map(|seen| seen.back).collect();
        let all = back.len() == self.seen.len();
        back.sort_unstable();
        let worst = percentile(&back, 1.0) as f64 / 1e3;
        let failed: u32 = self.seen.iter().map(|seen| seen.failed).sum();
        let row = Row {
            what: format!("{name}: live again p50 / worst, ms; attempts that failed"),
            parlance: format!("{:.0} / {worst:.0}; {failed}", Spread::of(&mut back).p50),
            goal: format!("≤ {LIVE} · all"),
            ..Row::default()
        };
        report.row(row, Verdict::wish(all && worst <= LIVE));

        let (before, after) = (
            self.token(self.moment - micros(BEFORE)..=self.moment),
            self.token(self.moment..=self.moment + micros(AFTER)),
        );
        let slower = after.p99 / before.p99.max(0.1);
        let row = Row {
            what: "the same: token p50 / p99 of the replies, before → 10 s after, ms".to_owned(),
            parlance: format!("{} → {}", times(before), times(after)),
            goal: format!("≤ {SLOWER} ×; is {slower:.1} ×"),
            ..Row::default()
        };
        report.row(row, Verdict::wish(slower <= SLOWER));

        let wrong = |tally: &Tally| {
            tally.lost(self.tokens) + tally.doubled + tally.reordered + u64::from(!tally.ended)
        };
        let asked: u64 = self.replies.iter().map(|reply| wrong(&reply.tally)).sum();
        let viewed: u64 = self.seen.iter().map(|seen| wrong(&seen.tally)).sum();
        let row = Row {
            what: "the same: wrong tokens, of those who asked; of viewers".to_owned(),
            parlance: format!("{asked}; {viewed}"),
            goal: "0; 0".to_owned(),
            ..Row::default()
        };
        report.row(row, Verdict::gate(asked == 0 && viewed == 0));
        let viewers = self
            .seen
            .iter()
            .filter_map(|seen| seen.tally.trouble.as_ref());
        let askers = self
            .replies
            .iter()
            .filter_map(|reply| reply.refused.as_ref());
        for trouble in viewers.chain(askers).take(3) {
            report.note(&format!("storm: {trouble}"));
        }
    }

    fn token(&self, time: std::ops::RangeInclusive<i64>) -> Spread {
        let lags = self
            .replies
            .iter()
            .flat_map(|reply| reply.tally.written_in(time.clone()));
        Spread::of(&mut lags.collect::<Vec<_>>())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
