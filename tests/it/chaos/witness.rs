//! Somebody who only looks on: every event of one connection, with the moment at which it came. Unlike a reader it
//! does not come back, so that it notices when a connection is not kept.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::task::JoinHandle;

use crate::harness::{Browser, Events, events::Event};

/// Longer than any silence in a test.
const PATIENCE: Duration = Duration::from_secs(600);

/// One event and when it came.
#[derive(Clone, Debug)]
pub struct Sight {
    pub at: Instant,
    /// The same in µs since the Unix epoch, as the provider's tokens have it.
    pub micros: u64,
    pub event: Event,
}

/// A running one; dropping it closes its connection.
pub struct Witness {
    seen: Arc<Mutex<Vec<Sight>>>,
    task: JoinHandle<()>,
}

impl Witness {
    /// Of a conversation's stream.
    pub async fn follow(person: &Browser, conversation: &str) -> Self {
        Self::of(person.follow(conversation, None).await)
    }

    pub fn of(mut events: Events) -> Self {
        let seen = Arc::<Mutex<Vec<Sight>>>::default();
        let notes = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok(Some(event)) = events.within(PATIENCE).await {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                let sight = Sight {
                    at: Instant::now(),
                    micros: since.map_or(0, |time| time.as_micros() as u64),
                    event,
                };
                let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
                notes.push(sight);
            }
        });
        Self { seen, task }
    }

    /// Everything so far.
    pub fn seen(&self) -> Vec<Sight> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came from `from` until `to`.
    pub fn between(&self, from: Instant, to: Instant) -> Vec<Sight> {
        let mut seen = self.seen();
        seen.retain(|sight| (from..to).contains(&sight.at));
        seen
    }

    /// Whether the server, or something in between, has closed the connection.
    pub fn is_cut(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sight {
    /// New text, if that is what it is.
    pub fn text(&self) -> Option<&str> {
        let data = &self.event.data;
        let is_delta = self.event.kind == "message" && data["op"] == "delta";
        data["text"].as_str().filter(|_| is_delta)
    }

    /// The text that was there before this one looked, if that is what it is.
    pub fn text_before(&self) -> Option<&str> {
        let parts = self.event.data["parts"].as_array()?;
        let text = parts.iter().find(|part| part["kind"] == "text")?;
        text["text"].as_str()
    }

    /// How the reply fares, if that is what it tells.
    pub fn status(&self) -> Option<&str> {
        let status = self.event.data["status"].as_str();
        status.filter(|_| self.event.kind == "status")
    }
}
