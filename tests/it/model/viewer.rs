//! A browser tab: a client, its connection if it has one, and what it has shown.

use parlance_core::domain::{Event, Resume};
use parlance_ui::state::live::Outcome;

use super::{
    check::{self, Broken, Seen},
    client::{Client, Kind},
    follow::Connection,
    instance::Instance,
    page,
    rules::Rules,
    store::Store,
    tally::Tally,
};

/// A tab.
pub struct Viewer {
    pub client: Client,
    pub connection: Option<Connection>,
    seen: Seen,
    /// The state must be read anew before the next connection.
    stale: bool,
}

impl Viewer {
    /// Opens the page at `instance`.
    pub fn open(kind: Kind, store: &Store, instance: &mut Instance, rules: Rules) -> Self {
        Self {
            client: Client::new(kind, &page::open(store, instance, rules)),
            connection: None,
            seen: Seen::new(),
            stale: false,
        }
    }

    /// Connects with the own cursor, after reading anew if that is due.
    pub fn connect(
        &mut self,
        store: &Store,
        instance: &mut Instance,
        rules: Rules,
    ) -> Result<(), Broken> {
        if std::mem::take(&mut self.stale) {
            self.client.adopt(&page::open(store, instance, rules));
            self.seen.clear();
            self.check(store)?;
        }
        let cursor = self.client.cursor().parse().ok();
        self.connection = Some(Connection::new(instance.owner.instance, cursor));
        Ok(())
    }

    pub fn check(&mut self, store: &Store) -> Result<(), Broken> {
        check::screen(store, &self.client, &mut self.seen)
    }

    /// Takes the next event in; `false` when there was none.
    pub fn receive(&mut self, store: &Store, tally: &mut Tally) -> Result<bool, Broken> {
        let Some(line) = self
            .connection
            .as_mut()
            .and_then(|connection| connection.outbox.pop_front())
        else {
            return Ok(false);
        };
        let event = Event::from_json(&line.json)
            .map_err(|_| Broken(format!("unreadable: {}", line.json)))?;
        tally.events += 1;
        if matches!(&event, Event::Hello(hello) if hello.resume == Resume::Reset) {
            return Err(Broken(
                "told to start anew though nothing is lost".to_owned(),
            ));
        }
        check::told(store, &event)?;
        let outcome = self.client.apply(event, &line.id);
        self.check(store)?;
        match outcome {
            Outcome::Applied | Outcome::Ignored => {}
            Outcome::Gap => {
                tally.gaps += 1;
                self.connection = None;
            }
            Outcome::Refetch => {
                tally.refetches += 1;
                self.connection = None;
                self.stale = true;
            }
            Outcome::Mismatch => {
                tally.mismatches += 1;
                self.connection = None;
                self.stale = true;
            }
            Outcome::Bye(_) => self.connection = None,
        }
        Ok(true)
    }
}
