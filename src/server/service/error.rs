//! What a service refuses, in product words.

use std::{collections::BTreeMap, time::Duration};

use parlance_core::domain::{FieldCode, FieldProblem, GenerationId, Problem, ProblemCode};

use crate::port::store::{Constraint, StoreError};

/// When a store that cannot be reached may be back.
const STORAGE_RETRY: Duration = Duration::from_secs(2);

/// Why a service did not do it. "Not yours" is `NotFound`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("sign in first")]
    Unauthenticated,
    #[error("not found")]
    NotFound,
    #[error("some fields need a change")]
    Invalid(BTreeMap<String, FieldProblem>),
    /// An account field that somebody else has.
    #[error("taken: {0}")]
    Taken(&'static str),
    #[error("generation {0} is active")]
    GenerationActive(GenerationId),
    /// The password that shall confirm this is not the account's.
    #[error("not confirmed by the password")]
    Unconfirmed,
    /// A refusal that its code says all about.
    #[error("{0:?}")]
    Refused(ProblemCode),
    /// Not now; the same may succeed after this long.
    #[error("{0:?} for {1:?}")]
    Later(ProblemCode, Duration),
    #[error("storage unavailable: {0}")]
    Unavailable(String),
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// One bad field.
    #[must_use]
    pub fn field(name: &str, code: FieldCode) -> Self {
        Self::Invalid(BTreeMap::from([(name.to_owned(), code.into())]))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Conflict(Constraint::UsernameTaken) => Self::Taken("username"),
            StoreError::Conflict(Constraint::EmailTaken) => Self::Taken("email"),
            // Somebody else's conversation must look like none at all.
            StoreError::Conflict(Constraint::ConversationId) => Self::NotFound,
            StoreError::Conflict(Constraint::PersonaSlug) => Self::Taken("slug"),
            StoreError::Conflict(
                Constraint::ClientMessageId
                | Constraint::ApiKeys
                | Constraint::Personas
                | Constraint::Contexts,
            ) => Self::Refused(ProblemCode::Conflict),
            StoreError::Conflict(Constraint::ModelConfigs) => {
                Self::Refused(ProblemCode::ModelLimit)
            }
            StoreError::Conflict(Constraint::Waiting) => {
                Self::Later(ProblemCode::QueueFull, Duration::from_secs(5))
            }
            StoreError::GenerationActive(id) => Self::GenerationActive(id),
            StoreError::Spent(wait) => Self::Later(ProblemCode::TokenLimit, wait),
            StoreError::Unavailable(detail) => Self::Unavailable(detail),
            StoreError::Broken(detail) => Self::Internal(detail),
        }
    }
}

impl From<Error> for Problem {
    /// The detail of our own faults goes to the log, here and only here, and never to the reader.
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => Self::new(ProblemCode::Unauthenticated),
            Error::NotFound => Self::new(ProblemCode::NotFound),
            Error::Invalid(fields) => {
                // A text that is too large is its own code, still with the field beside it.
                let too_large = fields
                    .values()
                    .any(|field| field.code == FieldCode::TooLarge);
                let mut problem = Self::new(ProblemCode::Validation);
                if too_large {
                    problem.code = ProblemCode::TooLarge;
                    problem.title = ProblemCode::TooLarge.title().to_owned();
                }
                Self { fields, ..problem }
            }
            Error::Taken(field) => Self::new(ProblemCode::Conflict).field(field, FieldCode::Taken),
            Error::GenerationActive(id) => Self {
                generation_id: Some(id),
                ..Self::new(ProblemCode::GenerationActive)
            },
            // Whoever asks is signed in: 401 would tell clients to sign in anew.
            Error::Unconfirmed => Self {
                status: ProblemCode::Forbidden.status(),
                ..Self::new(ProblemCode::WrongPassword)
            },
            Error::Refused(code) => Self::new(code),
            Error::Later(code, wait) => Self::new(code).retry_after(wait),
            Error::Unavailable(detail) => {
                tracing::error!(error = %detail, "storage unavailable");
                Self::new(ProblemCode::StorageUnavailable).retry_after(STORAGE_RETRY)
            }
            Error::Internal(detail) => {
                tracing::error!(error = %detail, "internal error");
                Self::new(ProblemCode::Internal)
            }
        }
    }
}
