//! Who is watching which conversation. A wake-up carries no data: the viewer's own task reads what
//! lies after its cursor, so there is no queue to overflow and no join to race with.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use parlance_core::domain::{ConversationId, UserId};
use tokio::sync::watch;

/// Counters that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beat {
    /// Durable changes: the viewer must ask the store.
    pub(super) stored: u64,
    /// Frames and states in memory.
    pub(super) written: u64,
}

/// What can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Topic {
    Conversation(ConversationId),
    /// All conversations of a person.
    Account(UserId),
}

type Rooms = HashMap<Topic, watch::Sender<Beat>>;

/// One watch value for each topic that somebody watches.
#[derive(Clone, Default)]
pub(super) struct Hub {
    rooms: Arc<Mutex<Rooms>>,
}

impl Hub {
    pub(super) fn subscribe(&self, conversation: ConversationId) -> Subscription {
        self.enter(Topic::Conversation(conversation))
    }

    pub(super) fn subscribe_account(&self, user: UserId) -> Subscription {
        self.enter(Topic::Account(user))
    }

    fn enter(&self, topic: Topic) -> Subscription {
        let beats = self.rooms().entry(topic).or_default().subscribe();
        Subscription {
            beats,
            topic,
            hub: self.clone(),
        }
    }

    /// Whether anybody watches it.
    pub(super) fn is_watched(&self, conversation: ConversationId) -> bool {
        self.rooms()
            .contains_key(&Topic::Conversation(conversation))
    }

    pub(super) fn stored(&self, conversation: ConversationId, user: UserId) {
        let rooms = self.rooms();
        for topic in [Topic::Conversation(conversation), Topic::Account(user)] {
            if let Some(room) = rooms.get(&topic) {
                room.send_modify(|beat| beat.stored += 1);
            }
        }
    }

    pub(super) fn written(&self, conversation: ConversationId) {
        if let Some(room) = self.rooms().get(&Topic::Conversation(conversation)) {
            room.send_modify(|beat| beat.written += 1);
        }
    }

    /// Something was written where nobody here reads along yet: those who watch must ask the store.
    pub(super) fn unread(&self, conversation: ConversationId) {
        if let Some(room) = self.rooms().get(&Topic::Conversation(conversation)) {
            room.send_modify(|beat| beat.stored += 1);
        }
    }

    /// Everybody shall look at everything.
    pub(super) fn all(&self) {
        for room in self.rooms().values() {
            room.send_modify(|beat| beat.stored += 1);
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a room; the last one to leave closes it.
pub(super) struct Subscription {
    pub(super) beats: watch::Receiver<Beat>,
    topic: Topic,
    hub: Hub,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut rooms = self.hub.rooms();
        // Our own receiver is dropped after this, hence one.
        if rooms
            .get(&self.topic)
            .is_some_and(|room| room.receiver_count() <= 1)
        {
            rooms.remove(&self.topic);
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
        hub.stored(conversation, UserId(uuid::Uuid::nil()));
        assert_eq!(second.beats.borrow().stored, 1);
        drop(second);
        assert!(hub.rooms().is_empty());
    }
}
