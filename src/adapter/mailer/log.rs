//! Letters for those who have no mail server: a line in the log. The link, which opens doors, only where nobody but the
//! person at this machine comes to the log's server.

use async_trait::async_trait;
use parlance_server::port::mailer::{Mail, MailError, Mailer};

/// Writes letters into the log.
pub struct LogMailer {
    is_development: bool,
}

impl LogMailer {
    /// `is_development`: this server is reached from its own machine alone.
    #[must_use]
    pub fn new(is_development: bool) -> Self {
        Self { is_development }
    }
}

#[async_trait]
impl Mailer for LogMailer {
    fn can_send(&self) -> bool {
        false
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match (&mail.link, self.is_development) {
            (Some(link), true) => tracing::info!(
                subject = mail.subject,
                link,
                "no mail server is set (PARLANCE_SMTP_URL): the letter's link stands here"
            ),
            _ => tracing::warn!(
                subject = mail.subject,
                "no mail server is set (PARLANCE_SMTP_URL): this letter is not sent"
            ),
        }
        Ok(())
    }
}
