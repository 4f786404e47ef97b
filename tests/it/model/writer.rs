//! A generation on its owner, from what the model says to the stored end, in the steps between which the owner may
//! die, sleep or be overtaken.

use parlance_core::domain::{Part, ProblemCode};
use parlance_server::port::journal::Frame;

use super::{
    check::Broken,
    rules::Rules,
    store::{Ending, Finish, Finished, Store, Strands},
};

/// A commit on its way.
#[derive(Debug)]
struct Batch {
    frames: Vec<Frame>,
    /// What the database answered: whether the frames stand. `None` before it has done anything.
    answer: Option<bool>,
}

/// The owner's side of one generation.
#[derive(Debug)]
pub struct Writer {
    pub no: usize,
    pub committed: Vec<Frame>,
    batch: Option<Batch>,
    pending: Vec<(Part, String)>,
    /// So many runs at the front of `pending` are whole frames: nothing is added to them.
    fixed: usize,
    /// All that was heard, committed or not.
    heard: Strands,
    /// Pieces that the model has still to say.
    pub to_come: Vec<(Part, String)>,
    ending: Option<Ending>,
    finish: Option<Finish>,
    pub settled: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    Nothing,
    /// Something that nobody else can see.
    Worked,
    /// Committed frames became visible here.
    Published,
    /// The append was refused: the log is somebody else's now.
    Fenced,
    /// The end is stored.
    Settled(Finished),
    /// The end found frames that this owner did not know of.
    Overtaken,
}

impl Writer {
    /// `to_come` is said from its end; `kept` is what a continued reply begins with.
    pub fn new(no: usize, kept: Vec<(Part, String)>, to_come: Vec<(Part, String)>) -> Self {
        let mut writer = Self {
            no,
            committed: Vec::new(),
            batch: None,
            pending: Vec::new(),
            fixed: 0,
            heard: Strands::default(),
            to_come,
            ending: None,
            finish: None,
            settled: false,
        };
        for (part, text) in &kept {
            writer.heard.push(*part, text);
        }
        writer.fixed = kept.len();
        writer.pending = kept;
        writer
    }

    fn push(&mut self, part: Part, text: &str) {
        self.heard.push(part, text);
        let open = self.pending.len() > self.fixed;
        match self.pending.last_mut() {
            Some((last, run)) if open && *last == part => run.push_str(text),
            _ => self.pending.push((part, text.to_owned())),
        }
    }

    /// The model says a piece, or that it is done.
    pub fn hear(&mut self) -> Did {
        if self.ending.is_some() {
            return Did::Nothing;
        }
        match self.to_come.pop() {
            Some((part, text)) => self.push(part, &text),
            None => self.close(Ending::Completed),
        }
        Did::Worked
    }

    /// Numbers what waits and sends it to the journal.
    pub fn cut(&mut self) -> Did {
        if self.batch.is_some() || self.pending.is_empty() {
            return Did::Nothing;
        }
        let first = self.committed.len() as u64 + 1;
        self.fixed = 0;
        let frames = std::mem::take(&mut self.pending)
            .into_iter()
            .zip(first..)
            .map(|((part, text), seq)| Frame {
                generation_no: self.no as i64,
                seq,
                part,
                text,
            })
            .collect();
        self.batch = Some(Batch {
            frames,
            answer: None,
        });
        Did::Worked
    }

    /// The database takes the commit, or refuses it.
    pub fn land(&mut self, store: &mut Store) -> Result<Did, Broken> {
        match &mut self.batch {
            Some(batch) if batch.answer.is_none() => {
                batch.answer = Some(store.append(&batch.frames)?);
                Ok(Did::Worked)
            }
            _ => Ok(Did::Nothing),
        }
    }

    /// The owner learns the outcome.
    pub fn learn(&mut self) -> Did {
        match self.batch.take() {
            Some(Batch {
                frames,
                answer: Some(true),
            }) => {
                self.committed.extend(frames);
                Did::Published
            }
            Some(Batch {
                answer: Some(false),
                ..
            }) => {
                self.give_up(ProblemCode::ServerRestart);
                Did::Fenced
            }
            batch => {
                self.batch = batch;
                Did::Nothing
            }
        }
    }

    /// The owner never learns it, and gives the journal up. What the database has not done yet it may still do.
    pub fn lose_answer(&mut self, adrift: &mut Vec<Vec<Frame>>) -> bool {
        let Some(batch) = self.batch.take() else {
            return false;
        };
        adrift.extend(batch.adrift());
        self.give_up(ProblemCode::JournalFailed);
        true
    }

    /// The owner dies.
    pub fn die(self) -> Option<Vec<Frame>> {
        self.batch.and_then(Batch::adrift)
    }

    pub fn close(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    fn give_up(&mut self, code: ProblemCode) {
        self.pending.clear();
        if matches!(self.ending, None | Some(Ending::Completed)) {
            self.ending = Some(Ending::Broken(code));
        }
    }

    /// Two steps: what is to be stored, then storing it.
    pub fn end(&mut self, store: &mut Store, rules: Rules) -> Did {
        let Some(finish) = self.finish.take() else {
            return self.decide(rules);
        };
        match store.finish(&finish) {
            Finished::LogGoesOn => {
                let missed = store.frames_after(self.no, self.committed.len() as u64);
                self.committed.extend(missed);
                Did::Overtaken
            }
            over => {
                self.settled = true;
                Did::Settled(over)
            }
        }
    }

    fn decide(&mut self, rules: Rules) -> Did {
        let Some(ending) = self
            .ending
            .filter(|_| !self.settled && self.pending.is_empty() && self.batch.is_none())
        else {
            return Did::Nothing;
        };
        let strands = if rules == Rules::TextFromMemory {
            self.heard.clone()
        } else {
            Strands::of(&self.committed)
        };
        self.finish = Some(Finish {
            no: self.no,
            ending,
            strands,
            last_seq: self.committed.len() as u64,
            seals: true,
        });
        Did::Worked
    }

    /// Frames that are cut and not known to be committed.
    pub fn unsure(&self) -> &[Frame] {
        self.batch.as_ref().map_or(&[], |batch| &batch.frames)
    }
}

impl Batch {
    fn adrift(self) -> Option<Vec<Frame>> {
        self.answer.is_none().then_some(self.frames)
    }
}
