//! Links that go out by mail: showing that an address is somebody's, and a way back for who forgot the password.

use parlance_core::domain::{ProblemCode, User};

use super::{
    Accounts, fields,
    token::{Purpose, Token},
};
use crate::{
    config::EmailVerification,
    port::store::{LinkPurpose, NewLink},
    service::{
        Client, Error, Viewer,
        audit::{Entry, Kind},
        letters::{FactorChange, Letter},
    },
};

/// How long a link is good.
pub(super) const LINK_SECONDS: i64 = 30 * 60;
/// Letters of one purpose that an account is sent in that time. Whoever asks for more gets none, and is not told: the links
/// of the others are good still, so nobody can keep an owner waiting for one.
pub(super) const MOST_LETTERS: u32 = 5;

impl Accounts {
    /// Whether an account may only read until its address is known to be its person's.
    #[must_use]
    pub fn needs_verification(&self) -> bool {
        match self.config.accounts.email_verification {
            EmailVerification::Auto => self.letters.can_send() && self.may_know_origin(),
            EmailVerification::Required => true,
            EmailVerification::Off => false,
        }
    }

    /// Sends the letter that shows the viewer's address to be theirs, unless enough of them are on their way.
    ///
    /// # Errors
    /// `Later(RateLimited)`, `Refused(Forbidden)` for an API key.
    pub async fn ask_verification(&self, viewer: &Viewer, client: &Client) -> Result<(), Error> {
        self.audit.in_person(viewer).await?;
        if viewer.user.email_verified {
            return Ok(());
        }
        self.audit
            .limited(
                self.throttle
                    .allow(&format!("verify {}", viewer.user.id), client),
                client,
            )
            .await?;
        self.send_verification(&viewer.user, client).await?;
        let entry = Entry::new(Kind::VerificationAsked).by(viewer.user.id);
        self.audit.record(entry.from(client)).await;
        Ok(())
    }

    /// Uses up the link of such a letter, which may move the account to its address, or of one that an account waits for,
    /// which is made with this `password`. It is asked for here and not taken from the registration, which anybody can send with anybody's address: else whoever did
    /// would come in as soon as the owner of the address answers. Where there is an account already, it is not looked at.
    ///
    /// # Errors
    /// `Refused(TokenInvalid)` when it was used, is too old, or its account has another address by now; where an account
    /// is to be made, `Invalid` (`password`), and `Taken` (`username`) when its name is no longer free; where it is to move,
    /// `Taken` (`email`): then the link stays good.
    pub async fn verify_email(
        &self,
        token: &str,
        password: String,
        client: &Client,
    ) -> Result<(), Error> {
        let hash = hash_of(token)?;
        let mut verified = self.store.verify_email(&hash, self.clock.now()).await?;
        if verified.is_none() {
            verified = self.move_email(&hash, client).await?;
        }
        let user = match verified {
            Some(user) => user,
            None => self.complete_registration(&hash, password, client).await?,
        };
        self.audit
            .record(Entry::new(Kind::EmailVerified).by(user.id).from(client))
            .await;
        Ok(())
    }

    /// Sends a letter with a way to another password, if there is an account with this address. The answer is the same
    /// for every address, and comes before anything is looked up.
    ///
    /// # Errors
    /// `Invalid` (`email`), `Later(RateLimited)`.
    pub async fn ask_reset(&self, email: &str, client: &Client) -> Result<(), Error> {
        let email_key = fields::email(email)?.to_lowercase();
        self.audit
            .limited(
                self.throttle.allow(&format!("reset {email_key}"), client),
                client,
            )
            .await?;
        let (this, client) = (self.clone(), client.clone());
        tokio::spawn(async move {
            if let Err(error) = this.send_reset(&email_key, &client).await {
                tracing::warn!(%error, "a letter for another password was not sent");
            }
        });
        Ok(())
    }

    /// Sets another password by the link of such a letter. All sessions and API keys end. Nobody is signed in by it: a second
    /// factor stands as it did, unless it was turned on for an address that nobody had shown to be theirs.
    ///
    /// # Errors
    /// `Refused(TokenInvalid)`, `Invalid` (`password`, `password_confirmation`).
    pub async fn reset_password(
        &self,
        token: &str,
        password: String,
        password_confirmation: Option<String>,
        client: &Client,
    ) -> Result<(), Error> {
        let hash = hash_of(token)?;
        // Before the hash: a link that is none shall cost nothing.
        let user = self
            .store
            .link(&hash, LinkPurpose::Reset, self.clock.now())
            .await?
            .ok_or(INVALID)?;
        let own = [user.username.as_str(), &user.email];
        fields::password(&password, password_confirmation.as_deref(), &own)?;
        let password_hash = self.passwords.hash(password).await?;
        let reset = self
            .store
            .reset_password(&hash, &password_hash, self.clock.now())
            .await?
            .ok_or(INVALID)?;
        let user = &reset.user;
        self.cut(&reset.ended);
        let tell = |letter| self.letters.send(&user.email, client.locale, letter);
        tell(Letter::PasswordChanged);
        if reset.factor_off {
            tell(Letter::FactorChanged(FactorChange::Off));
        }
        self.audit
            .record(Entry::new(Kind::ResetDone).by(user.id).from(client))
            .await;
        if reset.factor_off {
            let entry = Entry::new(Kind::FactorDisabled).by(user.id).from(client);
            self.audit.record(entry.note("by", "reset")).await;
        }
        Ok(())
    }

    async fn send_reset(&self, email_key: &str, client: &Client) -> Result<(), Error> {
        let credentials = self.store.credentials(email_key).await?;
        let Some(credentials) = credentials.filter(|credentials| credentials.is_active) else {
            return Ok(());
        };
        let user = credentials.user;
        if let Some(link) = self
            .link(&user, LinkPurpose::Reset, "reset", client)
            .await?
        {
            let letter = Letter::ResetPassword { link };
            self.letters.send(&user.email, client.locale, letter);
        }
        self.audit
            .record(Entry::new(Kind::ResetAsked).from(client).about(user.id.0))
            .await;
        Ok(())
    }

    pub(super) async fn send_verification(
        &self,
        user: &User,
        client: &Client,
    ) -> Result<(), Error> {
        if let Some(link) = self
            .link(user, LinkPurpose::Verify, "verify", client)
            .await?
        {
            let letter = Letter::VerifyEmail {
                link,
                waiting: None,
            };
            self.letters.send(&user.email, client.locale, letter);
        }
        Ok(())
    }

    /// Makes a link. `None` where this server does not know its own address, and where there were letters enough.
    async fn link(
        &self,
        user: &User,
        purpose: LinkPurpose,
        page: &str,
        client: &Client,
    ) -> Result<Option<String>, Error> {
        let Some(origin) = self.letter_origin(client) else {
            return Ok(None);
        };
        let token = Token::mint(Purpose::Unmarked)?;
        let created_at = self.clock.now();
        let link = NewLink {
            token_hash: token.hash(),
            user_id: user.id,
            purpose,
            address: user.email.clone(),
            created_at,
            expires_at: created_at.plus_seconds(LINK_SECONDS),
        };
        let is_kept = self.store.create_link(link, MOST_LETTERS).await?;
        Ok(is_kept.then(|| format!("{origin}/{page}?token={}", token.into_text())))
    }

    /// Where the links of a letter lead to; where nobody knows, the operator is told.
    pub(super) fn letter_origin(&self, client: &Client) -> Option<String> {
        let origin = self.own_origin(client);
        if origin.is_none() {
            tracing::warn!(
                "a letter was not sent: its link needs the address by which people reach this server. \
                 Set PARLANCE_PUBLIC_URL"
            );
        }
        origin
    }

    /// Whether [`Self::own_origin`] can ever find one: without it no letter has a link to confirm anything by.
    fn may_know_origin(&self) -> bool {
        self.config.public_url.is_some() || self.config.addr.ip().is_loopback()
    }

    /// Where links lead to. What the request says of it is anybody's word; it counts only where nobody but this machine
    /// can have said it.
    fn own_origin(&self, client: &Client) -> Option<String> {
        if let Some(url) = &self.config.public_url {
            return Some(url.origin().ascii_serialization());
        }
        (client.names_this_machine() && self.config.addr.ip().is_loopback())
            .then(|| client.origin.clone())
    }
}

pub(super) const INVALID: Error = Error::Refused(ProblemCode::TokenInvalid);

pub(super) fn hash_of(token: &str) -> Result<[u8; 32], Error> {
    Token::hash_of(Purpose::Unmarked, token).ok_or(INVALID)
}
