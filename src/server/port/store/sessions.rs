//! Sessions: one for each device that somebody is signed in on, and one for each API key.

use std::net::IpAddr;

use async_trait::async_trait;
use parlance_core::domain::{DeviceKind, Preferences, SessionId, Timestamp, User, UserId};

use super::StoreError;

/// What a session was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    Browser,
    Api,
    /// An API key: no device, never idle, and not the person themselves.
    Key,
}

impl From<DeviceKind> for SessionKind {
    fn from(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::Browser => Self::Browser,
            DeviceKind::Api => Self::Api,
        }
    }
}

/// A session to be made. The token itself is never stored, only its SHA-256.
#[derive(Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub kind: SessionKind,
    pub token_hash: [u8; 32],
    /// As the client called itself, cut to 200 characters.
    pub user_agent: Option<String>,
    /// What the client is known again by when it comes back.
    pub agent: String,
    pub address: Option<IpAddr>,
    pub created_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// The first pair of an API client.
    pub tokens: Option<NewTokens>,
}

/// A pair of tokens to be made, as their SHA-256.
#[derive(Clone, Copy)]
pub struct NewTokens {
    pub access_hash: [u8; 32],
    pub access_expires_at: Timestamp,
    /// Lasts as long as its session.
    pub refresh_hash: [u8; 32],
}

/// A pass for one WebSocket: used up by the first who shows it. Only its SHA-256 is stored.
#[derive(Clone)]
pub struct NewTicket {
    pub token_hash: [u8; 32],
    pub session_id: SessionId,
    pub user_id: UserId,
    pub expires_at: Timestamp,
}

/// A session that takes the place of another, in the transaction that makes signing in mean something else. What belongs to
/// the device and not to the sign-in goes over to it: a browser that is told of replies goes on being told.
#[derive(Clone)]
pub struct Renewal {
    pub old: SessionId,
    pub new: NewSession,
}

/// Whose session a token is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session_id: SessionId,
    pub kind: SessionKind,
    pub user: User,
    /// What the person ever chose; `None` when nothing was.
    pub preferences: Option<Preferences>,
    pub last_seen_at: Timestamp,
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: SessionId,
    pub kind: DeviceKind,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// Sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Signs `user` in and notes the time of it, if the account is active and its password is still the one whose hash
    /// was checked. Whether they have come in with this `agent` before; `None`, and nobody is signed in, when a second
    /// factor is on.
    ///
    /// # Errors
    /// `NotFound`.
    async fn create_session(
        &self,
        user: UserId,
        password_hash: &str,
        session: NewSession,
    ) -> Result<Option<bool>, StoreError>;

    /// The session of this token (a cookie's or an API key's), if its account is active, it has not ended
    /// (`expires_at > now`) and was last seen after `idle_since`.
    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Notes that the session was used.
    async fn touch_session(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Devices of `user` that are signed in, the one last used first. API keys are none.
    async fn sessions(
        &self,
        user: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<SessionRow>, StoreError>;

    /// Whether a session of `user` has not been ended.
    async fn has_session(&self, user: UserId, session: SessionId) -> Result<bool, StoreError>;

    /// Ends a session in whose place the same browser has `new`, of the same person: what belongs to the browser goes over to
    /// it, as in a [`Renewal`]. Whether there was one.
    async fn replace_session(
        &self,
        user: UserId,
        old: SessionId,
        new: SessionId,
    ) -> Result<bool, StoreError>;

    /// Ends the session of `user`; whether there was one. An API key is none, see [`super::Tokens::delete_api_key`].
    async fn delete_session(&self, user: UserId, session: SessionId) -> Result<bool, StoreError>;

    /// Ends all sessions of `user` but `except`; which. API keys stay; see [`super::People::end_all`].
    async fn delete_sessions(
        &self,
        user: UserId,
        except: Option<SessionId>,
    ) -> Result<Vec<SessionId>, StoreError>;

    /// Keeps a ticket; expired ones of anybody are dropped on the way.
    async fn create_ticket(&self, ticket: NewTicket, now: Timestamp) -> Result<(), StoreError>;

    /// Uses a ticket up. `None` when there is none like it, it has expired, or its session has ended
    /// (as in [`Self::session`]).
    async fn take_ticket(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError>;

    /// Drops sessions that ended before `now`, at most `limit`; how many.
    async fn purge_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
