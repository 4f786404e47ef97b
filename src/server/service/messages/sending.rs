//! Messages that are being taken in right now, so that the same one sent twice at once waits for itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use parlance_core::domain::UserId;
use tokio::sync::OwnedMutexGuard;

type Door = tokio::sync::Mutex<()>;
type Doors = HashMap<(UserId, String), Weak<Door>>;

/// One door for each message that is on its way. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Sending(Arc<Mutex<Doors>>);

impl Sending {
    /// Waits until no other request with this message is inside; dropping the guard lets the next one in.
    pub(super) async fn enter(&self, user: UserId, client_message_id: &str) -> OwnedMutexGuard<()> {
        let door = {
            let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Few are ever open at once.
            doors.retain(|_, door| door.strong_count() > 0);
            let door = doors
                .entry((user, client_message_id.to_owned()))
                .or_default();
            door.upgrade().unwrap_or_else(|| {
                let new = Arc::new(Door::default());
                *door = Arc::downgrade(&new);
                new
            })
        };
        door.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_message_waits_and_another_does_not() {
        let sending = Sending::default();
        let user = UserId(uuid::Uuid::nil());
        let first = sending.enter(user, "a").await;
        sending.enter(user, "b").await;
        let mut again = Box::pin(sending.enter(user, "a"));
        assert!(futures::poll!(&mut again).is_pending());
        drop(first);
        drop(again.await);
    }
}
