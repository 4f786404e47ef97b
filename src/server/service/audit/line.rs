//! Entries on their way to the database: those that come together go in one transaction, so that a flood of failed
//! sign-ins is no flood of commits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use parlance_core::domain::digest::hex;
use tokio::sync::{mpsc, oneshot};

use super::Kind;
use crate::port::store::{NewAuditEvent, Store};

/// Entries of one transaction.
const BATCH: usize = 64;
/// Refusals of one address and kind that follow within this are one entry, seconds.
const REPEAT_SECONDS: i64 = 60;
/// Addresses that are remembered for that.
const ADDRESSES: usize = 4_096;

/// An entry, and who waits for it.
pub(super) struct Waiting {
    pub event: NewAuditEvent,
    pub done: oneshot::Sender<()>,
}

/// Writes what comes, for as long as anybody may record.
pub(super) async fn write_always(store: Arc<dyn Store>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let events = batch.iter().map(|one| one.event.clone()).collect();
        match store.append_audit(events).await {
            Ok(rows) => {
                for row in rows {
                    let event = &row.event;
                    tracing::info!(
                        no = row.no,
                        kind = event.kind,
                        user_id = event.actor.map(tracing::field::display),
                        client_ip = event.address,
                        subject = event.subject.map(tracing::field::display),
                        // Kept elsewhere than the database, this is what a cut tail is found by.
                        hash = hex(&row.hash),
                        "audit"
                    );
                }
            }
            Err(error) => {
                for one in &batch {
                    tracing::error!(%error, kind = one.event.kind, "an entry of the audit log is lost");
                }
            }
        }
        for one in batch.drain(..) {
            // Who no longer waits need not be told.
            let _ = one.done.send(());
        }
    }
}

/// What a program that goes wrong, or an attacker, can bring about any number of times at no cost.
const REFUSALS: [Kind; 4] = [
    Kind::RateLimited,
    Kind::Denied,
    Kind::ApiKeyRefused,
    Kind::EndpointBlocked,
];

/// Remembers who was refused a moment ago: of a flood of requests one entry a minute, kind and address is kept.
#[derive(Default)]
pub(super) struct Rare(Mutex<HashMap<String, i64>>);

impl Rare {
    /// Whether the entry shall be written.
    pub(super) fn is_news(&self, event: &NewAuditEvent) -> bool {
        if !REFUSALS.iter().any(|kind| kind.word() == event.kind) {
            return true;
        }
        let who = match (&event.actor, &event.address) {
            (Some(actor), _) => actor.to_string(),
            (None, Some(address)) => address.clone(),
            (None, None) => String::new(),
        };
        let who = format!("{} {who}", event.kind);
        let now = event.at.0.div_euclid(1_000_000);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last
            .get(&who)
            .is_some_and(|then| now - then < REPEAT_SECONDS)
        {
            return false;
        }
        if last.len() >= ADDRESSES {
            last.retain(|_, then| now - *then < REPEAT_SECONDS);
        }
        // Full of addresses of this minute: an attack from everywhere, of which enough is known.
        if last.len() >= ADDRESSES {
            return false;
        }
        last.insert(who, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::audit::Entry;
    use parlance_core::domain::{Timestamp, UserId};
    use uuid::Uuid;

    fn event(kind: Kind, who: u128, seconds: i64) -> NewAuditEvent {
        Entry::new(kind)
            .by(UserId(Uuid::from_u128(who)))
            .into_event(Timestamp(seconds * 1_000_000))
    }

    #[test]
    fn a_flood_of_refusals_is_one_entry_a_minute() {
        let rare = Rare::default();
        let limited = |who, seconds| rare.is_news(&event(Kind::RateLimited, who, seconds));
        assert!(limited(1, 0));
        assert!(!limited(1, 59));
        assert!(limited(2, 59), "somebody else");
        assert!(limited(1, 60));
        assert!(rare.is_news(&event(Kind::Denied, 1, 60)), "something else");
        assert!(!rare.is_news(&event(Kind::Denied, 1, 61)));
        assert!(rare.is_news(&event(Kind::ApiKeyRefused, 1, 61)));
        for _ in 0..3 {
            assert!(
                rare.is_news(&event(Kind::SignInFailed, 1, 60)),
                "each counts"
            );
        }
    }

    #[test]
    fn it_remembers_no_more_than_it_may() {
        let rare = Rare::default();
        let news = (0..10_000).filter(|who| rare.is_news(&event(Kind::RateLimited, *who, 0)));
        assert_eq!(news.count(), ADDRESSES);
        assert!(
            rare.is_news(&event(Kind::RateLimited, 1, 60)),
            "the next minute"
        );
    }
}
