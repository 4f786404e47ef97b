//! Passwords: argon2id in a bounded pool.
//!
//! Hashing is meant to be slow (about 50 ms of one core), so it runs on few threads at once: a flood
//! of sign-ins must not stall the replies that are being streamed.
//!
//! A hash says what it was made with: memory, passes, and which pepper, by a name that tells nothing about it (`keyid`
//! in the PHC string). So settings may change, and each hash follows when its password is typed.

mod decoys;

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, KeyId, Params, ParamsBuilder, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use parlance_core::domain::ProblemCode;
use secrecy::{ExposeSecret, SecretSlice};
use tokio::sync::Semaphore;

pub use self::decoys::Decoys;
use super::Error;
use crate::config;

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
    recipe: Arc<Recipe>,
}

/// How a hash is made today.
struct Recipe {
    /// With the name of the pepper, if there is one.
    params: Params,
    pepper: Option<SecretSlice<u8>>,
}

impl Recipe {
    fn new(config: &config::Passwords) -> Self {
        let mut params = ParamsBuilder::new();
        params
            .m_cost(config.memory_kib)
            .t_cost(config.passes)
            .p_cost(LANES);
        let pepper = config.pepper.as_ref();
        if let Some(name) = pepper.and_then(|pepper| KeyId::new(&pepper.fingerprint.0).ok()) {
            params.keyid(name);
        }
        Self {
            params: params
                .build()
                .expect("the configuration keeps to what argon2 can do"),
            pepper: pepper.map(|pepper| pepper.bytes.clone()),
        }
    }

    /// The function that made hashes with the pepper of this name.
    fn argon2(&self, name: &[u8]) -> Argon2<'_> {
        let (kind, version) = (Algorithm::Argon2id, Version::V0x13);
        let params = self.params.clone();
        match &self.pepper {
            Some(pepper) if name == self.params.keyid() => {
                Argon2::new_with_secret(pepper.expose_secret(), kind, version, params)
                    .expect("a pepper has 32 bytes")
            }
            _ => Argon2::new(kind, version, params),
        }
    }

    fn hash(&self, password: &str) -> Result<String, Error> {
        self.argon2(self.params.keyid())
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| Error::Internal(format!("hashing: {error}")))
    }

    /// What stands before salt and hash.
    fn phc(&self) -> String {
        let Self { params, .. } = self;
        let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
        let keyid = match params.keyid() {
            [] => String::new(),
            name => format!(",keyid={}", STANDARD_NO_PAD.encode(name)),
        };
        format!("$argon2id$v=19$m={memory},t={passes},p={lanes}{keyid}")
    }

    fn check(&self, password: &str, hash: &str) -> Result<Verdict, Error> {
        let unread = |error| Error::Internal(format!("stored password hash: {error}"));
        let stored = PasswordHash::new(hash).map_err(|error| unread(error.into()))?;
        let params = Params::try_from(&stored).map_err(unread)?;
        let argon2 = self.argon2(params.keyid());
        let is_right = argon2.verify_password(password.as_bytes(), &stored).is_ok();
        let is_foreign = !params.keyid().is_empty() && params.keyid() != self.params.keyid();
        if is_foreign {
            tracing::error!(
                "a password was hashed with another pepper: it cannot be checked, only reset"
            );
        }
        Ok(if !is_right || is_foreign {
            Verdict::Wrong
        } else if params.m_cost() < self.params.m_cost()
            || params.t_cost() < self.params.t_cost()
            || params.p_cost() < self.params.p_cost()
            || params.keyid() != self.params.keyid()
        {
            Verdict::RightButWeak
        } else {
            Verdict::Right
        })
    }
}

/// What checking a password found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with weaker parameters than today's, or without the pepper.
    RightButWeak,
}

impl Passwords {
    /// With one thread for every two cores, at least one.
    #[must_use]
    pub fn new(config: &config::Passwords) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let permits = (cores / 2).max(1);
        Self {
            permits: Arc::new(Semaphore::new(permits)),
            line: Arc::new(Semaphore::new(permits * LINE)),
            recipe: Arc::new(Recipe::new(config)),
        }
    }

    /// A PHC string of `password` with a fresh salt.
    ///
    /// # Errors
    /// `Later(RateLimited)` when too many wait; `Internal` when hashing fails or the thread dies.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        let recipe = self.recipe.clone();
        self.in_pool(move || recipe.hash(&password)).await?
    }

    /// Checks `password` against a PHC string.
    ///
    /// # Errors
    /// `Later(RateLimited)` when too many wait; `Internal` when the stored hash cannot be read.
    pub async fn check(&self, password: String, hash: String) -> Result<Verdict, Error> {
        let recipe = self.recipe.clone();
        self.in_pool(move || recipe.check(&password, &hash)).await?
    }

    /// A PHC string of today's recipe that no password fits.
    #[must_use]
    pub fn decoy(&self) -> String {
        self.recipe.phc() + decoys::NOBODY
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_that_is_too_long_sends_the_next_away_and_empties() {
        let passwords = Passwords::new(&config::Passwords::default());
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
        let passwords = Passwords::new(&config::Passwords::default());
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

    fn peppered(byte: u8) -> config::Passwords {
        config::Passwords {
            pepper: Some(crate::port::keys::MasterKey::new([byte; 32])),
            ..config::Passwords::default()
        }
    }

    #[test]
    fn a_pepper_goes_into_new_hashes_and_old_ones_follow() {
        let plain = Recipe::new(&config::Passwords::default());
        let with = Recipe::new(&peppered(1));
        let old = plain.hash("correct horse 1").unwrap();
        let check = |recipe: &Recipe, hash: &str| recipe.check("correct horse 1", hash).unwrap();
        assert_eq!(check(&with, &old), Verdict::RightButWeak);
        assert_eq!(with.check("another 1", &old).unwrap(), Verdict::Wrong);
        let new = with.hash("correct horse 1").unwrap();
        assert!(new.contains(",keyid="), "{new}");
        assert_eq!(check(&with, &new), Verdict::Right);
        assert_eq!(with.check("another 1", &new).unwrap(), Verdict::Wrong);
        // To whoever has the database alone the right password looks wrong, under whatever name.
        let bare = new.replace(
            new.split(",keyid=")
                .nth(1)
                .unwrap()
                .split('$')
                .next()
                .unwrap(),
            "",
        );
        assert_eq!(check(&plain, &bare.replace(",keyid=", "")), Verdict::Wrong);
        assert_eq!(check(&plain, &new), Verdict::Wrong);
        assert_eq!(check(&Recipe::new(&peppered(2)), &new), Verdict::Wrong);
    }

    #[test]
    fn a_dearer_recipe_makes_old_hashes_weak_and_a_cheaper_one_none() {
        let floor = config::Passwords::default();
        let dearer = config::Passwords {
            passes: floor.passes + 1,
            ..floor.clone()
        };
        let (floor, dearer) = (Recipe::new(&floor), Recipe::new(&dearer));
        let old = floor.hash("correct horse 1").unwrap();
        let new = dearer.hash("correct horse 1").unwrap();
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{new}");
        let check = |recipe: &Recipe, hash: &str| recipe.check("correct horse 1", hash).unwrap();
        assert_eq!(check(&dearer, &old), Verdict::RightButWeak);
        assert_eq!(check(&dearer, &new), Verdict::Right);
        assert_eq!(check(&floor, &new), Verdict::Right);
    }
}
