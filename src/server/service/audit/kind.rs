//! What the audit log knows of. The words are stored: never change one.

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The word in the log.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    SignedIn = "signed_in",
    SignInFailed = "sign_in_failed",
    /// Somebody who is signed in did not know the password that should confirm a change.
    ConfirmFailed = "confirm_failed",
    SignedOut = "signed_out",
    SessionRevoked = "session_revoked",
    /// A refresh token was shown that had been replaced: somebody has a copy.
    RefreshReused = "refresh_reused",
    PasswordChanged = "password_changed",
    /// The letter to the address that somebody wants was asked for.
    EmailChangeAsked = "email_change_asked",
    EmailChanged = "email_changed",
    UsernameChanged = "username_changed",
    FactorEnrolled = "factor_enrolled",
    FactorDisabled = "factor_disabled",
    BackupCodesMade = "backup_codes_made",
    FactorFailed = "factor_failed",
    ResetAsked = "reset_asked",
    ResetDone = "reset_done",
    VerificationAsked = "verification_asked",
    EmailVerified = "email_verified",
    AccountCreated = "account_created",
    AccountDeleted = "account_deleted",
    AccountDisabled = "account_disabled",
    GroupChanged = "group_changed",
    /// Everybody's models are the admins' to keep.
    SharedModelMade = "shared_model_made",
    SharedModelChanged = "shared_model_changed",
    SharedModelDeleted = "shared_model_deleted",
    SetupDone = "setup_done",
    ApiKeyMade = "api_key_made",
    ApiKeyRevoked = "api_key_revoked",
    /// A key was shown that is unknown, expired or revoked.
    ApiKeyRefused = "api_key_refused",
    Exported = "exported",
    AdminRead = "admin_read",
    /// Somebody wanted what they have no right to.
    Denied = "denied",
    RateLimited = "rate_limited",
    EndpointBlocked = "endpoint_blocked",
    KeysRotated = "keys_rotated",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        let mut words: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Kind::ALL.len());
        for word in words {
            assert!(
                word.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
                "{word}"
            );
        }
    }
}
