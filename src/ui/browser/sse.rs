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

/// What components ask of the stream. The rest of it is fetched once the page has come to life.
#[cfg(feature = "hydrate")]
trait Stream {
    /// Another conversation is open from now on, or none: the old one is let go only if it is still there.
    fn turn(&self, old: Option<Thread>, new: Option<Thread>);
    /// Nothing is heard any more.
    fn end(&self);
}

/// The stream of this page, for the components below.
#[cfg(feature = "hydrate")]
#[derive(Clone, Copy)]
struct Shared(StoredValue<Place, LocalStorage>);

/// Where the stream will be, and what it is to follow then.
#[cfg(feature = "hydrate")]
#[derive(Default)]
struct Place {
    stream: Option<std::rc::Rc<dyn Stream>>,
    thread: Option<Thread>,
}

#[cfg(feature = "hydrate")]
impl Shared {
    fn turn(self, old: Option<Thread>, new: Option<Thread>) {
        let stream = self.0.try_update_value(|place| {
            let current = place.thread.map(|thread| thread.notice);
            if old.is_none_or(|old| current == Some(old.notice)) {
                place.thread = new;
            }
            place.stream.clone()
        });
        if let Some(stream) = stream.flatten() {
            stream.turn(old, new);
        }
    }

    /// Fetches the code and opens the stream; what fails is tried again for as long as somebody is there to listen.
    fn begin(self, user: UserId, roster: RwSignal<Roster>, owner: Owner) {
        leptos::task::spawn_local(async move {
            if let Ok(stream) = open(user, roster, owner.clone()).await {
                let thread = self.0.try_update_value(|place| {
                    place.stream = Some(stream.clone());
                    place.thread
                });
                match thread {
                    Some(Some(thread)) => stream.turn(None, Some(thread)),
                    Some(None) => {}
                    None => stream.end(),
                }
            } else if !self.0.is_disposed() {
                set_timeout(move || self.begin(user, roster, owner), AGAIN);
            }
        });
    }
}

/// When code that could not be fetched is asked for again.
#[cfg(feature = "hydrate")]
const AGAIN: std::time::Duration = std::time::Duration::from_secs(3);

#[cfg(feature = "hydrate")]
#[leptos::wasm_split::wasm_split(stream, wasm_split_path = leptos::wasm_split, fallible)]
fn open(
    user: UserId,
    roster: RwSignal<Roster>,
    owner: Owner,
) -> Result<std::rc::Rc<dyn Stream>, leptos::wasm_split::SplitLoaderError> {
    let supervisor = supervisor::Supervisor::new(roster);
    supervisor.start(user);
    owner.with(|| window::listen(supervisor.clone()));
    Ok(std::rc::Rc::new(supervisor))
}

/// Opens the stream of this person and keeps it until the component that called this is gone. What arrives about
/// conversations shows itself in `roster`; components below may `follow` one of them.
pub fn provide_stream(user: UserId, roster: RwSignal<Roster>) {
    #[cfg(feature = "hydrate")]
    {
        let shared = Shared(StoredValue::new_local(Place::default()));
        provide_context(shared);
        Effect::new(move || {
            if let Some(owner) = Owner::current() {
                shared.begin(user, roster, owner);
            }
        });
        on_cleanup(move || {
            if let Some(stream) = shared
                .0
                .try_update_value(|place| place.stream.take())
                .flatten()
            {
                stream.end();
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (user, roster);
}

/// Follows the conversation until the component that called this is gone. What arrives shows itself through the
/// thread's signals.
pub fn follow(thread: Thread) {
    #[cfg(feature = "hydrate")]
    if let Some(shared) = use_context::<Shared>() {
        Effect::new(move || shared.turn(None, Some(thread)));
        on_cleanup(move || shared.turn(Some(thread), None));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = thread;
}
