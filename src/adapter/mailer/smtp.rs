//! `port::mailer` over SMTP (RFC 5321), by `lettre`.
//!
//! Addresses and headers are its types, so that nothing in them can begin a line of its own.

use std::time::Duration;

use async_trait::async_trait;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls as Wrapping, TlsParameters},
    },
};
use parlance_server::port::mailer::{Mail, MailError, Mailer};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

/// For each answer of the server.
const PATIENCE: Duration = Duration::from_secs(30);
/// For a whole letter.
const LONGEST: Duration = Duration::from_secs(90);

/// How a connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte on (RFC 8314).
    Whole,
    /// By STARTTLS, or no letter is sent.
    Required,
    /// By STARTTLS where the server offers it.
    Opportunistic,
    None,
}

/// The server that takes letters, and whom they are from.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// User and password.
    pub login: Option<(String, SecretString)>,
    pub from_name: Option<String>,
    pub from_address: String,
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("PARLANCE_MAIL_FROM is no address that letters can be from")]
    From,
    #[error("no TLS for {0}: {1}")]
    Tls(String, String),
}

/// Hands letters to a mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(settings: &SmtpConfig) -> Result<Self, SetupError> {
        let address: Address = settings
            .from_address
            .parse()
            .map_err(|_| SetupError::From)?;
        let host = settings.host.trim_matches(['[', ']']);
        let tls = || {
            TlsParameters::new(host.to_owned())
                .map_err(|error| SetupError::Tls(host.to_owned(), error.to_string()))
        };
        let wrapping = match settings.tls {
            Tls::Whole => Wrapping::Wrapper(tls()?),
            Tls::Required => Wrapping::Required(tls()?),
            Tls::Opportunistic => Wrapping::Opportunistic(tls()?),
            Tls::None => Wrapping::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port)
            .tls(wrapping)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &settings.login {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            from: Mailbox::new(settings.from_name.clone(), address),
        })
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let refused = |what: &str| MailError::Refused(format!("{what} cannot be written"));
        let to: Address = mail.to.parse().map_err(|_| refused("the address"))?;
        let id = format!(
            "<{}@{}>",
            uuid::Uuid::new_v4().simple(),
            self.from.email.domain()
        );
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.replace(['\r', '\n'], " "))
            .message_id(Some(id))
            // Nobody's holiday notice shall answer (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .raw_header(header("Content-Language", mail.language))
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))
            .map_err(|_| refused("the letter"))
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[async_trait]
impl Mailer for Smtp {
    fn can_send(&self) -> bool {
        true
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match timeout(LONGEST, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(fault(&error)),
            Err(_) => Err(MailError::Later(
                "the mail server takes too long".to_owned(),
            )),
        }
    }
}

/// What an answer means. Its text is the mail server's and may repeat the address: only the code goes on.
fn fault(error: &lettre::transport::smtp::Error) -> MailError {
    let code = error.status().map(|code| code.to_string());
    if error.is_permanent() {
        return MailError::Refused(format!("status {}", code.unwrap_or_default()));
    }
    MailError::Later(match code {
        Some(code) => format!("status {code}"),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None if error.is_tls() => "no TLS connection".to_owned(),
        None => "the mail server cannot be reached, or speaks no SMTP".to_owned(),
    })
}
