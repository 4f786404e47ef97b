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
        letters::Letter,
    },
};

/// How long a link is good.
const LINK_SECONDS: i64 = 30 * 60;

impl Accounts {
    /// Whether an account may only read until its address is known to be its person's.
    #[must_use]
    pub fn needs_verification(&self) -> bool {
        match self.config.accounts.email_verification {
            EmailVerification::Auto => self.letters.can_send(),
            EmailVerification::Required => true,
            EmailVerification::Off => false,
        }
    }

    /// Sends the letter that shows the viewer's address to be theirs. Earlier ones are void.
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
        let entry = Entry::new(Kind::VerificationAsked).by(viewer.user.id);
        self.audit.record(entry.from(client)).await;
        self.send_verification(&viewer.user, client).await
    }

    /// Uses up the link of such a letter.
    ///
    /// # Errors
    /// `Refused(TokenInvalid)` when it was used, is too old, or its account has another address by now.
    pub async fn verify_email(&self, token: &str, client: &Client) -> Result<(), Error> {
        let hash = hash_of(token)?;
        let verified = self.store.verify_email(&hash, self.clock.now()).await?;
        let user = verified.ok_or(INVALID)?;
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

    /// Sets another password by the link of such a letter. All sessions end. Nobody is signed in by it: a second factor
    /// stands as it did.
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
        fields::password(&password, password_confirmation.as_deref(), &user)?;
        let password_hash = self.passwords.hash(password).await?;
        let (user, ended) = self
            .store
            .reset_password(&hash, &password_hash, self.clock.now())
            .await?
            .ok_or(INVALID)?;
        self.cut(&ended);
        self.audit
            .record(Entry::new(Kind::ResetDone).by(user.id).from(client))
            .await;
        self.letters
            .send(&user.email, client.locale, Letter::PasswordChanged);
        Ok(())
    }

    async fn send_reset(&self, email_key: &str, client: &Client) -> Result<(), Error> {
        let credentials = self.store.credentials(email_key).await?;
        let Some(credentials) = credentials.filter(|credentials| credentials.is_active) else {
            return Ok(());
        };
        let user = credentials.user;
        self.audit
            .record(Entry::new(Kind::ResetAsked).from(client).about(user.id.0))
            .await;
        if let Some(link) = self
            .link(&user, LinkPurpose::Reset, "reset", client)
            .await?
        {
            let letter = Letter::ResetPassword { link };
            self.letters.send(&user.email, client.locale, letter);
        }
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
            let letter = Letter::VerifyEmail { link };
            self.letters.send(&user.email, client.locale, letter);
        }
        Ok(())
    }

    /// Makes a link. `None` where this server does not know its own address.
    async fn link(
        &self,
        user: &User,
        purpose: LinkPurpose,
        page: &str,
        client: &Client,
    ) -> Result<Option<String>, Error> {
        let Some(origin) = self.own_origin(client) else {
            tracing::warn!(
                "a letter was not sent: its link needs the address by which people reach this server. \
                 Set PARLANCE_PUBLIC_URL"
            );
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
        self.store.create_link(link).await?;
        Ok(Some(format!("{origin}/{page}?token={}", token.into_text())))
    }

    /// Where links lead to. What the request says of it is anybody's word; it counts only where nobody but this machine
    /// can have said it.
    fn own_origin(&self, client: &Client) -> Option<String> {
        if let Some(url) = &self.config.public_url {
            return Some(url.origin().ascii_serialization());
        }
        let is_here = url::Url::parse(&client.origin).is_ok_and(|url| match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        });
        (is_here && self.config.addr.ip().is_loopback()).then(|| client.origin.clone())
    }
}

const INVALID: Error = Error::Refused(ProblemCode::TokenInvalid);

fn hash_of(token: &str) -> Result<[u8; 32], Error> {
    Token::hash_of(Purpose::Unmarked, token).ok_or(INVALID)
}
