//! Keeps the stream of the signed-in person open for as long as the page is there: the hands of `state::connection` and
//! `state::relay`.
//!
//! One stream carries what happens to the account's list and to the open conversation, and where the browser has few
//! connections, one stream carries that for all of its tabs. Must not enter: when to connect or wait
//! (`state::connection`), who carries what (`state::relay`), what an event means (`state::live`, `state::roster`).

use leptos::prelude::*;
use parlance_core::domain::UserId;

use crate::state::{roster::Roster, thread::Thread};

#[cfg(feature = "hydrate")]
mod hearing;
#[cfg(feature = "hydrate")]
mod leader;
#[cfg(feature = "hydrate")]
mod reading;
#[cfg(feature = "hydrate")]
mod relay;
#[cfg(feature = "hydrate")]
mod sharing;
#[cfg(feature = "hydrate")]
mod source;
#[cfg(feature = "hydrate")]
mod supervisor;
#[cfg(feature = "hydrate")]
mod window;

/// The stream of this page, for the components below.
#[cfg(feature = "hydrate")]
#[derive(Clone, Copy)]
struct Shared(StoredValue<supervisor::Supervisor, LocalStorage>);

/// Opens the stream of this person and keeps it until the component that called this is gone. What arrives about
/// conversations shows itself in `roster`; components below may `follow` one of them.
pub fn provide_stream(user: UserId, roster: RwSignal<Roster>) {
    #[cfg(feature = "hydrate")]
    {
        let supervisor = supervisor::Supervisor::new(roster);
        let shared = StoredValue::new_local(supervisor.clone());
        provide_context(Shared(shared));
        Effect::new(move || {
            supervisor.start(user);
            window::listen(supervisor.clone());
        });
        on_cleanup(move || {
            shared.try_with_value(supervisor::Supervisor::end);
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (user, roster);
}

/// Follows the conversation until the component that called this is gone. What arrives shows itself through the
/// thread's signals.
pub fn follow(thread: Thread) {
    #[cfg(feature = "hydrate")]
    if let Some(Shared(shared)) = use_context::<Shared>() {
        Effect::new(move || {
            shared.try_with_value(|supervisor| supervisor.turn(None, Some(thread)));
        });
        on_cleanup(move || {
            shared.try_with_value(|supervisor| supervisor.turn(Some(thread), None));
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = thread;
}
