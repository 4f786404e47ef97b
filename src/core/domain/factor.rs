//! The second factor, as its owner sees it.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Whether signing in needs a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FactorState {
    pub on: bool,
    /// Backup codes that were not used yet.
    pub backup_left: u32,
    pub enrolled_at: Option<Timestamp>,
}

/// What an authenticator app must be told, shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// For typing, base 32 (RFC 4648).
    pub secret: String,
    /// The same as `otpauth://…`.
    pub uri: String,
    /// The same as a QR code: a `data:` address of an SVG, for `<img>`.
    pub qr: String,
}

impl std::fmt::Debug for Enrolment {
    /// All of it opens the door.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}
