//! What the provider saw: counters and the last requests, for tests to ask about. It decides nothing.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use serde_json::Value;

const KEPT: usize = 50;

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
    /// Requests by model name.
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
    pub model: String,
    /// The whole body; `null` when it was not JSON.
    pub body: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    stats: Stats,
    requests: VecDeque<Seen>,
    /// Tickets from before a `reset` may lower `active_streams` but count for nothing else.
    age: u64,
}

impl Ledger {
    /// Notes a request; says how many the model has had, this one included.
    pub(crate) fn record(&self, model: &str, authorization: Option<&str>, body: &Value) -> u64 {
        let mut book = self.book();
        book.stats.requests += 1;
        book.stats.last_authorization = authorization.map(str::to_owned);
        if book.requests.len() == KEPT {
            book.requests.pop_front();
        }
        book.requests.push_back(Seen {
            at_ms: millis(since_epoch()),
            authorization: authorization.map(str::to_owned),
            model: model.to_owned(),
            body: body.clone(),
        });
        let count = book.stats.models.entry(model.to_owned()).or_default();
        *count += 1;
        *count
    }

    pub(crate) fn refuse(&self) {
        self.book().stats.refused += 1;
    }

    /// Opens a reply; the ticket's drop closes it.
    pub(crate) fn open(self: &Arc<Self>) -> Ticket {
        let mut book = self.book();
        book.stats.active_streams += 1;
        book.stats.max_active = book.stats.max_active.max(book.stats.active_streams);
        Ticket {
            ledger: Arc::clone(self),
            age: book.age,
            open: true,
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.book().stats.clone()
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.book().requests.iter().cloned().collect()
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
        book.age += 1;
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Counters stay meaningful after a panic elsewhere, and drops must not panic again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reply under way. Dropped before `complete`, it means that the client went away: hyper drops the handler or the
/// body as soon as it sees the connection close.
#[derive(Debug)]
pub(crate) struct Ticket {
    ledger: Arc<Ledger>,
    age: u64,
    open: bool,
}

impl Ticket {
    /// The reply has ended as intended. Later calls do nothing.
    pub(crate) fn complete(&mut self) {
        self.close(|stats| stats.completed += 1);
    }

    fn close(&mut self, note: impl FnOnce(&mut Stats)) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let mut book = self.ledger.book();
        book.stats.active_streams -= 1;
        if book.age == self.age {
            note(&mut book.stats);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.close(|stats| {
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
        let (mut first, second) = (ledger.open(), ledger.open());
        first.complete();
        drop((first, second));
        let stats = ledger.stats();
        assert_eq!((stats.active_streams, stats.max_active), (0, 2));
        assert_eq!((stats.completed, stats.aborted), (1, 1));
        assert!(stats.last_aborted_ms.is_some());
    }

    #[test]
    fn reset_keeps_only_the_replies_under_way() {
        let ledger = Arc::new(Ledger::default());
        ledger.record("echo", None, &Value::Null);
        let old = ledger.open();
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
            ledger.record(&number.to_string(), Some("Bearer k"), &Value::Null);
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
