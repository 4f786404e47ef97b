//! Whose session this is: the one question that cookies, tokens, keys and tickets ask.

use parlance_core::domain::{Preferences, SessionId, Timestamp};
use parlance_server::port::store::{SessionKind, SignedIn};
use sqlx::FromRow;
use uuid::Uuid;

use super::enter::device_kind;
use crate::store::{moment::Moment, pool::on_both, row::Person};

/// Asks for a [`Guest`], whose account is active: of the sessions `s` and their people `u`. Then come further joins, and the
/// conditions.
macro_rules! guest {
    ($($rest:literal),+ $(,)?) => {
        concat!(
            "select ",
            $crate::store::row::person_columns!(),
            ", s.id as session_id, s.kind, s.last_seen_at, \
             (select p.content from preferences p where p.user_id = u.id) as preferences \
             from sessions s join users u on u.id = s.user_id and u.is_active ",
            $($rest),+
        )
    };
}

pub(super) use guest;

/// A session with its person.
#[derive(FromRow)]
pub(in crate::store) struct Guest {
    #[sqlx(flatten)]
    person: Person,
    session_id: Uuid,
    kind: String,
    last_seen_at: Moment,
    /// A JSON object.
    preferences: Option<String>,
}

impl From<Guest> for SignedIn {
    fn from(row: Guest) -> Self {
        Self {
            session_id: SessionId(row.session_id),
            kind: match row.kind.as_str() {
                "key" => SessionKind::Key,
                device => device_kind(device).into(),
            },
            user: row.person.into(),
            preferences: row.preferences.as_deref().map(Preferences::read),
            last_seen_at: row.last_seen_at.0,
        }
    }
}

/// Who comes with a token: the first question of every request.
pub(in crate::store) trait Visits {
    async fn guest(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Guest>, sqlx::Error>;
}

on_both! { impl Visits {
    async fn guest(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Guest>, sqlx::Error> {
        sqlx::query_as(guest!(
            "where s.token_hash = $1 and s.expires_at > $2 and (s.last_seen_at > $3 or s.kind = 'key')"
        ))
        .bind(&token_hash[..])
        .bind(Moment(now))
        .bind(Moment(idle_since))
        .fetch_optional(&mut *self)
        .await
    }
} }
