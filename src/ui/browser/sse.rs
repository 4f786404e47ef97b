//! Keeps one conversation's stream open for as long as its page is there: the hands of `state::connection`.
//!
//! The own cursor travels in `?after=`, because the browser's memory of it dies with each `EventSource`. Must not
//! enter: when to connect or wait (`state::connection`), what an event means (`state::live`).

use leptos::prelude::*;

use crate::state::thread::Thread;

#[cfg(feature = "hydrate")]
mod supervisor;

/// Follows the conversation until the component that called this is gone. What arrives shows itself through the
/// thread's signals.
pub fn follow(thread: Thread) {
    Effect::new(move || {
        #[cfg(feature = "hydrate")]
        supervisor::start(thread);
        #[cfg(not(feature = "hydrate"))]
        let _ = thread;
    });
}
