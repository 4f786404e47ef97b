//! Making an account.
//!
//! Where addresses must be confirmed there is no account before its letter has been answered, and whoever registers is
//! told the same for every address: that somebody has it is known to its owner alone, by a letter. Until then nobody signs
//! in, and the name is free for others, or trying those two would tell. A name that an account has is told at once: names
//! are public. The password that is typed then is checked and forgotten: whoever answers the letter sets the account's.

use parlance_core::domain::{Group, ProblemCode, User};

use super::{
    Accounts, Entered, Register,
    fields::{self, Fields},
    links::{INVALID, LINK_SECONDS, MOST_LETTERS, hash_of},
    token::{Purpose, Token},
};
use crate::{
    config::Registration,
    port::store::{Kept, NewRegistration, Waiting},
    service::{
        Client, Error,
        audit::{Entry, Kind},
        letters::Letter,
    },
};

/// How far a registration got.
#[derive(Clone)]
pub enum Registered {
    Entered(Box<Entered>),
    /// There is a letter for whoever reads the address's mail.
    LetterSent,
}

impl Accounts {
    /// Makes an account and signs it in; or sends the letter that makes it, where addresses must be confirmed.
    ///
    /// # Errors
    /// `Invalid` with every bad field, `Taken` (where addresses must be confirmed, of the name alone),
    /// `Refused(RegistrationClosed)`, `Later(RateLimited)`.
    pub async fn register(&self, register: Register, client: &Client) -> Result<Registered, Error> {
        if self.config.registration == Registration::Closed {
            return Err(Error::Refused(ProblemCode::RegistrationClosed));
        }
        let fields = Fields::check(&register)?;
        let tried = format!("register {}", fields.email.to_lowercase());
        self.audit
            .limited(self.throttle.allow(&tried, client), client)
            .await?;
        if self.needs_verification() {
            self.ask_for_mail(fields, client).await?;
            return Ok(Registered::LetterSent);
        }
        let (user, fresh) = self
            .new_account(fields, register.password, Group::User, client)
            .await?;
        let user = self.store.create_user(user, fresh.session.clone()).await?;
        self.throttle.succeeded(&tried, client);
        tracing::info!(user_id = %user.id, "account created");
        self.welcome(&user, client).await;
        Ok(Registered::Entered(Box::new(fresh.entered(user))))
    }

    /// Keeps what is to become an account, and sends what goes to its address. All of it is done for an address that
    /// somebody has as for one that is free.
    async fn ask_for_mail(&self, fields: Fields, client: &Client) -> Result<(), Error> {
        let username_key = fields.username.to_lowercase();
        if self.store.is_username_taken(&username_key).await? {
            return Err(Error::Taken("username"));
        }
        let Fields { username, email } = fields;
        let token = Token::mint(Purpose::Unmarked)?;
        let created_at = self.clock.now();
        let registration = NewRegistration {
            token_hash: token.hash(),
            user_id: self.new_user_id(),
            username: username.clone(),
            username_key,
            email: email.clone(),
            email_key: email.to_lowercase(),
            created_at,
            expires_at: created_at.plus_seconds(LINK_SECONDS),
        };
        let kept = self
            .store
            .keep_registration(registration, MOST_LETTERS)
            .await?;
        let Some(origin) = self.letter_origin(client) else {
            return Ok(());
        };
        match kept {
            Kept::Waiting => {
                let link = format!("{origin}/verify?token={}", token.into_text());
                let letter = Letter::VerifyEmail {
                    link,
                    waiting: Some(username),
                };
                self.letters.send(&email, client.locale, letter);
            }
            Kept::Taken(owner) => {
                let letter = Letter::AddressInUse {
                    sign_in: format!("{origin}/login"),
                    reset: format!("{origin}/forgot"),
                };
                self.letters.send(&owner.email, client.locale, letter);
            }
            Kept::Silent => {}
        }
        Ok(())
    }

    /// What waits for the token of a letter, if an account does.
    ///
    /// # Errors
    /// Storage only.
    pub async fn waiting(&self, token: &str) -> Result<Option<Waiting>, Error> {
        match hash_of(token) {
            Ok(hash) => Ok(self.store.waiting(&hash, self.clock.now()).await?),
            Err(_) => Ok(None),
        }
    }

    /// Makes the account that the token of such a letter is for.
    ///
    /// # Errors
    /// `Refused(TokenInvalid)`, `Invalid` (`password`), `Taken` (`username`) when somebody has taken the name since.
    pub(super) async fn complete_registration(
        &self,
        token_hash: &[u8; 32],
        password: String,
        client: &Client,
    ) -> Result<User, Error> {
        // Before the hash: a link that is none shall cost nothing.
        let waiting = self
            .store
            .waiting(token_hash, self.clock.now())
            .await?
            .ok_or(INVALID)?;
        let own = [waiting.username.as_str(), &waiting.email];
        fields::password(&password, None, &own)?;
        let password_hash = self.passwords.hash(password).await?;
        // Not what registered: that may have been somebody else.
        let agent = self.fresh(client)?.session.agent;
        let user = self
            .store
            .complete_registration(token_hash, &password_hash, &agent, self.clock.now())
            .await?
            .ok_or(INVALID)?;
        tracing::info!(user_id = %user.id, "account created");
        self.note_account(&user, client).await;
        Ok(user)
    }

    /// After an account was made: the letter that shows its address to be its person's, and the log.
    pub(super) async fn welcome(&self, user: &User, client: &Client) {
        if self.needs_verification()
            && let Err(error) = self.send_verification(user, client).await
        {
            tracing::warn!(%error, user_id = %user.id, "no letter to a new account");
        }
        self.note_account(user, client).await;
    }

    async fn note_account(&self, user: &User, client: &Client) {
        let entry = Entry::new(Kind::AccountCreated).by(user.id).from(client);
        self.audit.record(entry.about(user.id.0)).await;
    }
}
