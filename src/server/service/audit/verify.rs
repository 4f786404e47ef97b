//! Walking the chain from its beginning: what was changed, taken out or put in shows.
//!
//! Whoever may write to the database could compute all hashes anew; that shows only to those who noted a head elsewhere.

use crate::port::store::{AuditLog, NO_HASH, StoreError};

/// Rows that are looked at together.
const PAGE: u32 = 1_000;

/// A chain that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub count: u64,
    /// Hash of the newest row; zeros where there is none.
    pub head: [u8; 32],
}

/// What is wrong with the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This row does not say what it said when it was written.
    Changed { no: u64 },
    /// This row is not tied to the one before it.
    Untied { no: u64 },
    /// There is no row of this number, but later ones.
    Missing { no: u64 },
    /// The head that was noted is nowhere: rows are missing at the end, or all was written anew.
    Cut { count: u64 },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed { no } => write!(f, "row {no} was changed"),
            Self::Untied { no } => write!(f, "row {no} does not follow from the row before it"),
            Self::Missing { no } => write!(f, "row {no} is missing"),
            Self::Cut { count } => write!(
                f,
                "none of the {count} rows has the noted head: rows are missing at the end, or all were written anew"
            ),
        }
    }
}

/// Walks the whole log. `noted`: a head that an earlier walk told; it must be one of the rows.
///
/// # Errors
/// Storage only; what is wrong with the chain is the inner error.
pub async fn verify(
    log: &(impl AuditLog + ?Sized),
    noted: Option<[u8; 32]>,
) -> Result<Result<Verified, Fault>, StoreError> {
    let (mut count, mut head) = (0, NO_HASH);
    let mut met = noted.is_none_or(|noted| noted == NO_HASH);
    loop {
        let rows = log.audit_after(count, PAGE).await?;
        if rows.is_empty() {
            return Ok(if met {
                Ok(Verified { count, head })
            } else {
                Err(Fault::Cut { count })
            });
        }
        for row in rows {
            if row.no != count + 1 {
                return Ok(Err(Fault::Missing { no: count + 1 }));
            }
            if !row.is_intact() {
                return Ok(Err(Fault::Changed { no: row.no }));
            }
            if row.previous_hash != head {
                return Ok(Err(Fault::Untied { no: row.no }));
            }
            (count, head) = (row.no, row.hash);
            met |= noted == Some(head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        port::store::{AuditEvent, NewAuditEvent},
        service::audit::{Entry, Kind},
    };
    use async_trait::async_trait;
    use parlance_core::domain::Timestamp;

    struct Rows(Vec<AuditEvent>);

    #[async_trait]
    impl AuditLog for Rows {
        async fn append_audit(&self, _: Vec<NewAuditEvent>) -> Result<Vec<AuditEvent>, StoreError> {
            Ok(Vec::new())
        }

        async fn audit_after(&self, after: u64, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
            let later = self.0.iter().filter(|row| row.no > after);
            Ok(later.take(limit as usize).cloned().collect())
        }

        async fn audit_before(
            &self,
            _: Option<u64>,
            _: u32,
        ) -> Result<Vec<AuditEvent>, StoreError> {
            Ok(Vec::new())
        }
    }

    fn chain(length: u64) -> Vec<AuditEvent> {
        let mut rows: Vec<AuditEvent> = Vec::new();
        for no in 1..=length {
            let event = Entry::new(Kind::SignedIn).note("no", no);
            let event = event.into_event(Timestamp(no as i64));
            let previous = rows.last().map_or(NO_HASH, |row| row.hash);
            rows.push(AuditEvent::chained(no, event, previous));
        }
        rows
    }

    async fn walk(rows: Vec<AuditEvent>, noted: Option<[u8; 32]>) -> Result<Verified, Fault> {
        verify(&Rows(rows), noted).await.unwrap()
    }

    #[tokio::test]
    async fn a_whole_chain_holds_and_tells_its_head() {
        assert_eq!(walk(Vec::new(), None).await.unwrap().count, 0);
        let rows = chain(2_345);
        let head = rows.last().unwrap().hash;
        let verified = walk(rows, None).await.unwrap();
        assert_eq!(verified, Verified { count: 2_345, head });
    }

    #[tokio::test]
    async fn what_was_changed_taken_out_or_put_in_is_named() {
        let mut changed = chain(9);
        changed[4].event.kind = "signed_out".to_owned();
        assert_eq!(walk(changed, None).await, Err(Fault::Changed { no: 5 }));

        let mut without = chain(9);
        without.remove(4);
        assert_eq!(walk(without, None).await, Err(Fault::Missing { no: 5 }));

        let mut beheaded = chain(9);
        beheaded.remove(0);
        assert_eq!(walk(beheaded, None).await, Err(Fault::Missing { no: 1 }));

        // A row written anew with a right hash: the next one gives it away.
        let mut rewritten = chain(9);
        let event = Entry::new(Kind::SignedOut).into_event(Timestamp(5));
        rewritten[4] = AuditEvent::chained(5, event, rewritten[3].hash);
        assert_eq!(walk(rewritten, None).await, Err(Fault::Untied { no: 6 }));
    }

    #[tokio::test]
    async fn a_cut_tail_shows_to_those_who_noted_the_head() {
        let rows = chain(9);
        let noted = rows[6].hash;
        assert!(walk(rows.clone(), Some(noted)).await.is_ok());
        let cut = rows[..6].to_vec();
        assert!(
            walk(cut.clone(), None).await.is_ok(),
            "by itself it is whole"
        );
        assert_eq!(walk(cut, Some(noted)).await, Err(Fault::Cut { count: 6 }));
    }
}
