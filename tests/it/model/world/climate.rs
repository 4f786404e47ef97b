//! How often each thing happens in one world. Every seed has a climate of its own: where all faults are equally rare
//! the rare meetings of two of them never come (swarm testing, Groce et al., ISSTA 2012).

use fastrand::Rng;

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Write,
    Seal,
    Begin,
    Connect,
    Serve,
    Receive,
    /// A hint arrives, if there is one.
    Hint,
    Poll,
    Restart,
    Resume,
    Drop,
    Reload,
    Kill,
    Pause,
    Stop,
    /// Somebody takes an owner for dead.
    Suspect,
    /// A commit lands whose sender is gone.
    Drift,
    LoseHint,
    /// The owner never hears what became of a commit.
    LoseAnswer,
    Discard,
}

/// What keeps the world going: never absent.
const WORK: [(Act, u32); 10] = [
    (Act::Write, 450),
    (Act::Seal, 50),
    (Act::Begin, 25),
    (Act::Connect, 90),
    (Act::Serve, 190),
    (Act::Receive, 170),
    (Act::Hint, 50),
    (Act::Poll, 20),
    (Act::Restart, 14),
    (Act::Resume, 15),
];
/// What disturbs it: in some worlds often, in some never.
const FAULTS: [(Act, u32); 10] = [
    (Act::Drop, 25),
    (Act::Reload, 12),
    (Act::Kill, 4),
    (Act::Pause, 5),
    (Act::Stop, 4),
    (Act::Suspect, 6),
    (Act::Drift, 8),
    (Act::LoseHint, 4),
    (Act::LoseAnswer, 5),
    (Act::Discard, 3),
];
/// Steps of writing: hear, cut, land, learn, end.
const TURNS: [u32; 5] = [3, 4, 3, 2, 2];

/// The weights of one world.
pub struct Climate {
    acts: Vec<(Act, u32)>,
    all_acts: u32,
    turns: [u32; 5],
    all_turns: u32,
}

impl Climate {
    pub fn new(rng: &mut Rng) -> Self {
        let work = WORK.map(|(act, weight)| (act, weight * [1, 2, 4][rng.usize(0..3)]));
        let faults = FAULTS.map(|(act, weight)| (act, weight * [0, 1, 2, 6][rng.usize(0..4)]));
        let acts = [work, faults].concat();
        let turns = TURNS.map(|weight| weight * [1, 3, 9][rng.usize(0..3)]);
        Self {
            all_acts: acts.iter().map(|(_, weight)| weight).sum(),
            acts,
            all_turns: turns.iter().sum(),
            turns,
        }
    }

    pub fn act(&self, rng: &mut Rng) -> Act {
        let mut place = rng.u32(0..self.all_acts);
        for &(act, weight) in &self.acts {
            if place < weight {
                return act;
            }
            place -= weight;
        }
        unreachable!("the place is below the sum")
    }

    /// Which step of writing comes next, 0 to 4.
    pub fn turn(&self, rng: &mut Rng) -> usize {
        let mut place = rng.u32(0..self.all_turns);
        let mut turns = self.turns.iter();
        let here = |weight: &u32| {
            let here = place < *weight;
            place = place.saturating_sub(*weight);
            here
        };
        turns.position(here).unwrap_or_default()
    }
}
