//! On whose behalf something is done.

use std::net::IpAddr;

use parlance_core::domain::{Preferences, SessionId, User};

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub user: User,
    pub session_id: SessionId,
    /// How this person wants the pages; `None` when they never chose anything.
    pub preferences: Option<Preferences>,
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    pub user_agent: Option<String>,
    pub address: Option<IpAddr>,
}
