//! Fairness, limits under disorder, and permits that come back.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use uuid::Uuid;

use super::*;

const LIMITS: Limits = Limits {
    global: 10,
    per_provider: 10,
    per_user: 2,
    queue: 1_000,
    queue_per_user: 100,
};

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn place(ticket: &Ticket) -> u32 {
    *ticket.position().borrow()
}

#[test]
fn a_second_person_waits_at_most_for_one_reply_of_a_hog() {
    for (global, per_user) in [(1, 1), (1, 2), (2, 2)] {
        let admission = Admission::new(Limits {
            global,
            per_user,
            ..LIMITS
        });
        let mut hog: Vec<Ticket> = (0..100)
            .map(|_| admission.ask(user(1), "p").expect("a place"))
            .collect();
        let other = admission.ask(user(2), "p").expect("a place");
        assert!(!other.is_admitted());
        assert_eq!(place(&other), 1);
        hog.remove(0);
        assert!(other.is_admitted(), "{global}");
    }
}

#[test]
fn people_are_served_in_turn_and_each_in_her_order() {
    let admission = Admission::new(Limits {
        global: 1,
        ..LIMITS
    });
    let running = admission.ask(user(9), "p").expect("a place");
    let line: Vec<(u128, Ticket)> = [1, 1, 1, 2, 2, 3]
        .map(|who| (who, admission.ask(user(who), "p").expect("a place")))
        .into();
    let places: Vec<u32> = line.iter().map(|(_, ticket)| place(ticket)).collect();
    assert_eq!(places, [1, 4, 6, 2, 5, 3]);
    let mut line = line;
    let mut served = Vec::new();
    drop(running);
    while !line.is_empty() {
        let at = line
            .iter()
            .position(|(_, ticket)| ticket.is_admitted())
            .expect("somebody is always served");
        served.push(line.remove(at).0);
    }
    assert_eq!(served, [1, 2, 3, 1, 2, 1]);
}

#[test]
fn neither_a_person_nor_a_provider_at_its_limit_holds_up_others() {
    let admission = Admission::new(Limits {
        global: 4,
        per_provider: 2,
        ..LIMITS
    });
    let _slow = [1, 2].map(|who| admission.ask(user(who), "slow").expect("a place"));
    let held = admission.ask(user(1), "slow").expect("a place");
    assert!(!held.is_admitted());
    let mut quick = admission.ask(user(1), "quick").expect("a place");
    assert!(quick.is_admitted(), "another provider");
    let own = admission.ask(user(1), "quick").expect("a place");
    assert!(!own.is_admitted(), "two of her own run");
    assert!(
        admission
            .ask(user(3), "quick")
            .expect("a place")
            .is_admitted()
    );
    quick = admission.ask(user(4), "quick").expect("a place");
    assert!(quick.is_admitted() && own.is_admitted());
}

#[test]
fn a_full_line_says_when_to_come_back() {
    let admission = Admission::new(Limits {
        global: 1,
        queue: 3,
        queue_per_user: 2,
        ..LIMITS
    });
    let ask = |who| admission.ask(user(who), "p");
    let _kept = [ask(1), ask(1), ask(1), ask(2)].map(|place| place.ok());
    assert!(ask(1).is_err_and(|full| full.retry_after >= Duration::from_secs(10)));
    let full = ask(3).err().expect("three wait");
    assert_eq!(full.retry_after, Duration::from_secs(40));
    assert_eq!((admission.running(), admission.waiting()), (1, 3));
}

#[tokio::test]
async fn waiting_is_told_every_step_and_may_be_given_up_and_taken_up() {
    let admission = Admission::new(Limits {
        global: 1,
        ..LIMITS
    });
    let first = admission.ask(user(1), "p").expect("a place");
    let second = admission.ask(user(2), "p").expect("a place");
    let mut third = admission.ask(user(3), "p").expect("a place");
    let mut position = third.position();
    assert_eq!(*position.borrow_and_update(), 2);
    drop(second);
    position.changed().await.expect("the ticket lives");
    assert_eq!(*position.borrow_and_update(), 1);
    let soon = tokio::time::timeout(Duration::from_millis(5), third.admitted()).await;
    assert!(soon.is_err());
    drop(first);
    third.admitted().await;
    assert!(third.is_admitted());
    assert_eq!(*position.borrow_and_update(), 0);
}

#[tokio::test]
async fn side_work_takes_only_what_nobody_needs_and_gives_way() {
    let admission = Admission::new(Limits {
        global: 2,
        per_user: 2,
        ..LIMITS
    });
    let reply = admission.ask(user(1), "p").expect("a place");
    let mut title = admission.ask_side(user(1), "p").expect("one is free");
    assert_eq!(admission.running(), 2);
    assert!(admission.ask_side(user(2), "p").is_none());
    let mut second = admission.ask(user(1), "p").expect("a place");
    assert!(!second.is_admitted());
    title.wanted_back().await;
    drop(title);
    second.admitted().await;
    let third = admission.ask(user(3), "p").expect("a place");
    drop(second);
    assert!(third.is_admitted());
    drop(reply);
    let waiting: Vec<_> = (0..2).map(|_| admission.ask(user(4), "p")).collect();
    assert!(admission.ask_side(user(5), "p").is_none(), "one waits");
    drop((waiting, third));
    assert_eq!(admission.running(), 0);
}

/// A small generator (Marsaglia, "Xorshift RNGs", 2003): the same seed, the same story.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("it fits")
    }
}

/// Checks all that must hold at any moment.
fn check(admission: &Admission, limits: Limits, tickets: &[Ticket], sides: &[(usize, Permit)]) {
    let mut users: HashMap<UserId, usize> = HashMap::new();
    let mut providers: HashMap<&str, usize> = HashMap::new();
    for ticket in tickets.iter().filter(|ticket| ticket.is_admitted()) {
        *users.entry(ticket.user).or_default() += 1;
        *providers.entry(&*ticket.provider).or_default() += 1;
    }
    let running: usize = users.values().sum::<usize>() + sides.len();
    for (provider, _) in sides {
        *providers.entry(PROVIDERS[*provider]).or_default() += 1;
    }
    assert_eq!(running, admission.running());
    assert!(running <= limits.global);
    assert!(users.values().all(|count| *count <= limits.per_user));
    assert!(
        providers
            .values()
            .all(|count| *count <= limits.per_provider)
    );
    let waiting: Vec<&Ticket> = tickets
        .iter()
        .filter(|ticket| !ticket.is_admitted())
        .collect();
    assert_eq!(waiting.len(), admission.waiting());
    for ticket in &waiting {
        let held = running >= limits.global
            || users.get(&ticket.user).copied().unwrap_or(0) >= limits.per_user
            || providers.get(&*ticket.provider).copied().unwrap_or(0) >= limits.per_provider;
        assert!(held, "somebody waits though nothing stands against it");
    }
    let mut places: Vec<usize> = waiting
        .iter()
        .map(|ticket| place(ticket) as usize)
        .collect();
    places.sort_unstable();
    assert!(places.into_iter().eq(1..=waiting.len()));
}

const PROVIDERS: [&str; 3] = ["a", "b", "c"];

#[test]
fn limits_hold_and_permits_come_back_whatever_happens() {
    for seed in 1..=8 {
        let limits = Limits {
            global: 6,
            per_provider: 3,
            per_user: 2,
            queue: 30,
            queue_per_user: 7,
        };
        let admission = Admission::new(limits);
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ seed);
        let (mut tickets, mut sides, mut refused) = (Vec::new(), Vec::new(), 0);
        for _ in 0..10_000 {
            let who = user(dice.below(7) as u128);
            let provider = dice.below(PROVIDERS.len());
            match dice.below(10) {
                0..5 => match admission.ask(who, PROVIDERS[provider]) {
                    Ok(ticket) => tickets.push(ticket),
                    Err(_) => refused += 1,
                },
                5 => sides.extend(
                    admission
                        .ask_side(who, PROVIDERS[provider])
                        .map(|permit| (provider, permit)),
                ),
                6 if !sides.is_empty() => {
                    sides.swap_remove(dice.below(sides.len()));
                }
                7 if !tickets.is_empty() => {
                    let held: Ticket = tickets.swap_remove(dice.below(tickets.len()));
                    // As a task does that dies with its ticket.
                    let died = catch_unwind(AssertUnwindSafe(move || {
                        let _held = held;
                        resume_unwind(Box::new("a fault"))
                    }));
                    assert!(died.is_err());
                }
                _ if !tickets.is_empty() => {
                    tickets.swap_remove(dice.below(tickets.len()));
                }
                _ => {}
            }
            check(&admission, limits, &tickets, &sides);
        }
        assert!(refused > 0, "the line was never full");
        drop((tickets, sides));
        assert_eq!((admission.running(), admission.waiting()), (0, 0));
        let again: Vec<Ticket> = (100..100 + limits.global)
            .map(|who| {
                let provider = PROVIDERS[who % PROVIDERS.len()];
                admission.ask(user(who as u128), provider).expect("a place")
            })
            .collect();
        assert!(again.iter().all(Ticket::is_admitted));
    }
}
