//! A new master key: noted first, so that everything from then on is sealed with it; then what the old ones sealed is
//! wrapped anew, a few rows at a time, while servers run.

use uuid::Uuid;

use super::{Ring, Sealed, VaultError};
use crate::{
    port::{
        clock::Clock,
        keys::{Fingerprint, Keys},
        store::{NewAuditEvent, SealedTable, Store},
    },
    service::audit::{Entry, Kind},
};
use std::sync::Arc;

/// Rows that are read together.
const BATCH: u32 = 100;
/// Walks through all rows: a server that asked for the key just before the change may seal with the old one just after.
const WALKS: usize = 3;

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    pub version: u64,
    pub fingerprint: Fingerprint,
    /// Values that were wrapped anew.
    pub moved: u64,
    /// Values that still need an older key.
    pub left: u64,
}

/// Goes over to the next master key.
///
/// # Errors
/// No next key, storage, or a value whose key is not at hand; what was done stays done, and all keys stay good.
pub async fn rotate(
    store: Arc<dyn Store>,
    clock: &dyn Clock,
    keys: Arc<dyn Keys>,
) -> Result<Rotated, VaultError> {
    if let Some(current) = store.key_version().await? {
        let held = keys.held()?;
        if held
            .iter()
            .all(|key| key.fingerprint != current.fingerprint)
        {
            return Err(VaultError::Missing {
                missing: current.fingerprint,
                place: keys.place(),
            });
        }
    }
    // Held before it is noted: a server that meets its name finds it.
    let next = keys.next()?;
    let version = store.add_key(next.fingerprint, clock.now()).await?;
    let ring = Ring {
        keys,
        known: std::sync::RwLock::default(),
    };
    let mut moved = 0;
    for _ in 0..WALKS {
        let walked = walk(store.as_ref(), &ring, next.fingerprint).await?;
        moved += walked;
        if walked == 0 {
            break;
        }
    }
    let rotated = Rotated {
        version: version.version,
        fingerprint: next.fingerprint,
        moved,
        left: count(store.as_ref(), next.fingerprint).await?,
    };
    store.append_audit(vec![event(&rotated, clock)]).await?;
    Ok(rotated)
}

async fn walk(store: &dyn Store, ring: &Ring, next: Fingerprint) -> Result<u64, VaultError> {
    let damaged = |error: &dyn std::fmt::Display| VaultError::Damaged(error.to_string());
    let new = ring.key(next).map_err(|error| damaged(&error))?;
    let mut moved = 0;
    for table in SealedTable::ALL {
        let mut after = Uuid::nil();
        loop {
            let rows = store.sealed_by_others(table, next, after, BATCH).await?;
            let Some(last) = rows.last().map(|row| row.id) else {
                break;
            };
            for row in rows {
                let sealed = Sealed(row.sealed.clone());
                let old = sealed.key().map_err(|error| damaged(&error))?;
                let old = ring.key(old).map_err(|error| damaged(&error))?;
                let wrapped = sealed
                    .rewrap(&old, next, &new)
                    .map_err(|error| damaged(&error))?;
                // Otherwise somebody changed or deleted it meanwhile; the next walk sees what became of it.
                if store.replace_sealed(table, &row, &wrapped.0).await? {
                    moved += 1;
                }
            }
            after = last;
        }
    }
    Ok(moved)
}

async fn count(store: &dyn Store, next: Fingerprint) -> Result<u64, VaultError> {
    let mut left = 0;
    for table in SealedTable::ALL {
        let mut after = Uuid::nil();
        loop {
            let rows = store.sealed_by_others(table, next, after, BATCH).await?;
            let Some(last) = rows.last().map(|row| row.id) else {
                break;
            };
            left += rows.len() as u64;
            after = last;
        }
    }
    Ok(left)
}

fn event(rotated: &Rotated, clock: &dyn Clock) -> NewAuditEvent {
    Entry::new(Kind::KeysRotated)
        .note("version", rotated.version)
        .note("fingerprint", rotated.fingerprint)
        .note("moved", rotated.moved)
        .note("left", rotated.left)
        .into_event(clock.now())
}
