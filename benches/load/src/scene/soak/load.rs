//! Two hundred seats, each with one who asks and one who watches the same conversation.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Result, bail};
use http_body_util::BodyExt;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{
    chat::{Chat, Target},
    reply::{PATIENCE, Reply, now},
    tally::Tally,
};

pub const SEATS: u32 = 200;
pub const A_SECOND: u32 = 20;
/// Between two replies at one seat.
const EVERY: Duration = Duration::from_secs((SEATS / A_SECOND) as u64);
const TOKENS: u64 = 20;
const RATE: u64 = 40;
/// Replies in one conversation.
const TURNS: usize = 10;
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The model that replies so.
pub fn model() -> String {
    format!("words-{TOKENS}@{RATE}")
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Counts {
    pub replies: u64,
    /// Ends of replies that viewers saw.
    pub seen: u64,
    pub refused: u64,
    /// Not asked for because the one before had not ended.
    pub late: u64,
    /// Tokens lost, doubled or out of order; replies that broke off.
    pub wrong: u64,
    /// The same at viewers.
    pub viewers_wrong: u64,
    /// A few.
    pub troubles: Vec<String>,
}

type Shared = Arc<Mutex<Counts>>;

/// All seats, at work until a moment.
pub struct Load {
    seats: JoinSet<()>,
    counts: Shared,
}

impl Load {
    pub fn begin(target: &Target, until: Instant) -> Self {
        let begun = Instant::now();
        let counts = Shared::default();
        let mut seats = JoinSet::new();
        for number in 0..SEATS {
            let seat = Seat {
                target: target.clone(),
                number: number as usize,
                next: begun + EVERY * number / SEATS,
                until,
                counts: counts.clone(),
            };
            seats.spawn(seat.keep());
        }
        Self { seats, counts }
    }

    /// Waits until all have left.
    pub async fn end(self) -> Counts {
        self.seats.join_all().await;
        std::mem::take(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Seat {
    target: Target,
    number: usize,
    next: Instant,
    until: Instant,
    counts: Shared,
}

impl Seat {
    async fn keep(mut self) {
        loop {
            // Not before its time, so that the viewer of the last conversation sees the end of it.
            sleep_until(self.next.min(self.until)).await;
            if Instant::now() >= self.until {
                return;
            }
            if let Err(error) = self.converse().await {
                self.count(|counts| counts.refused += 1);
                self.trouble(format!("{error:#}"));
                sleep(PAUSE).await;
            }
        }
    }

    /// One conversation.
    async fn converse(&mut self) -> Result<()> {
        let mut chat = self.target.join(self.number).await?;
        // Ends with this conversation.
        let mut viewer = JoinSet::new();
        viewer.spawn(watch(chat.beside().await?, self.counts.clone()));
        for _ in 0..TURNS {
            sleep_until(self.next.min(self.until)).await;
            if Instant::now() >= self.until {
                break;
            }
            self.next += EVERY;
            let mut reply = Reply::new(&chat);
            timeout(PATIENCE, reply.read(&mut chat)).await??;
            let wrong = wrong(&reply.tally);
            self.count(|counts| {
                counts.replies += 1;
                counts.wrong += wrong;
            });
            if wrong > 0 {
                self.trouble(format!("{wrong} wrong, {:?}", reply.tally.trouble));
            }
            while self.next < Instant::now() {
                self.next += EVERY;
                self.count(|counts| counts.late += 1);
            }
        }
        // The viewer is to see the end too.
        sleep_until(self.next.min(self.until + PAUSE)).await;
        Ok(())
    }

    fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn trouble(&self, trouble: String) {
        self.count(|counts| note(counts, trouble));
    }
}

fn note(counts: &mut Counts, trouble: String) {
    if counts.troubles.len() < 5 {
        counts.troubles.push(trouble);
    }
}

fn wrong(tally: &Tally) -> u64 {
    tally.lost(TOKENS) + tally.doubled + tally.reordered + u64::from(!tally.ended)
}

/// Watches one conversation, whatever is written in it.
async fn watch(mut chat: Chat, counts: Shared) {
    loop {
        let error = match view(&mut chat, &counts).await {
            // The server asks its viewers to come again now and then.
            Ok(()) => continue,
            Err(error) => error,
        };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.viewers_wrong += 1;
        note(&mut counts, format!("a viewer: {error:#}"));
        return;
    }
}

async fn view(chat: &mut Chat, counts: &Shared) -> Result<()> {
    let stream = chat.follow().await?;
    if !stream.status().is_success() {
        bail!("answered {}", stream.status());
    }
    let mut body = stream.into_body();
    let mut tally = Tally::new(chat.dialect());
    while let Some(frame) = body.frame().await {
        if let Some(bytes) = frame?.data_ref() {
            tally.feed(bytes, now());
        }
        // Seconds lie between two replies, so nothing of the next has come with this end.
        if tally.ended {
            let wrong = wrong(&std::mem::replace(&mut tally, Tally::new(chat.dialect())));
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.seen += 1;
            counts.viewers_wrong += wrong;
        }
    }
    Ok(())
}
