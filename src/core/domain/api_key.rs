//! Keys with which programs act for a person.

use serde::{Deserialize, Serialize};

use super::{ApiKeyId, Timestamp};

/// An API key without its secret, which is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// The end of the secret, to tell keys apart.
    pub last4: String,
    pub created_at: Timestamp,
    /// To the minute; `None`: never.
    pub last_used_at: Option<Timestamp>,
    /// `None`: good until it is revoked.
    pub expires_at: Option<Timestamp>,
}
