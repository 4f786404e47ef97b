//! What the two ends of one answer tell one another past `async-openai`'s channel, which has no bound
//! of its own: how much is waiting in it, and how the answer ended. One gate a request.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use parlance_server::port::llm::LlmError;
use tokio::sync::Notify;

/// Events wait in the channel up to so many bytes, and the last one let in beyond it.
pub(super) const ROOM: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    /// One waiter at most, the feed; a permit is kept for it, so no wake-up is lost.
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Sizes of the events in the channel, oldest first.
    waiting: VecDeque<usize>,
    pending: usize,
    done: bool,
    fault: Option<LlmError>,
}

impl Gate {
    /// Waits until there is room, then counts an event of `size` bytes in.
    pub(super) async fn enter(&self, size: usize) {
        loop {
            {
                let mut state = self.state();
                if state.pending < ROOM {
                    state.pending += size;
                    state.waiting.push_back(size);
                    return;
                }
            }
            self.freed.notified().await;
        }
    }

    /// The reader took the oldest event.
    pub(super) fn took(&self) {
        let mut state = self.state();
        let size = state.waiting.pop_front().unwrap_or(0);
        state.pending = state.pending.saturating_sub(size);
        drop(state);
        self.freed.notify_one();
    }

    /// The protocol's own end mark came.
    pub(super) fn done(&self) {
        self.state().done = true;
    }

    pub(super) fn is_done(&self) -> bool {
        self.state().done
    }

    /// The answer broke off. The first reason given counts.
    pub(super) fn fail(&self, fault: LlmError) {
        self.state().fault.get_or_insert(fault);
    }

    pub(super) fn fault(&self) -> Option<LlmError> {
        self.state().fault.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is complete before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;

    #[tokio::test]
    async fn lets_in_no_more_than_there_is_room_for() {
        let gate = Arc::new(Gate::default());
        gate.enter(ROOM - 1).await;
        gate.enter(5).await;
        let third = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.enter(1).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!third.is_finished());
        gate.took();
        third.await.expect("room");
        assert_eq!(gate.state().pending, 6);
    }
}
