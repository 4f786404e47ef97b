//! A reply whose stored text is not the text that was shown: the stored one is shown by then, and the server is told,
//! because it must never happen.

use leptos::prelude::*;

use crate::state::thread::Thread;

/// Reports every mismatch of the thread, as long as the component that called this is there.
pub(super) fn watch(thread: Thread) {
    Effect::new(move || {
        if thread.mismatches.get() > 0 {
            report_mismatch(thread);
        }
    });
}

/// Sends what outlives the page: which conversation it was, and no content.
fn report_mismatch(thread: Thread) {
    #[cfg(feature = "hydrate")]
    {
        let report = format!(
            r#"{{"event":"stream_integrity_mismatch","conversation_id":"{}"}}"#,
            thread.id
        );
        // A report that cannot be sent is no reason to disturb anybody.
        let _ = window()
            .navigator()
            .send_beacon_with_opt_str("/api/client-events", Some(&report));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = thread;
}
