//! A client that never gives up, as the browser's supervisor does: it keeps its cursor, comes back after every
//! cut with `?after=`, and leaves a connection that has fallen silent.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    dice::Dice,
    history::{History, Step},
    screen::{Next, Screen},
};
use crate::harness::{Browser, Events};

/// For connection and greeting.
const CONNECT: Duration = Duration::from_secs(10);
/// Longer than any reply of these tests takes to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a reader behaves.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Silence after which it takes the connection for dead.
    pub watchdog: Duration,
    /// Longest wait before it comes back; the browser's own would make these tests slow.
    pub wait: Duration,
    /// Whether it waits as long as a `bye` says.
    pub obeys: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            watchdog: Duration::from_secs(25),
            wait: Duration::from_millis(60),
            obeys: false,
        }
    }
}

/// Numbers for the figures.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Connections that greeted.
    pub joins: u64,
    /// Greetings that continued the cursor.
    pub exact: u64,
    /// Connections left because of their silence.
    pub silences: u64,
    /// When the last greeting came.
    pub greeted: Option<Instant>,
    /// What each `bye` said: why, and when to come back (ms).
    pub byes: Vec<(String, u64)>,
}

#[derive(Default)]
struct Desk {
    screen: Screen,
    tally: Tally,
    /// The server said that there is nothing more to wait for (401, 404, `bye gone`).
    closed: bool,
}

/// A running client; dropping it closes its connection.
pub struct Reader {
    name: String,
    desk: Arc<Mutex<Desk>>,
    changed: watch::Receiver<()>,
    task: JoinHandle<()>,
}

impl Reader {
    /// Follows a conversation from where `screen` stands, until it is dropped.
    pub fn start(
        name: &str,
        browser: Browser,
        conversation: &str,
        screen: Screen,
        manners: Manners,
        dice: Dice,
    ) -> Self {
        let desk = Arc::new(Mutex::new(Desk {
            screen,
            ..Desk::default()
        }));
        let (change, changed) = watch::channel(());
        let line = Line {
            browser,
            path: format!("/api/conversations/{conversation}/stream"),
            manners,
            desk: desk.clone(),
            change,
            dice,
        };
        Self {
            name: name.to_owned(),
            desk,
            changed,
            task: tokio::spawn(line.supervise()),
        }
    }

    /// The `final` of a generation, when it has come.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn end_of(&self, g: &str) -> Value {
        self.until(&format!("the end of {g}"), |screen, _| {
            screen.ends.get(g).cloned()
        })
        .await
    }

    /// What `found` finds, as soon as it does.
    ///
    /// # Panics
    /// When it does not within a minute.
    pub async fn until<T>(&self, what: &str, found: impl Fn(&Screen, &Tally) -> Option<T>) -> T {
        let mut changed = self.changed.clone();
        let waiting = async {
            loop {
                {
                    let desk = lock(&self.desk);
                    if let Some(found) = found(&desk.screen, &desk.tally) {
                        return found;
                    }
                }
                changed.changed().await.expect("the reader is at work");
            }
        };
        let found = timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| {
            let desk = lock(&self.desk);
            panic!(
                "{}: {what} did not come; at {:?} of {}, {} bytes, {:?}",
                self.name,
                desk.screen.cursor,
                desk.screen.shown.g,
                desk.screen.shown.text.len(),
                desk.tally
            )
        })
    }

    pub fn tally(&self) -> Tally {
        lock(&self.desk).tally.clone()
    }

    /// Where it stands, without its history.
    pub fn screen(&self) -> Screen {
        lock(&self.desk).screen.copy()
    }

    /// Adds what its person did.
    pub fn note(&self, step: Step) {
        lock(&self.desk).screen.steps.push(step);
    }

    /// What it saw since this was last asked.
    pub fn take_history(&self) -> History {
        let steps = std::mem::take(&mut lock(&self.desk).screen.steps);
        History {
            client: self.name.clone(),
            steps,
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The reader at work.
struct Line {
    browser: Browser,
    path: String,
    manners: Manners,
    desk: Arc<Mutex<Desk>>,
    change: watch::Sender<()>,
    dice: Dice,
}

impl Line {
    async fn supervise(mut self) {
        let mut failures = 0;
        while !lock(&self.desk).closed {
            match self.connect().await {
                Some(events) => {
                    failures = 0;
                    let told = self.listen(events).await;
                    if let Some(wait) = told.filter(|_| self.manners.obeys) {
                        sleep(Duration::from_millis(wait)).await;
                        continue;
                    }
                }
                None => failures += 1,
            }
            // Full jitter, doubling, as far as these tests have the time.
            let most = self.manners.wait * 2_u32.pow(failures.min(5));
            let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
            let wait = self.dice.millis(0..=most);
            sleep(wait).await;
        }
    }

    async fn connect(&self) -> Option<Events> {
        let cursor = lock(&self.desk).screen.cursor.clone();
        let query = cursor.map(|cursor| format!("?after={cursor}"));
        let path = format!("{}{}", self.path, query.unwrap_or_default());
        let response = timeout(CONNECT, self.browser.get(&path).send())
            .await
            .ok()?
            .ok()?;
        match response.status().as_u16() {
            200 => return Some(Events::of(response)),
            401 | 404 => lock(&self.desk).closed = true,
            _ => {}
        }
        None
    }

    /// Reads until the connection is over, one way or another; gives the wait (ms) that a `bye` asked for.
    async fn listen(&self, mut events: Events) -> Option<u64> {
        loop {
            let event = match events.within(self.manners.watchdog).await {
                Ok(Some(event)) => event,
                Ok(None) => return None,
                Err(()) => {
                    lock(&self.desk).tally.silences += 1;
                    return None;
                }
            };
            let next = {
                let mut desk = lock(&self.desk);
                let next = desk.screen.apply(&event, events.cursor.as_deref());
                if event.kind == "hello" {
                    desk.tally.joins += 1;
                    desk.tally.exact += u64::from(desk.screen.resume == "exact");
                    desk.tally.greeted = Some(Instant::now());
                }
                if let Next::Bye(wait, reason) = &next {
                    desk.closed = matches!(reason.as_str(), "gone" | "revoked");
                    desk.tally.byes.push((reason.clone(), *wait));
                }
                next
            };
            self.change.send_replace(());
            match next {
                Next::GoOn => {}
                Next::Rejoin => return None,
                Next::Bye(wait, _) => return Some(wait),
            }
        }
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
