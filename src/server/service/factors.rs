//! The second factor: codes of an authenticator app (TOTP, RFC 6238), and backup codes for the day it is lost.
//!
//! [`Factors`] is what signing in asks; [`SecondFactor`] holds the verbs of the person who sets it up. Sign-in needs the
//! first, and the second needs sign-in's password check, hence two.
//! Must not enter: challenges and sessions (accounts), sealing (vault).

mod backup;
mod code;
mod verbs;

use std::{sync::Arc, time::Duration};

pub use parlance_core::domain::{Enrolment, FactorState};
use parlance_core::domain::{ProblemCode, Timestamp, UserId};
use uuid::Uuid;

pub use code::qr;
pub use verbs::{Enrolled, SecondFactor};

use self::code::{Given, Secret};
use super::{
    Client, Error,
    audit::{Audit, Entry, Kind},
    throttle::waits,
    vault::{About, Sealed, Vault},
};
use crate::port::{
    clock::Clock,
    store::{Factor, Store},
};

/// Wrong codes of the app in a row that cost nothing but the try.
const FREE_TRIES: u32 = 5;
/// How often a count that others change at the same time is read again.
const RACES: usize = 8;

/// Asks for codes.
#[derive(Clone)]
pub struct Factors {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    vault: Vault,
    audit: Audit,
}

impl Factors {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, vault: Vault, audit: Audit) -> Self {
        Self {
            store,
            clock,
            vault,
            audit,
        }
    }

    /// Whether this person's sign-in needs a code.
    ///
    /// # Errors
    /// Storage only.
    pub async fn is_on(&self, user: UserId) -> Result<bool, Error> {
        let factor = self.store.factor(user).await?;
        Ok(factor.is_some_and(|factor| factor.enrolled_at.is_some()))
    }

    /// Refuses a code that would have to wait, whether or not it is good. Counts nothing.
    ///
    /// # Errors
    /// `Later(RateLimited)`.
    pub async fn patience(&self, user: UserId, code: &str, client: &Client) -> Result<(), Error> {
        let Some(Given::App(_)) = Given::read(code) else {
            return Ok(());
        };
        let factor = self.store.factor(user).await?;
        let wait = factor.and_then(|factor| wait(&factor, self.clock.now()));
        self.audit.limited(in_time(wait), client).await
    }

    /// Whether `code` is good: of the app, for a time step that was not used yet, or a backup code. It is used up. A wrong
    /// one is an entry of the audit log. `false` too where no factor is on.
    ///
    /// Backup codes never wait, nor do they count: they are too long to be guessed, and they are what is left to an owner
    /// whose app codes somebody else keeps waiting.
    ///
    /// # Errors
    /// `Later(RateLimited)` after five wrong ones of the app, for longer and longer.
    pub async fn check(&self, user: UserId, code: &str, client: &Client) -> Result<bool, Error> {
        match self.store.factor(user).await? {
            Some(factor) if factor.enrolled_at.is_some() => {
                self.check_against(user, factor, code, client).await
            }
            _ => Ok(false),
        }
    }

    async fn check_against(
        &self,
        user: UserId,
        factor: Factor,
        code: &str,
        client: &Client,
    ) -> Result<bool, Error> {
        let is_good = match Given::read(code) {
            Some(Given::App(code)) => {
                let taken = self.take_try(user, factor).await;
                let factor = self.audit.limited(taken, client).await?;
                match self.step(user, &factor, &code).await? {
                    Some(step) => self.store.use_step(user, factor.id, step).await?,
                    None => false,
                }
            }
            Some(Given::Backup(code)) => {
                let hash = backup::hash(user, &code);
                self.store.use_backup_code(user, factor.id, &hash).await?
            }
            None => false,
        };
        if !is_good {
            let entry = Entry::new(Kind::FactorFailed).by(user).from(client);
            self.audit.record(entry).await;
        }
        Ok(is_good)
    }

    /// Counts a try before it is made: a thousand at the same moment are a thousand tries.
    async fn take_try(&self, user: UserId, mut factor: Factor) -> Result<Factor, Error> {
        for _ in 0..RACES {
            let now = self.clock.now();
            in_time(wait(&factor, now))?;
            if self
                .store
                .take_try(user, factor.id, factor.tries, now)
                .await?
            {
                return Ok(factor);
            }
            factor = self.store.factor(user).await?.ok_or(Error::NotFound)?;
        }
        Err(later(Duration::from_secs(1)))
    }

    /// The time step that this code belongs to, if it is one of now or beside it, and newer than the last one used.
    async fn step(&self, user: UserId, factor: &Factor, code: &str) -> Result<Option<u64>, Error> {
        let sealed = Sealed(factor.sealed.clone());
        let secret = Secret(self.vault.open(about(user, factor.id), &sealed).await?);
        let step = secret.step_of(code, self.clock.now())?;
        Ok(step.filter(|step| *step > factor.last_step))
    }
}

/// What a factor's secret is sealed for.
fn about(user: UserId, factor: Uuid) -> About<'static> {
    About {
        table: "factors.secret",
        row: factor,
        user,
        origin: "",
    }
}

/// How long the next code of the app has to wait.
fn wait(factor: &Factor, now: Timestamp) -> Option<Duration> {
    let wait = waits::after(factor.tries, FREE_TRIES);
    let until = factor
        .tried_at?
        .plus_seconds(i64::try_from(wait.as_secs()).ok()?);
    let left = u64::try_from(until.0.saturating_sub(now.0)).ok()?;
    (left > 0).then(|| Duration::from_micros(left))
}

fn in_time(wait: Option<Duration>) -> Result<(), Error> {
    wait.map_or(Ok(()), |wait| Err(later(wait)))
}

fn later(wait: Duration) -> Error {
    Error::Later(ProblemCode::RateLimited, wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_by_itself() {
        let factor = Factor {
            id: Uuid::nil(),
            sealed: Vec::new(),
            last_step: 0,
            tries: 5,
            tried_at: Some(Timestamp(0)),
            created_at: Timestamp(0),
            enrolled_at: Some(Timestamp(0)),
        };
        let left = |now| wait(&factor, Timestamp(now)).map(|wait| wait.as_secs());
        assert_eq!(
            [0, 29_000_000, 30_000_000].map(left),
            [Some(30), Some(1), None]
        );
    }
}
