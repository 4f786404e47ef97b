//! The first admin: made with a token that the server says once, to whoever started it.

use parlance_core::domain::{Group, ProblemCode};

use super::{
    Accounts, Entered, Register,
    fields::Fields,
    token::{Purpose, Token},
};
use crate::service::{
    Client, Error,
    audit::{Entry, Kind},
};

impl Accounts {
    /// At start: a new token, if there is no admin yet. Earlier ones are void.
    ///
    /// # Errors
    /// Storage only.
    pub async fn open_setup(&self) -> Result<Option<String>, Error> {
        let token = Token::mint(Purpose::Unmarked)?;
        let is_open = self
            .store
            .open_setup(&token.hash(), self.clock.now())
            .await?;
        Ok(is_open.then(|| token.into_text()))
    }

    /// Whether the first admin is still to be made.
    ///
    /// # Errors
    /// Storage only.
    pub async fn is_setup_open(&self) -> Result<bool, Error> {
        Ok(self.store.is_setup_open().await?)
    }

    /// Makes the first admin and signs them in, also where registration is closed. The token is used up by it.
    ///
    /// # Errors
    /// `Refused(TokenInvalid)`, `Invalid`, `Taken`, `Later(RateLimited)`.
    pub async fn setup(
        &self,
        token: &str,
        register: Register,
        client: &Client,
    ) -> Result<Entered, Error> {
        const INVALID: Error = Error::Refused(ProblemCode::TokenInvalid);
        self.audit
            .limited(self.throttle.allow("setup", client), client)
            .await?;
        let hash = Token::hash_of(Purpose::Unmarked, token).ok_or(INVALID)?;
        if !self.store.is_setup_token(&hash).await? {
            self.throttle.failed("setup");
            return Err(INVALID);
        }
        let fields = Fields::check(&register)?;
        let (user, fresh) = self
            .new_account(fields, register.password, Group::Admin, client)
            .await?;
        let user = self
            .store
            .setup(&hash, user, fresh.session.clone())
            .await?
            .ok_or(INVALID)?;
        self.throttle.succeeded("setup", client);
        self.welcome(&user, client).await;
        self.audit
            .record(
                Entry::new(Kind::SetupDone)
                    .by(user.id)
                    .from(client)
                    .about(user.id.0),
            )
            .await;
        tracing::info!(user_id = %user.id, "the first admin was made");
        Ok(fresh.entered(user))
    }
}
