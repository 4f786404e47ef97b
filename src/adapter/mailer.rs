//! `port::mailer`: by SMTP, or into the log.

mod log;
mod smtp;

pub use log::LogMailer;
pub use smtp::{SetupError, Smtp, SmtpConfig, Tls};
