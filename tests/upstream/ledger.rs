//! What the provider saw: counters and the last requests, for tests to ask about. It decides nothing.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use serde_json::Value;

/// Whole requests.
const KEPT: usize = 50;
/// Visits; later ones are not noted.
const VISITS: usize = 100_000;

/// Counters of chat requests. `requests` = `active_streams` + `completed` + `aborted` + `refused`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    pub requests: u64,
    /// Replies under way, streamed or not.
    pub active_streams: u64,
    /// The most that were ever under way at once.
    pub max_active: u64,
    /// Replies that ended when the provider meant them to, wanted faults included.
    pub completed: u64,
    /// Replies whose client closed the connection before the end.
    pub aborted: u64,
    /// When the provider noticed the last such client, in ms since the Unix epoch.
    pub last_aborted_ms: Option<u64>,
    /// Requests answered with an error instead of a reply.
    pub refused: u64,
    /// Requests by model name; of `as-said`, by the name that was said.
    pub models: BTreeMap<String, u64>,
    /// The `Authorization` header of the last request.
    pub last_authorization: Option<String>,
}

/// One chat request as it came in.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// ms since the Unix epoch.
    pub at_ms: u64,
    pub authorization: Option<String>,
    /// Path and query.
    pub path: String,
    /// All of them, names in lower case.
    pub headers: BTreeMap<String, String>,
    pub model: String,
    /// The whole body; `null` when it was not JSON.
    pub body: Value,
}

/// How a request was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// When one chat request came, and when it was over. In ms since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// As in [`Stats::models`].
    pub model: String,
    pub at_ms: u64,
    pub closed_ms: Option<u64>,
    /// Absent while the reply is under way.
    pub end: Option<End>,
}

/// How a request ended, seen from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Completed,
    /// The client closed the connection.
    Aborted,
    Refused,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    stats: Stats,
    requests: VecDeque<Seen>,
    visits: Vec<Visit>,
    /// Tickets from before a `reset` may lower `active_streams` but count for nothing else.
    age: u64,
}

impl Ledger {
    /// Notes a request; says how many the model has had, this one included, and its place among the visits.
    pub(crate) fn record(&self, model: &str, envelope: Envelope, body: &Value) -> (u64, usize) {
        let authorization = envelope.headers.get("authorization").cloned();
        let mut book = self.book();
        book.stats.requests += 1;
        book.stats.last_authorization.clone_from(&authorization);
        if book.requests.len() == KEPT {
            book.requests.pop_front();
        }
        book.requests.push_back(Seen {
            at_ms: millis(since_epoch()),
            authorization,
            path: envelope.path,
            headers: envelope.headers,
            model: model.to_owned(),
            body: body.clone(),
        });
        let visit = book.visits.len();
        if visit < VISITS {
            book.visits.push(Visit {
                model: model.to_owned(),
                at_ms: millis(since_epoch()),
                closed_ms: None,
                end: None,
            });
        }
        let count = book.stats.models.entry(model.to_owned()).or_default();
        *count += 1;
        (*count, visit)
    }

    pub(crate) fn refuse(&self, visit: usize) {
        let mut book = self.book();
        book.stats.refused += 1;
        book.leave(visit, End::Refused);
    }

    /// Opens a reply; the ticket's drop closes it.
    pub(crate) fn open(self: &Arc<Self>, visit: usize) -> Ticket {
        let mut book = self.book();
        book.stats.active_streams += 1;
        book.stats.max_active = book.stats.max_active.max(book.stats.active_streams);
        Ticket {
            ledger: Arc::clone(self),
            age: book.age,
            visit,
            open: true,
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.book().stats.clone()
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.book().requests.iter().cloned().collect()
    }

    pub(crate) fn visits(&self) -> Vec<Visit> {
        self.book().visits.clone()
    }

    pub(crate) fn reset(&self) {
        let mut book = self.book();
        let active = book.stats.active_streams;
        book.stats = Stats {
            active_streams: active,
            max_active: active,
            ..Stats::default()
        };
        book.requests.clear();
        book.visits.clear();
        book.age += 1;
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Counters stay meaningful after a panic elsewhere, and drops must not panic again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn leave(&mut self, visit: usize, end: End) {
        if let Some(visit) = self.visits.get_mut(visit) {
            visit.closed_ms = Some(millis(since_epoch()));
            visit.end = Some(end);
        }
    }
}

/// A reply under way. Dropped before `complete`, it means that the client went away: hyper drops the handler or the
/// body as soon as it sees the connection close.
#[derive(Debug)]
pub(crate) struct Ticket {
    ledger: Arc<Ledger>,
    age: u64,
    visit: usize,
    open: bool,
}

impl Ticket {
    /// The reply has ended as intended. Later calls do nothing.
    pub(crate) fn complete(&mut self) {
        self.close(End::Completed, |stats| stats.completed += 1);
    }

    fn close(&mut self, end: End, note: impl FnOnce(&mut Stats)) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let mut book = self.ledger.book();
        book.stats.active_streams -= 1;
        if book.age == self.age {
            note(&mut book.stats);
            book.leave(self.visit, end);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.close(End::Aborted, |stats| {
            stats.aborted += 1;
            stats.last_aborted_ms = Some(millis(since_epoch()));
        });
    }
}

/// The wall clock.
pub(crate) fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_completed_from_aborted_and_remembers_the_most_at_once() {
        let ledger = Arc::new(Ledger::default());
        let enter = || {
            let (_, visit) = ledger.record("echo", Envelope::default(), &Value::Null);
            ledger.open(visit)
        };
        let (mut first, second) = (enter(), enter());
        first.complete();
        drop((first, second));
        let ends: Vec<_> = ledger.visits().iter().map(|visit| visit.end).collect();
        assert_eq!(ends, [Some(End::Completed), Some(End::Aborted)]);
        let stats = ledger.stats();
        assert_eq!((stats.active_streams, stats.max_active), (0, 2));
        assert_eq!((stats.completed, stats.aborted), (1, 1));
        assert!(stats.last_aborted_ms.is_some());
    }

    #[test]
    fn reset_keeps_only_the_replies_under_way() {
        let ledger = Arc::new(Ledger::default());
        let (_, visit) = ledger.record("echo", Envelope::default(), &Value::Null);
        let old = ledger.open(visit);
        ledger.reset();
        assert_eq!(ledger.stats().active_streams, 1);
        drop(old);
        let stats = ledger.stats();
        assert_eq!(
            (stats.requests, stats.active_streams, stats.aborted),
            (0, 0, 0)
        );
        assert!(ledger.requests().is_empty());
    }

    #[test]
    fn keeps_the_last_fifty_requests_newest_last() {
        let ledger = Ledger::default();
        for number in 0..60 {
            ledger.record(&number.to_string(), Envelope::default(), &Value::Null);
        }
        let models: Vec<_> = ledger
            .requests()
            .into_iter()
            .map(|seen| seen.model)
            .collect();
        assert_eq!(models.len(), 50);
        assert_eq!((models[0].as_str(), models[49].as_str()), ("10", "59"));
    }
}
