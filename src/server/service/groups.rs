//! What groups may use, kept for a few seconds: it is asked for with every request and changes once a year.
//!
//! Must not enter: who may change it (people).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use parlance_core::domain::{Group, GroupLimits, Timestamp};

use super::Error;
use crate::port::{clock::Clock, store::Store};

/// A change by another instance is felt after so long at the latest, seconds.
const FRESH_SECONDS: i64 = 5;

/// The limits as they were read last. Cheap to clone; all clones know the same.
#[derive(Clone)]
pub(crate) struct Groups {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    known: Arc<Mutex<BTreeMap<Group, Known>>>,
}

#[derive(Clone)]
struct Known {
    limits: GroupLimits,
    read: Timestamp,
}

impl Groups {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            known: Arc::default(),
        }
    }

    /// What a group may use. From a store that is away comes what was known before, if anything was.
    pub(super) async fn limits(&self, group: Group) -> Result<GroupLimits, Error> {
        let now = self.clock.now();
        let known = self.known().get(&group).cloned();
        if let Some(known) = &known
            && (known.read..known.read.plus_seconds(FRESH_SECONDS)).contains(&now)
        {
            return Ok(known.limits.clone());
        }
        match (self.store.group_limits(group).await, known) {
            (Ok(limits), _) => {
                self.note(limits.clone());
                Ok(limits)
            }
            (Err(_), Some(known)) => Ok(known.limits),
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Knows better from now on.
    pub(super) fn note(&self, limits: GroupLimits) {
        let read = self.clock.now();
        self.known().insert(limits.group, Known { limits, read });
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Group, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
