//! What groups may ask in a minute, kept for a few seconds: it is asked for with every request and changes once a year.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use parlance_core::domain::Group;
use parlance_server::{App, service::Viewer};

/// A change is felt after so long at the latest.
const FRESH: Duration = Duration::from_secs(5);

/// The limits as they were read last.
#[derive(Default)]
pub(super) struct Groups(Mutex<BTreeMap<Group, Known>>);

#[derive(Clone, Copy)]
struct Known {
    quota: Option<u32>,
    read: Instant,
}

impl Groups {
    /// What the person's group may ask in a minute, whatever it is for; `None` is without a limit of its own.
    pub(super) async fn quota(&self, app: &App, viewer: &Viewer) -> Option<u32> {
        let group = viewer.user.group;
        let known = self.known().get(&group).copied();
        if let Some(known) = known
            && known.read.elapsed() < FRESH
        {
            return known.quota;
        }
        let quota = match app.people.limits(viewer).await {
            Ok(limits) => limits.requests_per_minute,
            // A store that is away refuses soon enough; here what was known is good enough.
            Err(_) => known.and_then(|known| known.quota),
        };
        let read = Instant::now();
        self.known().insert(group, Known { quota, read });
        quota
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Group, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
