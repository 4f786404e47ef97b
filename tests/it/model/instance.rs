//! One process: the generations that it runs, its copies of those that others run, and the ends that it brings about
//! for owners that it takes for dead.

use std::{borrow::Cow, collections::BTreeMap};

use parlance_server::port::journal::Frame;

use super::{
    rules::Rules,
    store::{Ending, Finish, Finished, Owner, Row, Store, Strands},
    writer::Writer,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Up,
    /// Stopped by a signal, or its machine was: it knows nothing of the time that passes.
    Paused,
    Down,
}

/// Counters that only grow; whoever subscribed compares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    pub stored: u64,
    pub written: u64,
}

/// The end of somebody else's generation, in two steps: read its log, then seal.
#[derive(Debug)]
pub struct Sealing {
    pub no: usize,
    pub ending: Ending,
    read: Option<(Strands, u64)>,
}

/// A process.
#[derive(Debug)]
pub struct Instance {
    pub owner: Owner,
    pub life: Life,
    pub writers: BTreeMap<usize, Writer>,
    /// Frames of generations that run elsewhere, as far as they were read.
    mirrors: BTreeMap<usize, Vec<Frame>>,
    pub sealings: Vec<Sealing>,
    pub beat: Beat,
    /// Another instance said that something changed.
    pub hinted: bool,
    seen_rev: u64,
}

impl Instance {
    pub fn new(instance: usize) -> Self {
        Self::boot(Owner { instance, boot: 1 })
    }

    fn boot(owner: Owner) -> Self {
        Self {
            owner,
            life: Life::Up,
            writers: BTreeMap::new(),
            mirrors: BTreeMap::new(),
            sealings: Vec::new(),
            beat: Beat::default(),
            hinted: false,
            seen_rev: 0,
        }
    }

    pub fn is_up(&self) -> bool {
        self.life == Life::Up
    }

    /// Whether it runs a generation that is not over, as far as it knows.
    pub fn is_writing(&self) -> bool {
        self.writers.values().any(|writer| !writer.settled)
    }

    /// Dies without a word. Returns the commits that are still on their way to the database.
    pub fn kill(&mut self) -> Vec<Vec<Frame>> {
        self.life = Life::Down;
        self.mirrors.clear();
        self.sealings.clear();
        std::mem::take(&mut self.writers)
            .into_values()
            .filter_map(Writer::die)
            .collect()
    }

    /// Starts anew, and takes it upon itself to end what its earlier boots left behind.
    pub fn restart(&mut self, store: &Store) {
        *self = Self::boot(Owner {
            boot: self.owner.boot + 1,
            ..self.owner
        });
        for run in &store.runs {
            if !run.row.status.is_terminal() && run.row.owner.instance == self.owner.instance {
                self.seal(run.row.no, Ending::Broken(super::check::LOST));
            }
        }
    }

    /// Begins to end a generation, unless it is at it already.
    pub fn seal(&mut self, no: usize, ending: Ending) {
        if !self.sealings.iter().any(|sealing| sealing.no == no) {
            self.sealings.push(Sealing {
                no,
                ending,
                read: None,
            });
        }
    }

    /// One step of the sealing at `place`; the outcome when there is one.
    pub fn go_on_sealing(
        &mut self,
        place: usize,
        store: &mut Store,
        rules: Rules,
    ) -> Option<Finished> {
        let sealing = &mut self.sealings[place];
        let Some((strands, last_seq)) = sealing.read.take() else {
            let frames = store.frames_after(sealing.no, 0);
            sealing.read = Some((Strands::of(&frames), frames.len() as u64));
            return None;
        };
        let forgets = rules == Rules::EndWithoutSeal && sealing.ending != Ending::Stopped;
        let finished = store.finish(&Finish {
            no: sealing.no,
            ending: sealing.ending,
            strands,
            last_seq,
            seals: !forgets,
        });
        if finished != Finished::LogGoesOn {
            self.sealings.remove(place);
            self.beat.stored += 1;
        }
        Some(finished)
    }

    /// The visible frames of a generation that this process runs or has a copy of.
    pub fn log(&self, no: usize, rules: Rules) -> Option<Cow<'_, [Frame]>> {
        if let Some(writer) = self.writers.get(&no) {
            if rules == Rules::PublishBeforeCommit {
                return Some([&writer.committed, writer.unsure()].concat().into());
            }
            return Some(writer.committed.as_slice().into());
        }
        self.mirrors.get(&no).map(|frames| frames.as_slice().into())
    }

    /// Reads on in the log of a generation that runs elsewhere; whether there was more.
    fn read_along(&mut self, store: &Store, no: usize) -> bool {
        if self.writers.contains_key(&no) {
            return false;
        }
        let copy = self.mirrors.entry(no).or_default();
        let next = copy.len() as u64 + 1;
        // Numbers are dense, so a gap can only be frames that an ended generation has dropped.
        let more = store.frames_after(no, copy.len() as u64).into_iter();
        copy.extend(
            more.zip(next..)
                .map_while(|(frame, seq)| (frame.seq == seq).then_some(frame)),
        );
        copy.len() as u64 >= next
    }

    /// For a viewer that comes now: a copy as fresh as the journal.
    pub fn refresh(&mut self, store: &Store, row: &Row) {
        if !row.status.is_terminal() {
            self.read_along(store, row.no);
        }
    }

    /// Looks whether something durable changed that it did not bring about itself.
    pub fn notice(&mut self, store: &Store) -> bool {
        let changed = self.seen_rev != store.rev;
        self.seen_rev = store.rev;
        self.beat.stored += u64::from(changed);
        changed
    }

    /// Looks whether others have written more of the newest generation.
    pub fn look(&mut self, store: &Store) -> bool {
        let grown = !store.runs.is_empty() && self.read_along(store, store.runs.len() - 1);
        self.beat.written += u64::from(grown);
        grown
    }
}
