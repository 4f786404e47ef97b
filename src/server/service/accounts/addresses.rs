//! Another e-mail address.
//!
//! Where addresses must be confirmed, an account moves to another one when the letter there has been answered, and not
//! before. So nobody keeps an address from its owner by naming it, and nobody finds out who has an account: a taken address
//! waits like a free one, and only its owner is told, by a letter of another kind. Elsewhere it is taken at once.

use std::time::Duration;

use parlance_core::domain::User;

use super::{
    Accounts, fields,
    links::{INVALID, LINK_SECONDS, MOST_LETTERS},
    token::{Purpose, Token},
};
use crate::{
    port::store::{Kept, LinkPurpose, NewLink, Wanted},
    service::{
        Client, Error, Viewer,
        audit::{Entry, Kind},
        letters::Letter,
    },
};

/// Another address.
#[derive(Clone)]
pub struct ChangeEmail {
    pub email: String,
    pub current_password: String,
}

/// How far a change got.
#[derive(Clone)]
pub enum EmailChange {
    /// The account has it.
    Done(Box<User>),
    /// There is a letter for whoever reads the address's mail.
    LetterSent,
}

impl Accounts {
    /// Takes another address, or sends the letter there that moves the account to it. The old one is told when it is no
    /// longer the account's.
    ///
    /// # Errors
    /// `Invalid` (`email`), `Unconfirmed`, `Later(RateLimited)`, `Refused(Forbidden)` for an API key, `Unauthenticated` when
    /// the session has just ended; `Taken` where addresses need not be confirmed.
    pub async fn change_email(
        &self,
        viewer: &Viewer,
        change: ChangeEmail,
        client: &Client,
    ) -> Result<EmailChange, Error> {
        self.audit.in_person(viewer).await?;
        let email = fields::email(&change.email)?;
        let email_key = email.to_lowercase();
        let confirm = &self.confirm;
        let checked = confirm
            .checked(viewer, &change.current_password, client)
            .await?;
        let (id, now) = (viewer.user.id, self.clock.now());
        let must_verify = self.needs_verification();
        if email == viewer.user.email && (viewer.user.email_verified || !must_verify) {
            return Ok(EmailChange::Done(Box::new(viewer.user.clone())));
        }
        if must_verify {
            let tried = self.throttle.allow(&format!("change {email_key}"), client);
            self.audit.limited(tried, client).await?;
            let is_sent = self
                .send_change(viewer, email, Some(&checked.0), client)
                .await;
            return match is_sent {
                Ok(true) => Ok(EmailChange::LetterSent),
                // Unlike where the same letter is asked for once more: this address would not be waited for.
                Ok(false) => Err(too_many()),
                Err(Error::NotFound) => Err(confirm.outdated(viewer).await?),
                Err(error) => Err(error),
            };
        }
        let changed = self
            .store
            .change_email(id, &checked.0, email, &email_key, now);
        let user = confirm.current(viewer, changed.await).await?;
        self.tell_old_address(&viewer.user, &user, client);
        self.audit
            .record(Entry::new(Kind::EmailChanged).by(id).from(client))
            .await;
        Ok(EmailChange::Done(Box::new(user)))
    }

    /// The address that waits to be confirmed in the place of the account's.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn wanted_email(&self, viewer: &Viewer) -> Result<Option<Wanted>, Error> {
        self.audit.in_person(viewer).await?;
        let now = self.clock.now();
        Ok(self.store.wanted_email(viewer.user.id, now).await?)
    }

    /// Sends the letter to the address that waits once more, unless enough of them are on their way.
    ///
    /// # Errors
    /// `NotFound` when none waits, `Later(RateLimited)`, `Refused(Forbidden)` for an API key.
    pub async fn ask_change_letter(&self, viewer: &Viewer, client: &Client) -> Result<(), Error> {
        let wanted = self.wanted_email(viewer).await?.ok_or(Error::NotFound)?;
        let tried = format!("verify {}", viewer.user.id);
        self.audit
            .limited(self.throttle.allow(&tried, client), client)
            .await?;
        self.send_change(viewer, &wanted.email, None, client)
            .await
            .map(|_| ())
    }

    /// Keeps the address that the account has. No error when none waits.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub async fn keep_email(&self, viewer: &Viewer) -> Result<(), Error> {
        self.audit.in_person(viewer).await?;
        let now = self.clock.now();
        Ok(self.store.forget_wanted_email(viewer.user.id, now).await?)
    }

    /// Moves an account by the link of such a letter; `None` when the token is of another kind.
    ///
    /// # Errors
    /// `Refused(TokenInvalid)` when it was used in this very moment; `Taken` (`email`) when another account got the address
    /// since: then the link stays good.
    pub(super) async fn move_email(
        &self,
        token_hash: &[u8; 32],
        client: &Client,
    ) -> Result<Option<User>, Error> {
        let now = self.clock.now();
        let Some(email) = self.store.link_target(token_hash, now).await? else {
            return Ok(None);
        };
        let moved = self
            .store
            .move_email(token_hash, &email.to_lowercase(), now)
            .await?
            .ok_or(INVALID)?;
        self.tell_old_address(&moved.before, &moved.after, client);
        let entry = Entry::new(Kind::EmailChanged).by(moved.after.id);
        self.audit.record(entry.from(client)).await;
        Ok(Some(moved.after))
    }

    /// What is known is known of the address before.
    fn tell_old_address(&self, before: &User, after: &User, client: &Client) {
        let letter = Letter::EmailChanged {
            to: after.email.clone(),
        };
        self.notify(before, letter, client);
    }

    /// Keeps a link to the address and sends what goes there. All of it is done for one that somebody has as for one that is
    /// free. `false`: there were letters enough.
    async fn send_change(
        &self,
        viewer: &Viewer,
        email: &str,
        password_hash: Option<&str>,
        client: &Client,
    ) -> Result<bool, Error> {
        let token = Token::mint(Purpose::Unmarked)?;
        let created_at = self.clock.now();
        let link = NewLink {
            token_hash: token.hash(),
            user_id: viewer.user.id,
            purpose: LinkPurpose::Change,
            address: email.to_owned(),
            created_at,
            expires_at: created_at.plus_seconds(LINK_SECONDS),
        };
        let kept = self
            .store
            .want_email(link, &email.to_lowercase(), password_hash, MOST_LETTERS)
            .await?;
        let Some(kept) = kept else {
            return Ok(false);
        };
        if let Some(origin) = self.letter_origin(client) {
            match kept {
                Kept::Waiting => {
                    let letter = Letter::VerifyEmail {
                        link: format!("{origin}/verify?token={}", token.into_text()),
                        waiting: None,
                    };
                    self.letters.send(email, client.locale, letter);
                }
                Kept::Taken(owner) => {
                    let letter = Letter::AddressWanted {
                        sign_in: format!("{origin}/login"),
                        reset: format!("{origin}/forgot"),
                    };
                    self.letters.send(&owner.email, client.locale, letter);
                }
                Kept::Silent => {}
            }
        }
        let entry = Entry::new(Kind::EmailChangeAsked).by(viewer.user.id);
        self.audit.record(entry.from(client)).await;
        Ok(true)
    }
}

/// Until the first of those letters has ended.
fn too_many() -> Error {
    use parlance_core::domain::ProblemCode;

    let wait = Duration::from_secs(LINK_SECONDS.unsigned_abs());
    Error::Later(ProblemCode::RateLimited, wait)
}
