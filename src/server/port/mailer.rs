//! Sending letters (RFC 5321). What they say is a service's matter.

use async_trait::async_trait;

/// A letter, ready to be sent. Debug shows neither whom it is for nor what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// One address, without a name.
    pub to: String,
    pub subject: String,
    /// BCP 47 tag of what it is written in.
    pub language: &'static str,
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// What it wants to be clicked, if anything: for those who cannot send mail.
    pub link: Option<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why a letter was not taken. Neither holds a password or an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It will not be taken: do not send it again.
    #[error("refused: {0}")]
    Refused(String),
    /// It may be taken later.
    #[error("not now: {0}")]
    Later(String),
}

/// A way to people's letter boxes.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Whether letters really leave.
    fn can_send(&self) -> bool;

    /// Hands a letter over.
    ///
    /// # Errors
    /// See [`MailError`].
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
