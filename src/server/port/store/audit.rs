//! The audit log: rows that are only ever added, each tied to the one before by its hash.

use async_trait::async_trait;
use parlance_core::domain::{Timestamp, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::StoreError;

/// What the first row is tied to.
pub const NO_HASH: [u8; 32] = [0; 32];

/// Something that happened, before it has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAuditEvent {
    pub at: Timestamp,
    /// A word of `service::audit::Kind`.
    pub kind: String,
    /// Who did it; `None` for strangers.
    pub actor: Option<UserId>,
    /// From which IP address.
    pub address: Option<String>,
    pub user_agent: Option<String>,
    /// What it was done to.
    pub subject: Option<Uuid>,
    /// A JSON object of texts, exactly as it was hashed.
    pub notes: String,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Place in the chain, from 1.
    pub no: u64,
    pub event: NewAuditEvent,
    pub previous_hash: [u8; 32],
    pub hash: [u8; 32],
}

impl AuditEvent {
    /// Puts an event behind the row that has `previous_hash`.
    #[must_use]
    pub fn chained(no: u64, event: NewAuditEvent, previous_hash: [u8; 32]) -> Self {
        let hash = digest(no, &event, &previous_hash);
        Self {
            no,
            event,
            previous_hash,
            hash,
        }
    }

    /// Whether the row says what it said when it was written.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        digest(self.no, &self.event, &self.previous_hash) == self.hash
    }
}

/// SHA-256 over the previous hash and all fields. Each field has its length in front, absent ones another mark than empty
/// ones: no two rows are written the same way.
fn digest(no: u64, event: &NewAuditEvent, previous: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut field = |bytes: Option<&[u8]>| match bytes {
        None => hash.update([0]),
        Some(bytes) => {
            hash.update([1]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    };
    field(Some(b"parlance audit 1"));
    field(Some(previous));
    field(Some(&no.to_be_bytes()));
    field(Some(&event.at.0.to_be_bytes()));
    field(Some(event.kind.as_bytes()));
    field(event.actor.as_ref().map(|actor| &actor.0.as_bytes()[..]));
    field(event.address.as_deref().map(str::as_bytes));
    field(event.user_agent.as_deref().map(str::as_bytes));
    field(
        event
            .subject
            .as_ref()
            .map(|subject| &subject.as_bytes()[..]),
    );
    field(Some(event.notes.as_bytes()));
    hash.finalize().into()
}

/// The audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Adds these, in their order, behind everything that any process has added; answers the rows.
    async fn append_audit(&self, events: Vec<NewAuditEvent>)
    -> Result<Vec<AuditEvent>, StoreError>;

    /// At most `limit` rows after number `after`, the oldest first.
    async fn audit_after(&self, after: u64, limit: u32) -> Result<Vec<AuditEvent>, StoreError>;

    /// At most `limit` rows before number `before` (`None`: from the end), the newest first.
    async fn audit_before(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> NewAuditEvent {
        NewAuditEvent {
            at: Timestamp(1_763_664_000_123_456),
            kind: "signed_in".to_owned(),
            actor: Some(UserId(Uuid::from_u128(7))),
            address: Some("127.0.0.1".to_owned()),
            user_agent: None,
            subject: None,
            notes: "{}".to_owned(),
        }
    }

    #[test]
    fn every_field_counts() {
        let row = AuditEvent::chained(1, event(), NO_HASH);
        assert!(row.is_intact());
        let changes: [fn(&mut AuditEvent); 9] = [
            |row| row.no = 2,
            |row| row.event.at.0 += 1,
            |row| row.event.kind.push('x'),
            |row| row.event.actor = None,
            |row| row.event.address = Some("127.0.0.2".to_owned()),
            |row| row.event.user_agent = Some(String::new()),
            |row| row.event.subject = Some(Uuid::nil()),
            |row| row.event.notes = "{ }".to_owned(),
            |row| row.previous_hash[31] = 1,
        ];
        for change in changes {
            let mut changed = row.clone();
            change(&mut changed);
            assert!(!changed.is_intact(), "{changed:?}");
        }
    }

    #[test]
    fn a_text_cannot_wander_into_the_field_beside_it() {
        let here = NewAuditEvent {
            address: Some("a".to_owned()),
            ..event()
        };
        let there = NewAuditEvent {
            address: None,
            user_agent: Some("a".to_owned()),
            ..event()
        };
        let hash = |event| AuditEvent::chained(1, event, NO_HASH).hash;
        assert_ne!(hash(here), hash(there));
    }
}
