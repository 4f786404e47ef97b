//! Who is watching which conversation. A wake-up carries no data: the viewer's own task reads what
//! lies after its cursor, so there is no queue to overflow and no join to race with.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use parlance_core::domain::ConversationId;
use tokio::sync::watch;

/// Counters that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beat {
    /// Durable changes: the viewer must ask the store.
    pub(super) stored: u64,
    /// Frames and states in memory.
    pub(super) written: u64,
}

type Rooms = HashMap<ConversationId, watch::Sender<Beat>>;

/// One watch value for each conversation that somebody watches.
#[derive(Clone, Default)]
pub(super) struct Hub {
    rooms: Arc<Mutex<Rooms>>,
}

impl Hub {
    pub(super) fn subscribe(&self, conversation: ConversationId) -> Subscription {
        let beats = self.rooms().entry(conversation).or_default().subscribe();
        Subscription {
            beats,
            conversation,
            hub: self.clone(),
        }
    }

    pub(super) fn stored(&self, conversation: ConversationId) {
        self.beat(conversation, |beat| beat.stored += 1);
    }

    pub(super) fn written(&self, conversation: ConversationId) {
        self.beat(conversation, |beat| beat.written += 1);
    }

    fn beat(&self, conversation: ConversationId, change: impl FnOnce(&mut Beat)) {
        if let Some(room) = self.rooms().get(&conversation) {
            room.send_modify(change);
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a room; the last one to leave closes it.
pub(super) struct Subscription {
    pub(super) beats: watch::Receiver<Beat>,
    conversation: ConversationId,
    hub: Hub,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut rooms = self.hub.rooms();
        // Our own receiver is dropped after this, hence one.
        if rooms
            .get(&self.conversation)
            .is_some_and(|room| room.receiver_count() <= 1)
        {
            rooms.remove(&self.conversation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_to_leave_closes_the_room() {
        let hub = Hub::default();
        let conversation = ConversationId(uuid::Uuid::nil());
        let (first, second) = (hub.subscribe(conversation), hub.subscribe(conversation));
        drop(first);
        hub.stored(conversation);
        assert_eq!(second.beats.borrow().stored, 1);
        drop(second);
        assert!(hub.rooms().is_empty());
    }
}
