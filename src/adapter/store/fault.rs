//! The databases' errors in the port's words: the only place that knows constraint names and codes.

use parlance_server::port::store::{Constraint, StoreError};
use sqlx::{Error, error::DatabaseError, postgres::PgDatabaseError};

/// Name on PostgreSQL, columns as SQLite reports them, meaning.
const CONSTRAINTS: [(&str, &str, Constraint); 7] = [
    (
        "users_username_unique",
        "users.username_key",
        Constraint::UsernameTaken,
    ),
    (
        "users_email_unique",
        "users.email_key",
        Constraint::EmailTaken,
    ),
    (
        "conversations_pk",
        "conversations.id",
        Constraint::ConversationId,
    ),
    (
        "messages_client_unique",
        "messages.user_id, messages.client_message_id",
        Constraint::ClientMessageId,
    ),
    (
        "waiting_turns_client_unique",
        "waiting_turns.user_id, waiting_turns.client_message_id",
        Constraint::ClientMessageId,
    ),
    (
        "personas_slug_unique",
        "personas.created_by, personas.slug",
        Constraint::PersonaSlug,
    ),
    (
        "personas_built_in_unique",
        "personas.slug",
        Constraint::PersonaSlug,
    ),
];

/// What a database error means to the caller.
pub(super) fn fault(error: Error) -> StoreError {
    match &error {
        Error::Database(refusal) => match constraint(refusal.as_ref()) {
            Some(constraint) => StoreError::Conflict(constraint),
            None if passes(refusal.as_ref()) => StoreError::Unavailable(error.to_string()),
            None => StoreError::Broken(error.to_string()),
        },
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Broken(error.to_string()),
    }
}

fn constraint(refusal: &dyn DatabaseError) -> Option<Constraint> {
    if !refusal.is_unique_violation() {
        return None;
    }
    let columns = refusal.message().strip_prefix("UNIQUE constraint failed: ");
    CONSTRAINTS
        .iter()
        .find(|(name, on_sqlite, _)| {
            refusal.constraint() == Some(name) || columns == Some(on_sqlite)
        })
        .map(|(_, _, meaning)| *meaning)
}

/// Whether the same call may succeed later: the database is away, busy or full.
fn passes(refusal: &dyn DatabaseError) -> bool {
    let Some(code) = refusal.code() else {
        return false;
    };
    if refusal.try_downcast_ref::<PgDatabaseError>().is_some() {
        // Classes of SQLSTATE: connection, resources, operator, system; then single codes: serialisation
        // failure, deadlock, lock not available, a server that only reads (after a failover).
        return ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class))
            || ["40001", "40P01", "55P03", "25006"].contains(&code.as_ref());
    }
    // Primary result codes: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN.
    code.parse::<i32>()
        .is_ok_and(|code| [5, 6, 7, 8, 10, 13, 14].contains(&(code & 0xff)))
}

/// A row that says what the schema does not allow.
pub(super) fn corrupt(what: &str) -> StoreError {
    StoreError::Broken(format!("unexpected {what} in the database"))
}
