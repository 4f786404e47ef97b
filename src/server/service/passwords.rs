//! Passwords: argon2id in a bounded pool.
//!
//! Hashing is meant to be slow (about 50 ms of one core), so it runs on few threads at once: a flood
//! of sign-ins must not stall the replies that are being streamed.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use parlance_core::domain::ProblemCode;
use tokio::sync::Semaphore;

use super::Error;

/// OWASP's floor for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Passwords that may be under way for each that is hashed: a few seconds of work. Who comes to a longer line is sent away
/// at once, or a flood from many places would have everybody wait for minutes.
const LINE: usize = 128;
const COME_BACK: Duration = Duration::from_secs(1);

/// Passwords that many people use or that are known from breaches, of at least eight characters, in lower case: see
/// `passwords/common.md`.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("passwords/common.txt").lines().collect());

/// Whether a guesser would come to this password soon, whatever the case of its letters.
#[must_use]
pub fn is_common(password: &str) -> bool {
    COMMON.contains(password.to_lowercase().as_str())
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Those who wait, and those whose turn it is.
    line: Arc<Semaphore>,
    argon2: Argon2<'static>,
    /// Checked when there is no account, so that the answer takes as long as for a wrong password.
    decoy: Arc<tokio::sync::OnceCell<String>>,
}

/// What checking a password found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with weaker parameters than today's.
    RightButWeak,
}

impl Passwords {
    /// With one thread for every two cores, at least one.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let permits = (cores / 2).max(1);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
        Self {
            permits: Arc::new(Semaphore::new(permits)),
            line: Arc::new(Semaphore::new(permits * LINE)),
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            decoy: Arc::default(),
        }
    }

    /// A PHC string of `password` with a fresh salt.
    ///
    /// # Errors
    /// `Later(RateLimited)` when too many wait; `Internal` when hashing fails or the thread dies.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        let argon2 = self.argon2.clone();
        self.in_pool(move || {
            argon2
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| Error::Internal(format!("hashing: {error}")))
        })
        .await?
    }

    /// Checks `password` against a PHC string.
    ///
    /// # Errors
    /// `Later(RateLimited)` when too many wait; `Internal` when the stored hash cannot be read.
    pub async fn check(&self, password: String, hash: String) -> Result<Verdict, Error> {
        let argon2 = self.argon2.clone();
        self.in_pool(move || {
            let stored = PasswordHash::new(&hash)
                .map_err(|error| Error::Internal(format!("stored password hash: {error}")))?;
            if argon2
                .verify_password(password.as_bytes(), &stored)
                .is_err()
            {
                return Ok(Verdict::Wrong);
            }
            let weak = Params::try_from(&stored).map_or(true, |params| {
                params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES || params.p_cost() < LANES
            });
            Ok(if weak {
                Verdict::RightButWeak
            } else {
                Verdict::Right
            })
        })
        .await?
    }

    /// Takes as long as [`Self::check`] and finds nothing.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub async fn check_nobody(&self, password: String) -> Result<(), Error> {
        let decoy = self
            .decoy
            .get_or_try_init(|| self.hash("nobody has this password".to_owned()))
            .await?;
        self.check(password, decoy.clone()).await.map(|_| ())
    }

    async fn in_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let place = self
            .line
            .clone()
            .try_acquire_owned()
            .map_err(|_| Error::Later(ProblemCode::RateLimited, COME_BACK))?;
        let permit = self
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Error::Refused(ProblemCode::Draining))?;
        tokio::task::spawn_blocking(move || {
            let _held = (permit, place);
            work()
        })
        .await
        .map_err(|error| Error::Internal(format!("hashing thread: {error}")))
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_that_is_too_long_sends_the_next_away_and_empties() {
        let passwords = Passwords::new();
        let crowd = passwords.line.available_permits() + 1;
        let running = passwords
            .permits
            .clone()
            .acquire_many_owned(u32::try_from(passwords.permits.available_permits()).unwrap());
        let running = running.await.unwrap();
        let mut waiting: Vec<_> = (0..crowd)
            .map(|_| Box::pin(passwords.in_pool(|| ())))
            .collect();
        let mut refused = 0;
        for one in &mut waiting {
            if let Some(outcome) = futures::FutureExt::now_or_never(one.as_mut()) {
                assert!(matches!(
                    outcome,
                    Err(Error::Later(ProblemCode::RateLimited, _))
                ));
                refused += 1;
            }
        }
        assert_eq!(refused, 1);
        drop(waiting);
        drop(running);
        assert!(passwords.in_pool(|| ()).await.is_ok());
    }

    #[tokio::test]
    async fn knows_right_from_wrong_and_strong_from_weak() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse 1".to_owned()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let check = |text: &str, hash: &str| passwords.check(text.to_owned(), hash.to_owned());
        assert_eq!(
            check("correct horse 1", &hash).await.unwrap(),
            Verdict::Right
        );
        assert_eq!(
            check("correct horse 2", &hash).await.unwrap(),
            Verdict::Wrong
        );

        let thrifty = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let weak = thrifty
            .hash_password(b"correct horse 1")
            .unwrap()
            .to_string();
        assert_eq!(
            check("correct horse 1", &weak).await.unwrap(),
            Verdict::RightButWeak
        );
    }
}
