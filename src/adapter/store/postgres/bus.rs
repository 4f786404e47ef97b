//! Hints over `LISTEN` and `NOTIFY`. Nothing depends on them: what cannot be sent is dropped with a line in
//! the log, and after every break of the listening connection the readers are told to look for themselves.

mod letter;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{StreamExt, stream::BoxStream};
use parlance_core::domain::{ConversationId, StatusEvent};
use parlance_server::port::bus::{Bus, Hint};
use sqlx::{
    Error,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{
    sync::{Notify, broadcast},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::line::Line;

/// Channel of all instances on this database.
const CHANNEL: &str = "parlance";
/// After hints could not be sent.
const RETRY: Duration = Duration::from_millis(500);
/// Time between two letters, during which hints gather.
const PAUSE: Duration = Duration::from_millis(10);
/// More hints than this at once say no more than "look at everything".
const MOST: usize = 4_096;
/// Hints that a slow reader may be behind before it is told that it lost some.
const BACKLOG: usize = 4_096;
/// Silence after which the listening connection is asked whether it lives.
const SILENCE: Duration = Duration::from_secs(15);
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// First and longest wait before a lost connection is made again.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// Time between two complaints about the same thing.
const COMPLAINTS: Duration = Duration::from_secs(10);
/// A commit that waits for no disk: a hint that dies with the machine has nobody left to read it.
const TELL: &str = "with commits as materialized (select set_config('synchronous_commit', 'off', true) as word) \
    select pg_notify($1, letter) from unnest($2::text[]) as letter, commits where commits.word is not null";

/// Hints over the database itself.
pub(in super::super) struct NotifyBus {
    outbox: Arc<Outbox>,
    heard: broadcast::Sender<Hint>,
    /// Sender and listener; they end with the bus.
    _tasks: JoinSet<()>,
}

/// What is to be sent.
#[derive(Default)]
struct Outbox {
    pending: Mutex<Pending>,
    filled: Notify,
}

#[derive(Default)]
struct Pending {
    hints: HashSet<Hint>,
    /// How replies fare; the last word on each counts.
    fares: HashMap<ConversationId, StatusEvent>,
}

impl Pending {
    fn add(&mut self, hint: Hint) {
        match hint {
            Hint::Faring {
                conversation,
                status,
            } => {
                self.fares.insert(conversation, status);
            }
            hint => {
                self.hints.insert(hint);
            }
        }
        if self.hints.len() + self.fares.len() > MOST || self.hints.contains(&Hint::Lost) {
            self.hints = HashSet::from([Hint::Lost]);
            self.fares.clear();
        }
    }

    /// Fares first: an end that is told with them comes after them.
    fn into_hints(self) -> impl Iterator<Item = Hint> {
        let fares = self.fares.into_iter();
        let fares = fares.map(|(conversation, status)| Hint::Faring {
            conversation,
            status,
        });
        fares.chain(self.hints)
    }
}

impl Outbox {
    fn add(&self, hints: &[Hint]) {
        let mut pending = self.pending();
        hints.iter().for_each(|hint| pending.add(*hint));
        drop(pending);
        self.filled.notify_one();
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NotifyBus {
    /// Begins to listen. Call it within a runtime.
    pub(super) fn new(options: &PgConnectOptions) -> Self {
        // Names this bus among the senders, so that its own letters are put aside.
        let sender = Uuid::new_v4();
        let outbox = Arc::new(Outbox::default());
        let (heard, _) = broadcast::channel(BACKLOG);
        let mut tasks = JoinSet::new();
        tasks.spawn(tell(
            sender,
            Arc::clone(&outbox),
            Line::new(options.clone()),
        ));
        tasks.spawn(listen_always(sender, options.clone(), heard.clone()));
        Self {
            outbox,
            heard,
            _tasks: tasks,
        }
    }
}

impl Bus for NotifyBus {
    fn publish(&self, hints: &[Hint]) {
        if !hints.is_empty() {
            self.outbox.add(hints);
        }
    }

    fn hints(&self) -> BoxStream<'static, Hint> {
        let heard = futures::stream::unfold(self.heard.subscribe(), async |mut heard| match heard
            .recv()
            .await
        {
            Ok(hint) => Some((hint, heard)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some((Hint::Lost, heard)),
            Err(broadcast::error::RecvError::Closed) => None,
        });
        heard.chain(futures::stream::pending()).boxed()
    }
}

/// Sends what gathers in the outbox, for ever.
async fn tell(sender: Uuid, outbox: Arc<Outbox>, line: Line) {
    let mut complaint = Complaint::default();
    loop {
        outbox.filled.notified().await;
        let pending = std::mem::take(&mut *outbox.pending());
        let letters = letter::write(sender, pending.into_hints());
        let sent = match timeout(PATIENCE, send(&line, &letters)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                complaint.make("hints to other instances are not sent", &error);
                false
            }
            Err(_) => {
                complaint.make("hints to other instances are not sent", &"no answer");
                false
            }
        };
        if !sent {
            // The others shall look for themselves as soon as they can be told.
            outbox.add(&[Hint::Lost]);
            sleep(RETRY).await;
        }
        sleep(PAUSE).await;
    }
}

async fn send(line: &Line, letters: &[String]) -> Result<(), Error> {
    let mut held = line.take().await?;
    sqlx::query(TELL)
        .bind(CHANNEL)
        .bind(letters)
        .execute(&mut held.connection)
        .await?;
    held.give_back();
    Ok(())
}

/// Listens for ever, on one connection after another.
async fn listen_always(sender: Uuid, options: PgConnectOptions, heard: broadcast::Sender<Hint>) {
    let (first, longest) = BACK_OFF;
    let mut wait = first;
    let mut complaint = Complaint::default();
    loop {
        let begun = Instant::now();
        if let Err(error) = listen(sender, options.clone(), &heard).await {
            complaint.make("hints from other instances are not heard", &error);
        }
        // A connection that held for a while was a good one.
        wait = if begun.elapsed() > longest {
            first
        } else {
            (wait * 2).min(longest)
        };
        sleep(wait).await;
    }
}

/// Listens until the connection is lost.
async fn listen(
    sender: Uuid,
    options: PgConnectOptions,
    heard: &broadcast::Sender<Hint>,
) -> Result<(), Error> {
    // A listener takes its connection from a pool. One for each try: the last connection may be one that
    // neither answers nor breaks, and would hold its place for as long.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    // What was said before is gone. An error says that nobody reads hints at the moment.
    let tell = |hint| drop(heard.send(hint));
    tell(Hint::Lost);
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => match letter::read(notification.payload()) {
                Some((from, _)) if from == sender => {}
                Some((_, hints)) => hints.into_iter().for_each(tell),
                None => tell(Hint::Lost),
            },
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            // A connection may break without a sign; then only asking shows it.
            Err(_) => {
                let asked = sqlx::query("select 1").execute(&mut listener);
                timeout(PATIENCE, asked)
                    .await
                    .map_err(|_| Error::PoolTimedOut)??;
            }
        }
    }
}

/// Keeps the log readable while something fails over and over.
#[derive(Default)]
struct Complaint {
    last: Option<Instant>,
}

impl Complaint {
    fn make(&mut self, what: &str, error: &dyn std::fmt::Display) {
        if self.last.is_none_or(|last| last.elapsed() >= COMPLAINTS) {
            tracing::warn!(%error, "{what}");
            self.last = Some(Instant::now());
        }
    }
}
