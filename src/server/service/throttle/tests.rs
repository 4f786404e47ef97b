//! The throttle against a clock that is turned by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use uuid::Uuid;

use super::*;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    fn new_id(&self) -> Uuid {
        Uuid::nil()
    }
}

struct Door {
    throttle: Throttle,
    hand: Arc<Hand>,
}

impl Door {
    fn new() -> Self {
        let hand = Arc::new(Hand(AtomicI64::new(1_763_664_000_000_000)));
        let free = Tries {
            account: 5,
            address: 20,
            subnet: 100,
        };
        Self {
            throttle: Throttle::new(hand.clone(), free),
            hand,
        }
    }

    fn pass(&self, seconds: i64) {
        self.hand
            .0
            .fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// Tries and fails, or tells the seconds to wait.
    fn fail(&self, account: &str, from: &str) -> Result<(), u64> {
        self.ask(account, from)?;
        self.throttle.failed(account);
        Ok(())
    }

    fn succeed(&self, account: &str, from: &str) -> Result<(), u64> {
        self.ask(account, from)?;
        self.throttle.succeeded(account, &client(from));
        Ok(())
    }

    fn ask(&self, account: &str, from: &str) -> Result<(), u64> {
        match self.throttle.allow(account, &client(from)) {
            Ok(()) => Ok(()),
            Err(Error::Later(ProblemCode::RateLimited, wait)) => {
                Err(wait.as_millis().div_ceil(1_000) as u64)
            }
            Err(other) => panic!("{other}"),
        }
    }
}

fn client(address: &str) -> Client {
    Client {
        address: address.parse().ok(),
        ..Client::default()
    }
}

const HERE: &str = "198.51.100.7";
const THERE: &str = "203.0.113.9";

#[test]
fn five_tries_are_free_and_then_the_wait_doubles() {
    let door = Door::new();
    for _ in 0..5 {
        door.fail("ann", HERE).unwrap();
    }
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        assert_eq!(door.fail("ann", HERE), Err(wait));
        door.pass(1);
        assert_eq!(
            door.fail("ann", HERE),
            Err(wait - 1),
            "asking makes it no longer"
        );
        door.pass(wait as i64 - 1);
        door.fail("ann", HERE).unwrap();
    }
}

#[test]
fn nobody_is_kept_out_by_what_happens_elsewhere() {
    let door = Door::new();
    while door.fail("ann", THERE).is_ok() {}
    assert_eq!(door.succeed("ann", HERE), Ok(()));
    // Nor does it help whoever guesses there.
    assert!(door.fail("ann", THERE).is_err());
}

#[test]
fn a_besieged_account_is_open_to_the_first_try_of_every_place() {
    let door = Door::new();
    for net in 0..40 {
        for _ in 0..3 {
            let _ = door.fail("ann", &format!("10.1.{net}.1"));
        }
    }
    assert_eq!(
        door.succeed("ann", HERE),
        Ok(()),
        "the owner, somewhere new"
    );
    assert_eq!(door.fail("ann", THERE), Ok(()));
    assert_eq!(
        door.fail("ann", THERE),
        Err(30),
        "one free try instead of five"
    );
    for _ in 0..5 {
        assert_eq!(door.fail("bob", THERE), Ok(()), "others are not besieged");
    }
    door.pass(2 * 60 * 60);
    assert_eq!(door.fail("ann", "192.0.2.1"), Ok(()));
    assert_eq!(door.fail("ann", "192.0.2.1"), Ok(()), "a siege ends");
}

#[test]
fn success_wipes_the_slate_of_its_place() {
    let door = Door::new();
    for _ in 0..3 {
        for _ in 0..4 {
            door.fail("ann", HERE).unwrap();
        }
        door.succeed("ann", HERE).unwrap();
        door.pass(60);
    }
}

#[test]
fn an_address_tries_twenty_times_a_minute_whatever_the_account() {
    let door = Door::new();
    for number in 0..20 {
        door.fail(&format!("person{number}"), HERE).unwrap();
    }
    assert_eq!(door.fail("another", HERE), Err(3));
    assert_eq!(door.fail("another", "198.51.100.8"), Ok(()), "a neighbour");
    door.pass(3);
    assert_eq!(door.fail("another", HERE), Ok(()));
    assert!(door.fail("another", HERE).is_err());
}

#[test]
fn who_knows_the_password_uses_up_nothing() {
    let door = Door::new();
    for number in 0..200 {
        door.succeed(&format!("person{number}"), HERE).unwrap();
    }
    // An account of one's own buys no tries for others.
    for number in 0..20 {
        door.fail(&format!("victim{number}"), THERE).unwrap();
        door.succeed("mine", THERE).unwrap_or_default();
    }
    assert!(door.fail("victim", THERE).is_err());
}

#[test]
fn a_subnet_is_limited_too() {
    let door = Door::new();
    let through = (1..=250)
        .filter(|host| {
            door.fail(&format!("person{host}"), &format!("198.51.100.{host}"))
                .is_ok()
        })
        .count();
    assert_eq!(through, 100);
    let through = (1..=250)
        .filter(|net| {
            let from = format!("2001:db8:1:{net:x}::1");
            door.fail(&format!("person{net}"), &from).is_ok()
        })
        .count();
    assert_eq!(through, 100);
}

#[test]
fn tries_at_once_are_counted_before_they_end() {
    let door = Door::new();
    let let_through = (0..200).filter(|_| door.ask("ann", HERE).is_ok()).count();
    assert_eq!(let_through, 5);
}

#[test]
fn a_quiet_half_hour_is_forgotten() {
    let door = Door::new();
    for _ in 0..5 {
        door.fail("ann", HERE).unwrap();
    }
    door.pass(30 * 60);
    for _ in 0..5 {
        door.fail("ann", HERE).unwrap();
    }
    assert!(door.fail("ann", HERE).is_err());
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_up() {
    let door = Door::new();
    for _ in 0..5 {
        door.fail("ann", HERE).unwrap();
    }
    door.pass(-24 * 60 * 60);
    assert_eq!(door.fail("ann", HERE), Ok(()));
}
