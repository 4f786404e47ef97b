//! The database, as use-cases: each method is one transaction, and each that reads or changes what a
//! person owns names that person.

mod accounts;
mod addresses;
mod audit;
mod belongings;
mod contexts;
mod conversations;
mod drafts;
mod factors;
mod history;
mod instances;
mod links;
mod models;
mod people;
mod personas;
mod preferences;
mod push;
mod reading;
mod registrations;
mod sessions;
mod tokens;
mod turns;
mod vault;

use async_trait::async_trait;

pub use accounts::{Accounts, Credentials, NewUser, Recipes};
pub use addresses::{Addresses, Moved, Wanted};
pub use audit::{AuditEvent, AuditLog, NO_HASH, NewAuditEvent};
pub use belongings::{Belonging, Belongings};
pub use contexts::{Contexts, Retold, Told};
pub use conversations::{
    Change, Changes, Conversations, Gone, LATEST_REV, Listed, ModelsOf, NewConversation, Opened,
    PageKey, Place, Renamed, TitleBy,
};
pub use drafts::Drafts;
pub use factors::{Factor, FactorRows};
pub use history::{History, Past};
pub use instances::Instances;
pub use links::{Challenges, LinkPurpose, Links, NewChallenge, NewLink, Reset, Setup};
pub use models::{ModelConfigs, ModelRow};
pub use people::{People, PersonRow};
pub use personas::{Keeper, Personas};
pub use preferences::Preferences;
pub use push::PushSubscriptions;
pub use reading::{Reading, Surroundings, Words};
pub use registrations::{Kept, NewRegistration, Registrations, Waiting};
pub use sessions::{
    NewSession, NewTicket, NewTokens, Renewal, SessionKind, SessionRow, Sessions, SignedIn,
};
pub use tokens::{NewApiKey, Rotation, Tokens};
pub use turns::{
    Allowance, Ask, Begin, BeginBeside, Begun, Finish, Finished, GenerationRow, Owner, Parent,
    PathEnd, Reply, Summary, Turns,
};
pub use vault::{KeyVersion, SealedRow, SealedTable, Vaults};

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing for this person.
    #[error("not found")]
    NotFound,
    /// A named constraint refused it.
    #[error("conflict with {0}")]
    Conflict(Constraint),
    /// A reply is still being written in this conversation.
    #[error("generation {0} is active")]
    GenerationActive(parlance_core::domain::GenerationId),
    /// The person has had all the tokens that their group may have; some are free again after this long.
    #[error("no tokens left for {0:?}")]
    Spent(std::time::Duration),
    /// The database cannot be reached or is out of resources; the same call may succeed later.
    #[error("storage unavailable: {0}")]
    Unavailable(String),
    /// Anything else: a fault of ours.
    #[error("storage: {0}")]
    Broken(String),
}

/// Constraints whose violation is somebody's honest mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    UsernameTaken,
    EmailTaken,
    /// A conversation with this id exists and belongs to somebody else.
    ConversationId,
    /// The client's message id was used in another conversation.
    ClientMessageId,
    /// Too many turns wait in the conversation.
    Waiting,
    /// One person has too many API keys.
    ApiKeys,
    /// The keeper has another persona of this slug.
    PersonaSlug,
    /// The keeper has too many personas.
    Personas,
    /// The person has too many named contexts.
    Contexts,
    /// The keeper has too many model configurations.
    ModelConfigs,
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

/// The whole database.
#[async_trait]
pub trait Store:
    Accounts
    + Sessions
    + Tokens
    + Links
    + Addresses
    + Challenges
    + Setup
    + Registrations
    + People
    + AuditLog
    + FactorRows
    + Vaults
    + PushSubscriptions
    + Conversations
    + Turns
    + Personas
    + Contexts
    + ModelConfigs
    + Preferences
    + Drafts
    + Instances
    + History
    + Reading
    + Belongings
{
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
