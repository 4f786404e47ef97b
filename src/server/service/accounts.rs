//! Accounts: registering, signing in and out, and whose request this is.

mod fields;
mod tickets;
mod token;

use std::sync::Arc;

use parlance_core::domain::{ProblemCode, SessionId, Timestamp, User, UserId};

pub use self::tickets::Ticket;
use self::{fields::Fields, token::Token};
use super::{
    Client, Error, Viewer,
    passwords::{Passwords, Verdict},
};
use crate::{
    config::{Config, LoginErrors, Registration},
    engine::Engine,
    port::{
        clock::Clock,
        store::{Credentials, NewSession, NewUser, Store},
    },
};

const DAY: i64 = 24 * 60 * 60;
/// A session ends after this long, used or not.
const SESSION_SECONDS: i64 = 90 * DAY;
/// A session ends when it was not used for this long.
pub(super) const IDLE_SECONDS: i64 = 30 * DAY;
/// How exactly the last use is known: a write for every request would cost more than it tells.
const TOUCH_SECONDS: i64 = 60;

/// What a person types to make an account.
#[derive(Clone)]
pub struct Register {
    pub username: String,
    pub email: String,
    pub password: String,
    /// Must equal `password` when the form asked for it twice.
    pub password_confirmation: Option<String>,
}

/// A person who has just come in.
#[derive(Clone)]
pub struct Entered {
    pub user: User,
    pub session_id: SessionId,
    /// Goes into the cookie; only its hash is kept.
    pub token: String,
    pub expires_at: Timestamp,
    pub max_age_seconds: i64,
}

/// The verbs of accounts.
#[derive(Clone)]
pub struct Accounts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    passwords: Passwords,
    config: Arc<Config>,
}

impl Accounts {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        engine: Engine,
        passwords: Passwords,
        config: Arc<Config>,
    ) -> Self {
        Self {
            store,
            clock,
            engine,
            passwords,
            config,
        }
    }

    /// Makes an account and signs it in.
    ///
    /// # Errors
    /// `Invalid` with every bad field, `Taken`, `Refused(RegistrationClosed)`.
    pub async fn register(&self, register: Register, client: &Client) -> Result<Entered, Error> {
        if self.config.registration == Registration::Closed {
            return Err(Error::Refused(ProblemCode::RegistrationClosed));
        }
        let fields = Fields::check(&register)?;
        let password_hash = self.passwords.hash(register.password).await?;
        let (token, session) = self.new_session(client)?;
        let user = NewUser {
            id: UserId(self.clock.new_id()),
            username_key: fields.username.to_lowercase(),
            username: fields.username,
            email_key: fields.email.to_lowercase(),
            email: fields.email,
            password_hash,
            created_at: session.created_at,
        };
        let user = self.store.create_user(user, session.clone()).await?;
        tracing::info!(user_id = %user.id, "account created");
        Ok(entered(user, token, &session))
    }

    /// Signs in.
    ///
    /// # Errors
    /// `Invalid` for empty fields; `Refused(InvalidCredentials)`, or with `PARLANCE_LOGIN_ERRORS=explicit`
    /// `Refused(UnknownEmail | WrongPassword)`.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        client: &Client,
    ) -> Result<Entered, Error> {
        let email_key = fields::sign_in(email, password)?.to_lowercase();
        let credentials = match self.store.credentials(&email_key).await? {
            Some(credentials) if credentials.is_active => credentials,
            _ => {
                self.passwords.check_nobody(password.to_owned()).await?;
                return Err(self.refusal(ProblemCode::UnknownEmail));
            }
        };
        let Credentials {
            user,
            password_hash,
            ..
        } = credentials;
        match self
            .passwords
            .check(password.to_owned(), password_hash)
            .await?
        {
            Verdict::Wrong => return Err(self.refusal(ProblemCode::WrongPassword)),
            Verdict::Right => {}
            Verdict::RightButWeak => {
                let hash = self.passwords.hash(password.to_owned()).await?;
                self.store
                    .set_password_hash(user.id, &hash, self.clock.now())
                    .await?;
            }
        }
        let (token, session) = self.new_session(client)?;
        self.store.create_session(user.id, session.clone()).await?;
        tracing::info!(user_id = %user.id, "signed in");
        Ok(entered(user, token, &session))
    }

    /// Ends the session, on the server too, and closes its live streams.
    ///
    /// # Errors
    /// Storage only.
    pub async fn sign_out(&self, viewer: &Viewer) -> Result<(), Error> {
        self.store
            .delete_session(viewer.user.id, viewer.session_id)
            .await?;
        self.engine.revoke(viewer.session_id);
        tracing::info!(user_id = %viewer.user.id, "signed out");
        Ok(())
    }

    /// Whose session this token is; `None` for rubbish, ended sessions and disabled accounts.
    ///
    /// # Errors
    /// Storage only.
    pub async fn viewer(&self, token: &str) -> Result<Option<Viewer>, Error> {
        let Some(hash) = Token::hash_of(token) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let Some(signed_in) = self
            .store
            .session(&hash, now, now.plus_seconds(-IDLE_SECONDS))
            .await?
        else {
            return Ok(None);
        };
        if signed_in.last_seen_at < now.plus_seconds(-TOUCH_SECONDS) {
            self.note_use(signed_in.session_id, now);
        }
        Ok(Some(Viewer {
            user: signed_in.user,
            session_id: signed_in.session_id,
            preferences: signed_in.preferences,
        }))
    }

    /// Beside the request, which nobody shall wait longer for; and a disk that is full must not keep people from reading.
    fn note_use(&self, session: SessionId, now: Timestamp) {
        let store = self.store.clone();
        tokio::spawn(async move {
            if let Err(error) = store.touch_session(session, now).await {
                tracing::warn!(%error, "the use of a session is not noted");
            }
        });
    }

    fn new_session(&self, client: &Client) -> Result<(Token, NewSession), Error> {
        let token = Token::mint()?;
        let created_at = self.clock.now();
        let session = NewSession {
            id: SessionId(self.clock.new_id()),
            token_hash: token.hash(),
            user_agent: client
                .user_agent
                .as_ref()
                .map(|text| text.chars().take(200).collect()),
            created_at,
            expires_at: created_at.plus_seconds(SESSION_SECONDS),
        };
        Ok((token, session))
    }

    fn refusal(&self, exact: ProblemCode) -> Error {
        Error::Refused(match self.config.login_errors {
            LoginErrors::Uniform => ProblemCode::InvalidCredentials,
            LoginErrors::Explicit => exact,
        })
    }
}

fn entered(user: User, token: Token, session: &NewSession) -> Entered {
    Entered {
        user,
        session_id: session.id,
        token: token.into_text(),
        expires_at: session.expires_at,
        max_age_seconds: SESSION_SECONDS,
    }
}
