//! Holding many replies at once: begun one after the other, measured while all of them run, read to their ends.

use std::time::Duration;

use anyhow::Result;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    chat::{Chat, Target},
    percentile::Spread,
    process::{Spent, resident_kib},
    reply::{PATIENCE, Reply, now},
};

/// Clients that connect and make their conversations at once.
const AT_ONCE: usize = 16;

/// More replies than this are more than the machine has room for beside their readers.
pub const CROWD: usize = 1_000;

/// How many replies, and when.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub replies: usize,
    /// Tokens of each.
    pub tokens: u64,
    /// Tokens a second of each; 0 = as fast as the provider can.
    pub rate: u64,
    /// Over this time they begin.
    pub ramp: Duration,
    /// From the last beginning to the measurement.
    pub settle: Duration,
    /// Time over which tokens and processor time are counted; nothing = all of it.
    pub window: Option<Duration>,
}

impl Plan {
    /// `replies` that all run at `rate` for as long as the measurement takes.
    pub fn level(replies: usize, rate: u64, window: Duration) -> Self {
        // 200 new replies a second, so that the beginning is no burst; 50 where those that run already take all that the
        // processors have, and it is of interest whether they are held, not how fast they can be begun.
        let each = Duration::from_millis(if replies > CROWD { 20 } else { 5 });
        let ramp = each * u32::try_from(replies).unwrap_or(u32::MAX);
        let settle = Duration::from_millis(500);
        let length = (ramp + settle + window + settle).as_secs_f64();
        Self {
            replies,
            tokens: (length * rate as f64).ceil() as u64,
            rate,
            ramp,
            settle,
            window: Some(window),
        }
    }

    /// The model that replies so.
    pub fn model(&self) -> String {
        format!("words-{}@{}", self.tokens, self.rate)
    }

    fn length(&self) -> Duration {
        self.ramp + Duration::from_secs(self.tokens / self.rate.max(1))
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// From the request to the first token.
    pub first: Spread,
    /// From the provider's pen to the reader, each token in the window.
    pub token: Spread,
    pub lost: u64,
    pub doubled: u64,
    pub reordered: u64,
    pub refused: usize,
    /// What went wrong, a few of the first.
    pub troubles: Vec<String>,
    /// Tokens received in the window.
    pub tokens: u64,
    /// Of all events, for each token.
    pub bytes_per_token: f64,
    /// Tokens in one event.
    pub tokens_per_event: f64,
    /// From the first request to the last byte.
    pub took: Duration,
    /// Length of the window.
    pub window: Duration,
    /// Processor time of the watched programs in the window.
    pub spent: Vec<Duration>,
    /// Processor time of this program in the window.
    pub own: Duration,
    /// Memory of the watched programs at the end of the window.
    pub resident_kib: Vec<u64>,
}

impl Held {
    /// Lost, doubled and reordered tokens together.
    pub fn wrong(&self) -> u64 {
        self.lost + self.doubled + self.reordered
    }

    /// Processor time of a watched program for one token, µs.
    pub fn per_token(&self, watched: usize) -> f64 {
        let spent = self.spent.get(watched).copied().unwrap_or_default();
        spent.as_secs_f64() * 1e6 / self.tokens.max(1) as f64
    }

    /// Share of a core that the load itself took.
    pub fn own_share(&self) -> f64 {
        self.own.as_secs_f64() / self.window.as_secs_f64().max(1e-9)
    }
}

/// Connects `count` clients, conversations included.
pub async fn gather(target: &Target, count: usize) -> Result<Vec<Chat>> {
    let mut joining = JoinSet::new();
    let mut chats = Vec::with_capacity(count);
    for number in 0..count {
        while joining.len() >= AT_ONCE {
            chats.extend(joined(&mut joining).await?);
        }
        let target = target.clone();
        joining.spawn(async move { target.join(number).await });
    }
    while !joining.is_empty() {
        chats.extend(joined(&mut joining).await?);
    }
    Ok(chats)
}

async fn joined(joining: &mut JoinSet<Result<Chat>>) -> Result<Option<Chat>> {
    joining.join_next().await.transpose()?.transpose()
}

/// Holds the planned replies; `watched` are the programs whose expense is of interest.
pub async fn hold(target: &Target, plan: Plan, watched: &[u32]) -> Result<Held> {
    let chats = gather(target, plan.replies).await?;
    let limit = plan.length() * 3 + PATIENCE;
    let begun = Instant::now();
    let mut replies = JoinSet::new();
    for (number, mut chat) in (0..).zip(chats) {
        let at = begun + plan.ramp * number / u32::try_from(plan.replies).unwrap_or(u32::MAX);
        replies.spawn(async move {
            sleep_until(at).await;
            let mut reply = Reply::new(&chat);
            match timeout(limit, reply.read(&mut chat)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => reply.refused = Some(format!("{error:#}")),
                Err(_) => reply.tally.trouble = Some("took too long".to_owned()),
            }
            reply
        });
    }
    let window_begins = begun
        + plan
            .window
            .map_or(Duration::ZERO, |_| plan.ramp + plan.settle);
    sleep_until(window_begins).await;
    let before = Reading::take(watched)?;
    let mut after = None;
    if let Some(window) = plan.window {
        sleep_until(window_begins + window).await;
        after = Some(Reading::take(watched)?);
    }
    let replies = replies.join_all().await;
    let took = begun.elapsed();
    let after = after.map_or_else(|| Reading::take(watched), Ok)?;
    Ok(sum_up(plan, replies, &before, &after, took))
}

fn sum_up(
    plan: Plan,
    replies: Vec<Reply>,
    before: &Reading,
    after: &Reading,
    took: Duration,
) -> Held {
    let mut held = Held {
        took,
        window: Duration::from_micros((after.at - before.at).unsigned_abs()),
        spent: before
            .spent
            .iter()
            .zip(&after.spent)
            .map(|(b, a)| a.since(b))
            .collect(),
        own: after.own.since(&before.own),
        resident_kib: after.resident_kib.clone(),
        ..Held::default()
    };
    let (mut first, mut lags) = (Vec::new(), Vec::new());
    let (mut bytes, mut events, mut tokens) = (0, 0, 0);
    for reply in replies {
        let Reply {
            tally,
            asked,
            refused,
        } = reply;
        held.lost += tally.lost(plan.tokens);
        held.doubled += tally.doubled;
        held.reordered += tally.reordered;
        held.refused += usize::from(refused.is_some());
        let unended = (!tally.ended).then(|| "broke off".to_owned());
        held.troubles
            .extend(refused.or_else(|| tally.trouble.clone()).or(unended));
        if let Some((received, _)) = tally.samples.first() {
            first.push(received - asked);
        }
        bytes += tally.bytes;
        events += tally.events;
        tokens += tally.samples.len();
        let window = before.at..=after.at;
        lags.extend(tally.written_in(window.clone()));
        let received = tally.samples.iter().map(|(received, _)| received);
        held.tokens += received.filter(|at| window.contains(at)).count() as u64;
    }
    held.troubles.truncate(3);
    held.first = Spread::of(&mut first);
    held.token = Spread::of(&mut lags);
    held.bytes_per_token = bytes as f64 / tokens.max(1) as f64;
    held.tokens_per_event = tokens as f64 / events.max(1) as f64;
    held
}

/// What the watched programs had spent at a moment.
struct Reading {
    at: i64,
    spent: Vec<Spent>,
    own: Spent,
    resident_kib: Vec<u64>,
}

impl Reading {
    fn take(watched: &[u32]) -> Result<Self> {
        let spent: Result<Vec<_>> = watched.iter().map(|pid| Spent::of(&[*pid])).collect();
        let resident: Result<Vec<_>> = watched.iter().map(|pid| resident_kib(*pid)).collect();
        Ok(Self {
            at: now(),
            spent: spent?,
            own: Spent::own(),
            resident_kib: resident?,
        })
    }
}
