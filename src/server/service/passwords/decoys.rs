//! What a password is checked against where there is no account, so that the answer takes as long as for a wrong one.
//!
//! How long that is depends on the recipe of the hash, and accounts have different ones: after the cost was raised, each
//! follows when its person comes in, and some never come. Whatever single recipe stood in for the unknown, the accounts with
//! another one would stand out. Nor can the difference be made up for: what is paid on top of a cheap hash takes the time of
//! a dear one only nearly, since memory and passes are not paid alike.
//!
//! So an unknown address has one of the recipes that accounts have, each as likely as an account has it: whoever measures
//! one has learnt nothing, for known and unknown are the same mixture. Which one, a secret of the database decides with the
//! address: the same on every instance and after each start, else asking twice would tell. As accounts follow a raised cost,
//! unknown addresses do too, each once and never back.

use std::sync::Arc;

use argon2::{Params, password_hash::phc::PasswordHash};
use parlance_core::domain::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::Passwords;
use crate::{
    port::{
        clock::Clock,
        store::{Recipes, Store},
    },
    service::Error,
};

/// How long the shares are good: counting looks at every account.
const FRESH_SECONDS: i64 = 60 * 60;

/// Salt and hash of nobody: a recipe with them is a PHC string that no password fits.
pub(super) const NOBODY: &str =
    "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The recipes of this database.
#[derive(Clone)]
pub struct Decoys {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    held: Arc<Mutex<Option<Held>>>,
}

struct Held {
    mixture: Mixture,
    since: Timestamp,
}

impl Decoys {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, passwords: Passwords) -> Self {
        Self {
            store,
            clock,
            passwords,
            held: Arc::default(),
        }
    }

    /// A PHC string that no password fits, for an address, whether or not somebody has it.
    ///
    /// # Errors
    /// Storage, as long as it was never read.
    pub async fn of(&self, email_key: &str) -> Result<String, Error> {
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        let is_fresh = held
            .as_ref()
            .is_some_and(|held| held.since <= now && now < held.since.plus_seconds(FRESH_SECONDS));
        if !is_fresh {
            match self.store.recipes().await {
                Ok(recipes) => {
                    *held = Some(Held {
                        mixture: Mixture::new(recipes),
                        since: now,
                    });
                }
                Err(error) if held.is_none() => return Err(error.into()),
                Err(error) => tracing::warn!(%error, "the recipes of password hashes are old ones"),
            }
        }
        let drawn = held.as_ref().and_then(|held| held.mixture.draw(email_key));
        Ok(drawn.unwrap_or_else(|| self.passwords.decoy()))
    }
}

/// Decoys, and how many accounts each stands for.
struct Mixture {
    secret: [u8; 32],
    /// The cheapest first: a dearer one that gains accounts takes addresses from cheaper ones, and gives none back.
    shares: Vec<(String, u64)>,
    total: u64,
}

impl Mixture {
    fn new(recipes: Recipes) -> Self {
        let mut shares: Vec<_> = recipes
            .shares
            .into_iter()
            .map(|(recipe, count)| (recipe + NOBODY, count))
            // What cannot be read as a hash cannot be waited for.
            .filter(|(decoy, _)| cost(decoy).is_some())
            .collect();
        shares.sort_by_cached_key(|(decoy, _)| (cost(decoy), decoy.clone()));
        Self {
            secret: recipes.secret,
            total: shares.iter().map(|(_, count)| count).sum(),
            shares,
        }
    }

    /// `None` where no account has a hash yet.
    fn draw(&self, email_key: &str) -> Option<String> {
        let mut digest = Sha256::new();
        digest.update(self.secret);
        digest.update(email_key);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest.finalize()[..8]);
        // Where the address lies between the first account and the last.
        let place = (u128::from(u64::from_be_bytes(bytes)) * u128::from(self.total)) >> 64;
        let mut before = 0;
        self.shares.iter().find_map(|(decoy, count)| {
            before += u128::from(*count);
            (place < before).then(|| decoy.clone())
        })
    }
}

/// What checking a hash costs, in KiB that are filled; `None` for what is no hash.
fn cost(hash: &str) -> Option<u64> {
    let params = Params::try_from(&PasswordHash::new(hash).ok()?).ok()?;
    Some(u64::from(params.m_cost()) * u64::from(params.t_cost()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config, service::passwords::Verdict};

    const OLD: &str = "$argon2id$v=19$m=19456,t=2,p=1";
    const NEW: &str = "$argon2id$v=19$m=19456,t=3,p=1";

    fn mixture(old: u64, new: u64) -> Mixture {
        Mixture::new(Recipes {
            secret: [7; 32],
            shares: vec![
                (NEW.to_owned(), new),
                (OLD.to_owned(), old),
                ("$2b$12$rubbish".to_owned(), 9),
            ],
        })
    }

    fn with_old(mixture: &Mixture) -> Vec<u32> {
        let of = |number: &u32| mixture.draw(&format!("nobody{number}@example.com"));
        (0..4_000)
            .filter(|number| of(number).unwrap().starts_with(OLD))
            .collect()
    }

    #[test]
    fn the_unknown_are_the_same_mixture_as_the_known() {
        for (old, new, expected) in [(1, 0, 4_000), (0, 5, 0), (30, 10, 3_000), (1, 3, 1_000)] {
            let found = with_old(&mixture(old, new)).len();
            assert!(found.abs_diff(expected) < 150, "{found} of {old} and {new}");
        }
        let none = Mixture::new(Recipes {
            secret: [7; 32],
            shares: Vec::new(),
        });
        assert!(none.draw("nobody@example.com").is_none());
    }

    #[test]
    fn an_address_follows_once_and_never_goes_back() {
        let mut before = with_old(&mixture(100, 0));
        for new in 1..=100 {
            let after = with_old(&mixture(100 - new, new));
            assert!(after.iter().all(|number| before.contains(number)), "{new}");
            before = after;
        }
    }

    #[tokio::test]
    async fn a_decoy_is_read_like_a_hash_and_fits_nothing() {
        let pepper = crate::port::keys::MasterKey::new([3; 32]);
        for pepper in [None, Some(pepper)] {
            let passwords = Passwords::new(&config::Passwords {
                pepper,
                ..config::Passwords::default()
            });
            let real = passwords.hash("correct horse 1".to_owned()).await.unwrap();
            let decoy = passwords.decoy();
            assert_eq!(real.len(), decoy.len());
            assert_eq!(NOBODY.len(), 67, "what the database leaves out of a recipe");
            assert_eq!(real[..real.len() - 67], decoy[..decoy.len() - 67]);
            for text in ["", "correct horse 1"] {
                let verdict = passwords.check(text.to_owned(), decoy.clone()).await;
                assert_eq!(verdict.unwrap(), Verdict::Wrong);
            }
        }
    }
}
