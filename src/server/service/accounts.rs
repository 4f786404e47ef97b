//! Accounts: registering, signing in and out, and whose request this is. What a person does with their account
//! afterwards has files of its own.

mod addresses;
mod changes;
mod confirm;
mod devices;
mod entering;
mod export;
mod factor;
mod fields;
mod keys;
mod links;
mod refresh;
mod registration;
mod setup;
mod tickets;
mod token;

use std::sync::Arc;

use parlance_core::domain::{Group, ProblemCode, SessionId, Timestamp, User};

pub use self::{
    addresses::{ChangeEmail, EmailChange},
    changes::ChangePassword,
    confirm::Confirm,
    entering::{Entered, Step, Tokens},
    export::{BrokenOff, Export, Exports},
    refresh::Refreshed,
    registration::Registered,
    tickets::Ticket,
};
use self::{
    entering::Fresh,
    fields::Fields,
    token::{Purpose, Token},
};
use super::{
    Client, Error, Viewer,
    audit::{Audit, Entry, Kind},
    factors::Factors,
    letters::Letters,
    passwords::{Decoys, Passwords, Verdict},
    throttle::Throttle,
};
use crate::{
    config::{Config, LoginErrors},
    engine::Engine,
    port::{
        clock::Clock,
        store::{Credentials, NewUser, SignedIn, Store, StoreError},
    },
};

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

/// The verbs of accounts, and what they work with.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) engine: Engine,
    pub(crate) passwords: Passwords,
    pub(crate) decoys: Decoys,
    pub(crate) config: Arc<Config>,
    pub(crate) confirm: Confirm,
    pub(crate) audit: Audit,
    pub(crate) letters: Letters,
    pub(crate) throttle: Throttle,
    pub(crate) factors: Factors,
}

impl Accounts {
    /// Signs in.
    ///
    /// # Errors
    /// `Invalid` for empty fields; `Refused(InvalidCredentials)`, or with `PARLANCE_LOGIN_ERRORS=explicit`
    /// `Refused(UnknownEmail | WrongPassword)`; `Later(RateLimited)`.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        client: &Client,
    ) -> Result<Step, Error> {
        let email_key = fields::sign_in(email, password)?.to_lowercase();
        self.audit
            .limited(self.throttle.allow(&tried(&email_key), client), client)
            .await?;
        // Asked for in any case, or it would take its time for those alone who have no account.
        let decoy = self.decoys.of(&email_key).await?;
        let credentials = match self.store.credentials(&email_key).await? {
            Some(credentials) if credentials.is_active => credentials,
            found => {
                // Who was shut out takes as long as ever.
                let (known, hash) = match found {
                    Some(shut) => (Some(shut.user), shut.password_hash),
                    None => (None, decoy),
                };
                self.passwords.check(password.to_owned(), hash).await?;
                return Err(self
                    .failed(
                        &email_key,
                        ProblemCode::UnknownEmail,
                        known.as_ref(),
                        client,
                    )
                    .await);
            }
        };
        let Credentials {
            user,
            mut password_hash,
            ..
        } = credentials;
        match self
            .passwords
            .check(password.to_owned(), password_hash.clone())
            .await?
        {
            Verdict::Wrong => {
                return Err(self
                    .failed(&email_key, ProblemCode::WrongPassword, Some(&user), client)
                    .await);
            }
            Verdict::Right => {}
            Verdict::RightButWeak => {
                password_hash = self
                    .raised(&user, password, &password_hash)
                    .await?
                    .ok_or_else(|| self.refusal(ProblemCode::WrongPassword))?;
            }
        }
        let fresh = self.fresh(client)?;
        let stored = self
            .store
            .create_session(user.id, &password_hash, fresh.session.clone())
            .await;
        let Some(is_known_device) = stored.map_err(|error| self.overtaken(error))? else {
            // The try stays counted: each brings a few codes.
            return self.challenge(&user, password_hash).await;
        };
        self.throttle.succeeded(&tried(&email_key), client);
        tracing::info!(user_id = %user.id, "signed in");
        self.has_entered(&user, is_known_device, client).await;
        Ok(Step::Entered(Box::new(fresh.entered(user))))
    }

    /// Hashes a password anew that was right under `weak`; the hash that stands for it then. `None` when it is right no
    /// more.
    async fn raised(
        &self,
        user: &User,
        password: &str,
        weak: &str,
    ) -> Result<Option<String>, Error> {
        let raised = self.passwords.hash(password.to_owned()).await?;
        let (now, store) = (self.clock.now(), &self.store);
        if store.set_password_hash(user.id, weak, &raised, now).await? {
            return Ok(Some(raised));
        }
        // Another sign-in has raised it in this very moment; or a reset has set another one.
        let Some(hash) = store.password_hash(user.id).await? else {
            return Ok(None);
        };
        let verdict = self.passwords.check(password.to_owned(), hash.clone());
        Ok((verdict.await? != Verdict::Wrong).then_some(hash))
    }

    /// Ends the session, on the server too, and closes its live streams.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key, which is revoked instead.
    pub async fn sign_out(&self, viewer: &Viewer, client: &Client) -> Result<(), Error> {
        self.audit.in_person(viewer).await?;
        self.store
            .delete_session(viewer.user.id, viewer.session_id)
            .await?;
        self.cut(&[viewer.session_id]);
        let entry = Entry::new(Kind::SignedOut).by(viewer.user.id);
        self.audit.record(entry.from(client)).await;
        tracing::info!(user_id = %viewer.user.id, "signed out");
        Ok(())
    }

    /// Checks the password of somebody who is signed in, before what a stolen session must not do.
    ///
    /// # Errors
    /// As [`Confirm::password`].
    pub async fn confirm(
        &self,
        viewer: &Viewer,
        current_password: &str,
        client: &Client,
    ) -> Result<(), Error> {
        self.confirm
            .password(viewer, current_password, client)
            .await
    }

    /// Whose session this cookie is; `None` for rubbish, ended sessions and disabled accounts.
    ///
    /// # Errors
    /// Storage only.
    pub async fn viewer(&self, token: &str) -> Result<Option<Viewer>, Error> {
        let Some(hash) = Token::hash_of(Purpose::Unmarked, token) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let idle_since = self.idle_since(now);
        let found = self.store.session(&hash, now, idle_since).await?;
        Ok(found.map(|signed_in| self.seen(signed_in, now)))
    }

    /// Somebody who came with a session, whose use is noted now and then.
    fn seen(&self, signed_in: SignedIn, now: Timestamp) -> Viewer {
        if signed_in.last_seen_at < now.plus_seconds(-TOUCH_SECONDS) {
            self.note_use(signed_in.session_id, now);
        }
        Viewer {
            user: signed_in.user,
            session_id: signed_in.session_id,
            kind: signed_in.kind,
            preferences: signed_in.preferences,
        }
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

    /// An account that is fit to be stored, and its first session.
    async fn new_account(
        &self,
        fields: Fields,
        password: String,
        group: Group,
        client: &Client,
    ) -> Result<(NewUser, Fresh), Error> {
        let password_hash = self.passwords.hash(password).await?;
        let fresh = self.fresh(client)?;
        let user = NewUser {
            id: self.new_user_id(),
            username_key: fields.username.to_lowercase(),
            username: fields.username,
            email_key: fields.email.to_lowercase(),
            email: fields.email,
            password_hash,
            group,
            created_at: fresh.session.created_at,
        };
        Ok((user, fresh))
    }

    /// What a failed sign-in leaves behind, and its answer.
    async fn failed(
        &self,
        email_key: &str,
        exact: ProblemCode,
        user: Option<&User>,
        client: &Client,
    ) -> Error {
        self.throttle.failed(&tried(email_key));
        let entry = Entry::new(Kind::SignInFailed).from(client);
        let entry = match user {
            Some(user) => entry.about(user.id.0),
            None => entry,
        };
        self.audit.record(entry).await;
        self.refusal(exact)
    }

    /// What it means to a sign-in that the store found no such account: shut out, or another password was set, since it was
    /// looked up.
    fn overtaken(&self, error: StoreError) -> Error {
        match error {
            StoreError::NotFound => self.refusal(ProblemCode::WrongPassword),
            error => error.into(),
        }
    }

    fn refusal(&self, exact: ProblemCode) -> Error {
        Error::Refused(match self.config.login_errors {
            LoginErrors::Uniform => ProblemCode::InvalidCredentials,
            LoginErrors::Explicit => exact,
        })
    }
}

/// What the tries of a sign-in are counted under: what else is counted, of the same address or in other words, is apart.
fn tried(email_key: &str) -> String {
    format!("login {email_key}")
}
