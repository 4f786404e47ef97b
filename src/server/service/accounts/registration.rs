//! Making an account.
//!
//! Where addresses must be confirmed there is no account before its letter has been answered, and whoever registers is
//! told the same for every address: that somebody has it is known to its owner alone, by a letter. Until then nobody signs
//! in, and the name is free for others, or trying those two would tell. A name that an account has is told at once: names
//! are public.

use parlance_core::domain::{Group, ProblemCode, User};

use super::{
    Accounts, Entered, Register,
    fields::Fields,
    links::{LINK_SECONDS, MOST_LETTERS},
    token::{Purpose, Token},
};
use crate::{
    config::Registration,
    port::store::{Kept, NewRegistration},
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
            self.ask_for_mail(fields, register.password, client).await?;
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
    async fn ask_for_mail(
        &self,
        fields: Fields,
        password: String,
        client: &Client,
    ) -> Result<(), Error> {
        let name_key = fields.username.to_lowercase();
        if self.store.is_username_taken(&name_key).await? {
            return Err(Error::Taken("username"));
        }
        let (user, _) = self
            .new_account(fields, password, Group::User, client)
            .await?;
        let to = user.email.clone();
        let token = Token::mint(Purpose::Unmarked)?;
        let registration = NewRegistration {
            token_hash: token.hash(),
            expires_at: user.created_at.plus_seconds(LINK_SECONDS),
            user,
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
                self.letters
                    .send(&to, client.locale, Letter::VerifyEmail { link });
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

    /// Makes the account that the token of such a letter is for. `None` where there is none.
    ///
    /// # Errors
    /// `Taken` (`username`) when somebody has taken the name since.
    pub(super) async fn complete_registration(
        &self,
        token_hash: &[u8; 32],
        client: &Client,
    ) -> Result<Option<User>, Error> {
        // Not what registered: that may have been somebody else.
        let agent = self.fresh(client)?.session.agent;
        let made = self
            .store
            .complete_registration(token_hash, &agent, self.clock.now())
            .await?;
        if let Some(user) = &made {
            tracing::info!(user_id = %user.id, "account created");
            self.note_account(user, client).await;
        }
        Ok(made)
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
