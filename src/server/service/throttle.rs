//! How often a password, a code or a link may be tried, before any of them costs a hash.
//!
//! Counts are kept for an account *at one place* (see [`Place`]), for an address, and for a place whatever the account.
//! A try is counted when it is let through, so that many at once get no more than many in turn; what succeeds is given
//! back. A refused one costs nothing: it makes no wait longer.
//!
//! Why no attack keeps an owner out. A wait belongs to an account and a place together: whoever guesses from elsewhere
//! waits there, and the right password from here is never asked to. When an account is guessed at from everywhere, which
//! only many places together can do, a place has one free try instead of five, and waits after it as it would after the
//! fifth: guessing gets slower, and the first try of a place that was quiet is let through as before. No wait is longer
//! than a quarter of an hour, and none is kept for longer than it lasts twice over. Accounts that do not exist are
//! counted as those that do, so the waits tell nothing.
//!
//! In memory, for this process: a restart forgives, and so does the least recent entry when there is no room for more.
//! Must not enter: what a try is about; an account is any text.

mod level;
mod place;
mod shelf;
pub(in crate::service) mod waits;

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlance_core::domain::{ProblemCode, Timestamp};

pub use place::Place;

use self::{level::Level, shelf::Shelf};
use super::{Client, Error};
use crate::{config::Tries, port::clock::Clock};

const MINUTE: Duration = Duration::from_secs(60);
/// After so long without a try an account is as if nobody had tried at that place.
const FORGOTTEN: Duration = Duration::from_secs(30 * 60);
/// Wrong tries of one account, from all places within an hour, from which on it counts as besieged.
const SIEGE: u32 = 100;
const SIEGE_WINDOW: Duration = Duration::from_secs(60 * 60);
/// Free tries of a place at a besieged account.
const FREE_BESIEGED: u32 = 1;

/// The counts. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Throttle {
    book: Arc<Mutex<Book>>,
    clock: Arc<dyn Clock>,
    free: Tries,
    /// Keeps account names out of memory, and their places in the tables unguessable.
    secret: RandomState,
}

#[derive(Default)]
struct Book {
    accounts: Shelf<(u64, Place), Tried>,
    besieged: Shelf<u64, Level>,
    addresses: Shelf<Place, Level>,
    places: Shelf<Place, Level>,
}

/// An account at one place.
#[derive(Clone, Copy)]
struct Tried {
    count: u32,
    /// Until then nothing more is let through.
    until: Timestamp,
    last: Timestamp,
}

impl Throttle {
    /// Nothing tried yet; `free` tells how much is free.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, free: Tries) -> Self {
        Self {
            book: Arc::default(),
            clock,
            free,
            secret: RandomState::new(),
        }
    }

    /// Lets a try through, or tells how long to wait. `account` is any text that stands for what is tried: a folded
    /// e-mail address, an id.
    ///
    /// # Errors
    /// `Later(RateLimited, wait)`.
    pub fn allow(&self, account: &str, client: &Client) -> Result<(), Error> {
        let now = self.clock.now();
        let (account, seat) = (self.secret.hash_one(account), Seat::of(client));
        let mut book = self.book();
        let address = book.addresses.get(&seat.address).copied();
        let place = book.places.get(&seat.place).copied();
        let tried = book.accounts.get(&(account, seat.place)).copied();
        let address = address
            .unwrap_or_default()
            .fill(now, self.free.address, MINUTE)?;
        let place = place
            .unwrap_or_default()
            .fill(now, self.free.subnet, MINUTE)?;
        let free = match book.besieged.get(&account) {
            Some(level) if level.is_full(now, SIEGE, SIEGE_WINDOW) => FREE_BESIEGED,
            _ => self.free.account,
        };
        let tried = tried.filter(|tried| !tried.is_forgotten(now));
        let tried = Tried::once_more(tried, now, free)?;
        book.addresses.put(now, seat.address, address);
        book.places.put(now, seat.place, place);
        book.accounts.put(now, (account, seat.place), tried);
        Ok(())
    }

    /// The try that was let through was wrong.
    pub fn failed(&self, account: &str) {
        let now = self.clock.now();
        let account = self.secret.hash_one(account);
        let mut book = self.book();
        let level = book.besieged.get(&account).copied().unwrap_or_default();
        // Full is full: what is beyond makes no siege longer.
        if let Ok(level) = level.fill(now, SIEGE, SIEGE_WINDOW) {
            book.besieged.put(now, account, level);
        }
    }

    /// The try that was let through was right: the place is as if nothing had been tried there, and the try does not
    /// count for the address either.
    pub fn succeeded(&self, account: &str, client: &Client) {
        let (account, seat) = (self.secret.hash_one(account), Seat::of(client));
        let mut book = self.book();
        book.accounts.remove(&(account, seat.place));
        if let Some(level) = book.addresses.get_mut(&seat.address) {
            level.give_back(self.free.address, MINUTE);
        }
        if let Some(level) = book.places.get_mut(&seat.place) {
            level.give_back(self.free.subnet, MINUTE);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a try comes from, narrow and wide.
struct Seat {
    address: Place,
    place: Place,
}

impl Seat {
    fn of(client: &Client) -> Self {
        Self {
            address: Place::of_one(client.address),
            place: Place::of_many(client.address),
        }
    }
}

impl Tried {
    fn is_forgotten(&self, now: Timestamp) -> bool {
        since(self.last, now) >= FORGOTTEN
    }

    fn once_more(before: Option<Self>, now: Timestamp, free: u32) -> Result<Self, Error> {
        let wait = before.map_or(Duration::ZERO, |before| since(now, before.until));
        // What lies further ahead than any wait does was noted before the clock was set back.
        if !wait.is_zero() && wait <= waits::LONGEST {
            return Err(later(wait));
        }
        let count = before.map_or(0, |before| before.count).saturating_add(1);
        Ok(Self {
            count,
            until: after(now, waits::after(count, free)),
            last: now,
        })
    }
}

impl shelf::Passing for Tried {
    fn means_nothing_after(&self) -> Timestamp {
        after(self.last, FORGOTTEN)
    }
}

fn later(wait: Duration) -> Error {
    Error::Later(ProblemCode::RateLimited, wait)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn after(moment: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(moment.0.saturating_add(micros(duration)))
}

/// From one moment to a later one; nothing if it is not later.
fn since(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(later.0.saturating_sub(earlier.0)).unwrap_or_default())
}

#[cfg(test)]
mod tests;
