//! Between the right password and the session: the second factor.

use parlance_core::domain::{ProblemCode, User};

use super::{
    Accounts, Entered, Step,
    token::{Purpose, Token},
};
use crate::{
    port::store::NewChallenge,
    service::{Client, Error},
};

/// How long a person may take to find the code.
const CHALLENGE_SECONDS: i64 = 5 * 60;
/// Codes that may be tried for one password.
const MOST_TRIES: u32 = 5;

impl Accounts {
    /// Ends a sign-in that waits for its second factor.
    ///
    /// # Errors
    /// `Refused(TokenInvalid)` when the challenge is too old, was used, or was tried too often; `Refused(FactorWrong)`;
    /// `Later(RateLimited)`.
    pub async fn sign_in_factor(
        &self,
        challenge: &str,
        code: &str,
        client: &Client,
    ) -> Result<Entered, Error> {
        const GONE: Error = Error::Refused(ProblemCode::TokenInvalid);
        let hash = Token::hash_of(Purpose::Unmarked, challenge).ok_or(GONE)?;
        let user = self
            .store
            .try_challenge(&hash, MOST_TRIES, self.clock.now())
            .await?
            .ok_or(GONE)?;
        let email_key = user.email.to_lowercase();
        if !self.factors.check(user.id, code, client).await? {
            self.throttle.failed(&email_key);
            return Err(Error::Refused(ProblemCode::FactorWrong));
        }
        let fresh = self.fresh(client)?;
        let is_known_device = self
            .store
            .take_challenge(&hash, fresh.session.clone())
            .await?
            .ok_or(GONE)?;
        self.throttle.succeeded(&email_key, client);
        self.has_entered(&user, is_known_device, client).await;
        Ok(fresh.entered(user))
    }

    pub(super) async fn challenge(&self, user: &User) -> Result<Step, Error> {
        let token = Token::mint(Purpose::Unmarked)?;
        let created_at = self.clock.now();
        let expires_at = created_at.plus_seconds(CHALLENGE_SECONDS);
        let challenge = NewChallenge {
            token_hash: token.hash(),
            user_id: user.id,
            created_at,
            expires_at,
        };
        self.store.create_challenge(challenge).await?;
        Ok(Step::FactorNeeded {
            challenge: token.into_text(),
            expires_at,
        })
    }
}
