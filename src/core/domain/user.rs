//! A person with an account.

use serde::{Deserialize, Serialize};

use super::{Group, Timestamp, UserId};

/// What a person may see of their own account. Never holds the password hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: String,
    /// Whether somebody has shown that mail to `email` reaches them.
    pub email_verified: bool,
    pub group: Group,
    pub avatar_url: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
