//! Many seeds over all cores, and one seed told step by step.

use std::{
    fmt,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use super::{client::Kind, rules::Rules, tally::Tally, world::World};

/// Seeds that a thread takes at a time.
const CHUNK: u64 = 50;

/// What became of a range of seeds.
#[derive(Default)]
pub struct Outcome {
    pub violating: u64,
    /// The lowest violating seed and what it broke.
    pub first: Option<(u64, String)>,
    pub tally: Tally,
    per_second: f64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (violating, pace) = (self.violating, self.per_second);
        write!(
            f,
            "{violating} violating; {}; {pace:.0} seeds/s",
            self.tally
        )
    }
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.violating += other.violating;
        self.tally += other.tally;
        let earlier = |first: &(u64, String)| self.first.as_ref().is_none_or(|own| first.0 < own.0);
        if let Some(first) = other.first.filter(earlier) {
            self.first = Some(first);
        }
    }
}

/// Runs every seed of the range.
pub fn run(rules: Rules, client: Kind, seeds: Range<u64>) -> Outcome {
    let (next, began) = (AtomicU64::new(seeds.start), Instant::now());
    let total = Mutex::new(Outcome::default());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut own = Outcome::default();
                loop {
                    let start = next.fetch_add(CHUNK, Ordering::Relaxed);
                    if start >= seeds.end {
                        break;
                    }
                    for seed in start..(start + CHUNK).min(seeds.end) {
                        own.add(one(rules, client, seed));
                    }
                }
                total.lock().unwrap().add(own);
            });
        }
    });
    let mut total = total.into_inner().unwrap();
    total.per_second = (seeds.end - seeds.start) as f64 / began.elapsed().as_secs_f64();
    total
}

fn one(rules: Rules, client: Kind, seed: u64) -> Outcome {
    let mut world = World::new(rules, client, seed, false);
    // A panic of the reducer is a finding like any other, and must name its seed.
    let lived = catch_unwind(AssertUnwindSafe(|| world.live()));
    let broken = match lived {
        Ok(outcome) => outcome.err().map(|broken| broken.0),
        Err(_) => Some("panicked".to_owned()),
    };
    Outcome {
        violating: broken.is_some().into(),
        first: broken.map(|why| (seed, why)),
        tally: world.tally,
        per_second: 0.0,
    }
}

/// Runs one seed and tells every step of it.
pub fn tell(rules: Rules, client: Kind, seed: u64) -> Result<(), String> {
    eprintln!("--- {rules}, {client} client, seed {seed}");
    let mut world = World::new(rules, client, seed, true);
    let outcome = world.live().map_err(|broken| broken.0);
    eprintln!("--- {}", world.tally);
    outcome
}
