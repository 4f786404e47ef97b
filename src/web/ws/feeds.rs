//! The streams that one socket reads, as one.
//!
//! Must not enter: a buffer. An event leaves the engine when somebody asks for it.

use std::{future::poll_fn, task::Poll};

use futures::StreamExt;
use parlance_core::domain::ConversationId;
use parlance_server::{engine::follow::Sent, service::generations::Following};

/// An event, and what its stream was opened for: a conversation, or the account.
pub(super) struct Heard {
    pub feed: Option<ConversationId>,
    /// `None`: the stream has ended.
    pub sent: Option<Box<Sent>>,
}

/// Streams by what they were opened for. They may be handed from thread to thread, not shared: who holds them is
/// borrowed mutably wherever it waits.
#[derive(Default)]
pub(super) struct Feeds {
    open: Vec<(Option<ConversationId>, Following)>,
    /// Who is asked first, so that a busy stream does not silence the others.
    first: usize,
}

impl Feeds {
    /// Adds a stream, in place of one for the same.
    pub(super) fn put(&mut self, feed: Option<ConversationId>, events: Following) {
        self.open.retain(|(known, _)| *known != feed);
        self.open.push((feed, events));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Conversations beside this one.
    pub(super) fn others(&self, conversation: ConversationId) -> usize {
        self.open
            .iter()
            .filter(|(feed, _)| feed.is_some_and(|id| id != conversation))
            .count()
    }

    /// The next event of any stream. Never resolves while there is none.
    pub(super) async fn next(&mut self) -> Heard {
        poll_fn(|context| {
            let count = self.open.len();
            for step in 0..count {
                let place = (self.first + step) % count;
                let (feed, events) = &mut self.open[place];
                let feed = *feed;
                if let Poll::Ready(sent) = events.poll_next_unpin(context) {
                    self.first = place + 1;
                    if sent.is_none() {
                        drop(self.open.remove(place));
                    }
                    return Poll::Ready(Heard {
                        feed,
                        sent: sent.map(Box::new),
                    });
                }
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use parlance_core::domain::{Event, event::Ping};
    use uuid::Uuid;

    fn pings(times: std::ops::Range<i64>) -> Following {
        let sent = |t| Sent {
            about: None,
            id: None,
            event: Event::Ping(Ping { t }),
        };
        stream::iter(times.map(sent)).boxed()
    }

    #[tokio::test]
    async fn takes_turns_and_tells_ends() {
        let [a, b] = [1, 2].map(|number| Some(ConversationId(Uuid::from_u128(number))));
        let mut feeds = Feeds::default();
        feeds.put(a, pings(0..9));
        feeds.put(b, pings(5..7));
        feeds.put(a, pings(0..2));
        let mut order = Vec::new();
        while !feeds.is_empty() {
            let heard = feeds.next().await;
            order.push((heard.feed == a, heard.sent.is_some()));
        }
        assert_eq!(order.len(), 6);
        assert_ne!(order[0].0, order[1].0, "neither waits for the other's end");
        assert_eq!(order.iter().filter(|(_, open)| !open).count(), 2);
    }
}
