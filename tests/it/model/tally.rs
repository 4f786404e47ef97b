//! What happened in the worlds that were run: proof that the faults were there.

use std::{fmt, ops::AddAssign};

/// Counts of one world, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub generations: u64,
    pub frames: u64,
    /// Events that viewers took in.
    pub events: u64,
    /// Owners killed while they wrote a reply.
    pub kills: u64,
    pub pauses: u64,
    pub reloads: u64,
    pub drops: u64,
    pub hints_lost: u64,
    /// Appends refused because somebody else had sealed the log.
    pub fenced: u64,
    /// Seals that found a longer log than they had read.
    pub overtaken: u64,
    /// Commits whose outcome their owner never learned.
    pub adrift: u64,
    /// Viewers whose cursor was ahead of the owner's memory.
    pub ahead: u64,
    pub completed: u64,
    pub stopped: u64,
    pub interrupted: u64,
    /// Failed or cancelled: no message.
    pub empty: u64,
    /// Times that a client had to read the conversation anew.
    pub refetches: u64,
    pub gaps: u64,
    pub mismatches: u64,
}

impl Tally {
    fn counts(&self) -> [(&'static str, u64); 19] {
        [
            ("generations", self.generations),
            ("frames", self.frames),
            ("events", self.events),
            ("kills mid-generation", self.kills),
            ("pauses mid-generation", self.pauses),
            ("reloads", self.reloads),
            ("drops", self.drops),
            ("hints lost", self.hints_lost),
            ("zombie appends fenced", self.fenced),
            ("seals overtaken", self.overtaken),
            ("commits adrift", self.adrift),
            ("cursors ahead of the owner", self.ahead),
            ("completed", self.completed),
            ("stopped", self.stopped),
            ("interrupted", self.interrupted),
            ("without a message", self.empty),
            ("refetches", self.refetches),
            ("gaps", self.gaps),
            ("mismatches", self.mismatches),
        ]
    }

    /// Whether every fault and every end occurred at least once; the last three are the clients' own doing.
    pub fn has_met_everything(&self) -> bool {
        let counts = self.counts();
        counts[..counts.len() - 3]
            .iter()
            .all(|(_, count)| *count > 0)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.generations += other.generations;
        self.frames += other.frames;
        self.events += other.events;
        self.kills += other.kills;
        self.pauses += other.pauses;
        self.reloads += other.reloads;
        self.drops += other.drops;
        self.hints_lost += other.hints_lost;
        self.fenced += other.fenced;
        self.overtaken += other.overtaken;
        self.adrift += other.adrift;
        self.ahead += other.ahead;
        self.completed += other.completed;
        self.stopped += other.stopped;
        self.interrupted += other.interrupted;
        self.empty += other.empty;
        self.refetches += other.refetches;
        self.gaps += other.gaps;
        self.mismatches += other.mismatches;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts().map(|(name, count)| format!("{count} {name}"));
        f.write_str(&counts.join(", "))
    }
}
