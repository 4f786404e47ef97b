//! Between the right password and the session: the second factor.

use parlance_core::domain::{ProblemCode, User};

use super::{
    Accounts, Entered, Step,
    token::{Purpose, Token},
    tried,
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
        let now = self.clock.now();
        let waiting = self.store.challenge(&hash, MOST_TRIES, now).await?;
        // What has to wait takes none of the challenge's tries.
        self.factors
            .patience(waiting.ok_or(GONE)?.id, code, client)
            .await?;
        let user = self
            .store
            .try_challenge(&hash, MOST_TRIES, now)
            .await?
            .ok_or(GONE)?;
        let tried = tried(&user.email.to_lowercase());
        if !self.factors.check(user.id, code, client).await? {
            self.throttle.failed(&tried);
            return Err(Error::Refused(ProblemCode::FactorWrong));
        }
        // Right, even if the challenge should end in this moment.
        self.throttle.succeeded(&tried, client);
        let fresh = self.fresh(client)?;
        let is_known_device = self
            .store
            .take_challenge(&hash, fresh.session.clone())
            .await?
            .ok_or(GONE)?;
        self.has_entered(&user, is_known_device, client).await;
        Ok(fresh.entered(user))
    }

    /// Lets a sign-in wait for its second factor. Good for as long as the password stays the one that was checked.
    pub(super) async fn challenge(
        &self,
        user: &User,
        password_hash: String,
    ) -> Result<Step, Error> {
        let token = Token::mint(Purpose::Unmarked)?;
        let created_at = self.clock.now();
        let expires_at = created_at.plus_seconds(CHALLENGE_SECONDS);
        let challenge = NewChallenge {
            token_hash: token.hash(),
            user_id: user.id,
            password_hash,
            created_at,
            expires_at,
        };
        let kept = self.store.create_challenge(challenge).await;
        kept.map_err(|error| self.overtaken(error))?;
        Ok(Step::FactorNeeded {
            challenge: token.into_text(),
            expires_at,
        })
    }
}
