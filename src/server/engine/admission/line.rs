//! The book that admission keeps: who runs, who waits, whose turn it is. No lock, no time, no task.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use parlance_core::domain::UserId;
use tokio::sync::watch;

use super::{Full, Limits};

/// How long a reply takes, for guesses.
const TYPICAL: Duration = Duration::from_secs(10);
/// Longest guess.
const LONGEST: Duration = Duration::from_secs(60);
/// Permits of the lower class that one person may have.
const SIDES_PER_USER: usize = 2;

pub(super) struct Line {
    limits: Limits,
    /// Permits in use, of both classes.
    running: usize,
    /// The same by provider.
    by_provider: HashMap<Arc<str>, usize>,
    /// Replies that run, by person.
    by_user: HashMap<UserId, usize>,
    sides: Vec<Side>,
    /// Who waits; nobody's line is empty.
    people: HashMap<UserId, VecDeque<Waiting>>,
    /// Whose turn it is: the people who wait, the next at the front.
    turns: VecDeque<UserId>,
    waiting: usize,
    served_last: Option<UserId>,
    last_id: u64,
}

struct Waiting {
    id: u64,
    provider: Arc<str>,
    position: watch::Sender<u32>,
}

struct Side {
    id: u64,
    user: UserId,
    provider: Arc<str>,
    wanted_back: watch::Sender<bool>,
}

impl Line {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            running: 0,
            by_provider: HashMap::new(),
            by_user: HashMap::new(),
            sides: Vec::new(),
            people: HashMap::new(),
            turns: VecDeque::new(),
            waiting: 0,
            served_last: None,
            last_id: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    #[cfg(test)]
    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// Admits, or takes into the line.
    pub(super) fn join(
        &mut self,
        user: UserId,
        provider: &Arc<str>,
    ) -> Result<(u64, watch::Receiver<u32>), Full> {
        // Nobody in the line could run now, else they would: nobody is passed.
        if self.running < self.limits.global
            && self.has_room_for(user)
            && self.has_room_at(provider)
        {
            self.begin(user, provider);
            return Ok((self.new_id(), watch::channel(0).1));
        }
        let own = self.people.get(&user).map_or(0, VecDeque::len);
        if own >= self.limits.queue_per_user {
            return Err(guess(own, self.limits.per_user));
        }
        if self.waiting >= self.limits.queue {
            return Err(guess(self.waiting, self.limits.global));
        }
        let id = self.new_id();
        let position = watch::Sender::new(u32::MAX);
        let seen = position.subscribe();
        if own == 0 {
            // At the back, but before whoever was served last: else a person who sends much would always have the
            // next turn when somebody comes.
            let before_last =
                self.served_last.is_some() && self.turns.back().copied() == self.served_last;
            self.turns
                .insert(self.turns.len() - usize::from(before_last), user);
        }
        self.people.entry(user).or_default().push_back(Waiting {
            id,
            provider: Arc::clone(provider),
            position,
        });
        self.waiting += 1;
        self.want_back();
        self.number();
        Ok((id, seen))
    }

    /// A permit of the lower class, or `None`.
    pub(super) fn slip_in(
        &mut self,
        user: UserId,
        provider: &Arc<str>,
    ) -> Option<(u64, watch::Receiver<bool>)> {
        let waiting_here = self
            .people
            .values()
            .flatten()
            .filter(|waiting| waiting.provider == *provider)
            .count();
        let own = self.sides.iter().filter(|side| side.user == user).count();
        if self.running + self.waiting >= self.limits.global
            || self.at(provider) + waiting_here >= self.limits.per_provider
            || own >= SIDES_PER_USER
        {
            return None;
        }
        self.running += 1;
        *self.by_provider.entry(Arc::clone(provider)).or_default() += 1;
        let id = self.new_id();
        let (wanted_back, seen) = watch::channel(false);
        self.sides.push(Side {
            id,
            user,
            provider: Arc::clone(provider),
            wanted_back,
        });
        Some((id, seen))
    }

    /// The end of a ticket, wherever it stands.
    pub(super) fn leave(&mut self, id: u64, user: UserId, provider: &Arc<str>) {
        let place = self
            .people
            .get(&user)
            .and_then(|own| own.iter().position(|waiting| waiting.id == id));
        if let Some(place) = place {
            self.take_out(user, place);
        } else {
            self.running = self.running.saturating_sub(1);
            count_down(&mut self.by_user, &user);
            count_down(&mut self.by_provider, provider);
        }
        self.serve();
    }

    /// The end of a permit of the lower class.
    pub(super) fn give_back(&mut self, id: u64) {
        if let Some(place) = self.sides.iter().position(|side| side.id == id) {
            let side = self.sides.swap_remove(place);
            self.running = self.running.saturating_sub(1);
            count_down(&mut self.by_provider, &side.provider);
        }
        self.serve();
    }

    /// Admits all who can be.
    fn serve(&mut self) {
        while let Some((user, place)) = self.next() {
            self.turns.retain(|waiting| *waiting != user);
            if let Some(waiting) = self.take_out(user, place) {
                self.begin(user, &waiting.provider);
                waiting.position.send_replace(0);
            }
            if self.people.contains_key(&user) {
                self.turns.push_back(user);
            }
        }
        self.want_back();
        self.number();
    }

    /// Who is next of those who can run: a person or a provider at its limit holds up nobody else.
    fn next(&self) -> Option<(UserId, usize)> {
        if self.running >= self.limits.global {
            return None;
        }
        self.turns
            .iter()
            .filter(|user| self.has_room_for(**user))
            .find_map(|user| {
                let mut own = self.people.get(user)?.iter();
                let place = own.position(|waiting| self.has_room_at(&waiting.provider))?;
                Some((*user, place))
            })
    }

    fn begin(&mut self, user: UserId, provider: &Arc<str>) {
        self.running += 1;
        *self.by_user.entry(user).or_default() += 1;
        *self.by_provider.entry(Arc::clone(provider)).or_default() += 1;
        self.served_last = Some(user);
    }

    fn take_out(&mut self, user: UserId, place: usize) -> Option<Waiting> {
        let own = self.people.get_mut(&user)?;
        let waiting = own.remove(place)?;
        if own.is_empty() {
            self.people.remove(&user);
            self.turns.retain(|waiting| *waiting != user);
        }
        self.waiting -= 1;
        Some(waiting)
    }

    /// Asks for permits of the lower class back, one for each person whose reply could run in its stead.
    fn want_back(&self) {
        let is_wanted = |side: &Side| *side.wanted_back.borrow();
        let asked = self.sides.iter().filter(|side| is_wanted(side)).count();
        if asked == self.sides.len() {
            return;
        }
        let is_full = self.running >= self.limits.global;
        let held_up = self
            .turns
            .iter()
            .filter(|user| self.has_room_for(**user))
            .filter_map(|user| self.people.get(user)?.front());
        for waiting in held_up.skip(asked) {
            let side = self
                .sides
                .iter()
                .find(|side| !is_wanted(side) && (is_full || side.provider == waiting.provider));
            if let Some(side) = side {
                side.wanted_back.send_replace(true);
            }
        }
    }

    /// Tells everybody in the line where they stand, as if each turn were served in order.
    fn number(&self) {
        let mut lines: Vec<_> = self
            .turns
            .iter()
            .filter_map(|user| self.people.get(user))
            .map(VecDeque::iter)
            .collect();
        let mut place = 0;
        while !lines.is_empty() {
            lines.retain_mut(|line| {
                let Some(waiting) = line.next() else {
                    return false;
                };
                place += 1;
                waiting.position.send_if_modified(|position| {
                    let moved = *position != place;
                    *position = place;
                    moved
                });
                true
            });
        }
    }

    fn has_room_for(&self, user: UserId) -> bool {
        self.by_user.get(&user).copied().unwrap_or(0) < self.limits.per_user
    }

    fn has_room_at(&self, provider: &Arc<str>) -> bool {
        self.at(provider) < self.limits.per_provider
    }

    fn at(&self, provider: &Arc<str>) -> usize {
        self.by_provider.get(provider).copied().unwrap_or(0)
    }

    fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

/// Counts down and forgets what nothing is left of, so that the books do not grow with all who ever came.
fn count_down<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

fn guess(ahead: usize, at_once: usize) -> Full {
    let rounds = u32::try_from(ahead / at_once.max(1) + 1).unwrap_or(u32::MAX);
    Full {
        retry_after: TYPICAL.saturating_mul(rounds).min(LONGEST),
    }
}
