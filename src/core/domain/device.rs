//! Where a person is signed in.

use serde::{Deserialize, Serialize};

use super::{SessionId, Timestamp};

/// What holds a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeviceKind {
    /// A cookie.
    #[default]
    Browser,
    /// A pair of tokens.
    Api,
}

/// One signed-in browser or API client, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    pub id: SessionId,
    pub kind: DeviceKind,
    /// As the client called itself, at most 200 characters.
    pub user_agent: Option<String>,
    /// IP address that it signed in from.
    pub address: Option<String>,
    pub created_at: Timestamp,
    /// To the minute.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_current: bool,
}
