//! What the instances share: conversation, generations, messages and the journal. Every method is one transaction.
//!
//! Beside the truth stands its history: every frame that was ever committed, which nobody but the checker reads.

use std::collections::BTreeMap;

use parlance_core::domain::{
    GenerationId, GenerationStatus, Message, MessageId, MessageStatus, Part, ProblemCode,
};
use parlance_server::port::journal::Frame;

use super::{
    check::Broken,
    page::{self, GenerationKind},
};

/// Both strands of a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strands {
    pub text: String,
    pub reasoning: String,
}

impl Strands {
    pub fn push(&mut self, part: Part, text: &str) {
        match part {
            Part::Reasoning => self.reasoning.push_str(text),
            _ => self.text.push_str(text),
        }
    }

    pub fn of<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Self {
        let mut strands = Self::default();
        for frame in frames {
            strands.push(frame.part, &frame.text);
        }
        strands
    }
}

/// A run of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub instance: usize,
    pub boot: u32,
}

/// A row of `generations`.
#[derive(Clone, Debug)]
pub struct Row {
    pub no: usize,
    pub id: GenerationId,
    pub user_message_id: MessageId,
    pub reply_message_id: MessageId,
    pub kind: GenerationKind,
    pub continues_message_id: Option<MessageId>,
    /// Frames of the text that it begins with.
    pub kept_frames: u64,
    /// Where the path ended before; there it ends again when no reply comes.
    pub previous_head: Option<MessageId>,
    pub owner: Owner,
    pub status: GenerationStatus,
    pub error: Option<ProblemCode>,
    pub last_seq: u64,
    pub ended_rev: u64,
}

#[derive(Clone, Debug)]
enum Entry {
    Frame(Frame),
    Seal,
}

/// A generation with its log.
#[derive(Clone, Debug)]
pub struct Run {
    pub row: Row,
    log: BTreeMap<u64, Entry>,
    /// All text ever committed, and the number of its frames.
    pub history: Strands,
    pub length: u64,
}

/// Why no more text comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Completed,
    Stopped,
    Broken(ProblemCode),
}

/// The terminal transaction to be.
#[derive(Clone, Debug)]
pub struct Finish {
    pub no: usize,
    pub ending: Ending,
    pub strands: Strands,
    pub last_seq: u64,
    /// Only a broken rule leaves the log open.
    pub seals: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// The generation is over, by this call or by an earlier one.
    Over {
        won: bool,
        status: GenerationStatus,
        last_seq: u64,
    },
    /// The log is longer than the caller thought: read on, then try again.
    LogGoesOn,
}

/// What changed after a rev.
pub struct Changes {
    pub rev: u64,
    pub head: Option<MessageId>,
    pub messages: Vec<(u64, Message)>,
    pub newest: Option<Row>,
}

/// One conversation.
#[derive(Default)]
pub struct Store {
    pub rev: u64,
    /// Last message of the path that is read.
    pub head: Option<MessageId>,
    pub messages: Vec<(u64, Message)>,
    pub runs: Vec<Run>,
}

impl Store {
    /// Stores a turn: for a new one the person's message with it.
    pub fn begin(&mut self, row: Row) {
        self.rev += 1;
        let parent = self.head.replace(row.user_message_id);
        if row.kind == GenerationKind::New {
            let content = format!("question {}", row.no);
            let message = page::asked(row.user_message_id, parent, content);
            self.messages.push((self.rev, message));
        }
        self.runs.push(Run {
            row,
            log: BTreeMap::new(),
            history: Strands::default(),
            length: 0,
        });
    }

    pub fn newest(&self) -> Option<&Row> {
        self.runs.last().map(|run| &run.row)
    }

    /// Whether a turn may begin.
    pub fn is_free(&self) -> bool {
        self.newest().is_none_or(|row| row.status.is_terminal())
    }

    pub fn stored(&self, id: MessageId) -> Option<&Message> {
        let mut messages = self.messages.iter().map(|(_, message)| message);
        messages.find(|message| message.id == id)
    }

    /// The messages of the path that is read, oldest first.
    pub fn path(&self) -> Vec<&Message> {
        let last = self.head.and_then(|id| self.stored(id));
        let before = |message: &&Message| message.parent_id.and_then(|id| self.stored(id));
        let mut path: Vec<_> = std::iter::successors(last, before).collect();
        path.reverse();
        path
    }

    pub fn changes_since(&self, since: u64) -> Changes {
        let later = self.messages.iter().filter(|(rev, _)| *rev > since);
        Changes {
            rev: self.rev,
            head: self.head,
            messages: later.cloned().collect(),
            newest: self.newest().cloned(),
        }
    }

    /// Frames after number `after`, without the seal.
    pub fn frames_after(&self, no: usize, after: u64) -> Vec<Frame> {
        let entries = self.runs[no].log.range(after + 1..);
        entries
            .filter_map(|(_, entry)| match entry {
                Entry::Frame(frame) => Some(frame.clone()),
                Entry::Seal => None,
            })
            .collect()
    }

    /// Number of the last frame of a generation under way.
    pub fn tail(&self, no: usize) -> u64 {
        let mut entries = self.runs[no].log.iter().rev();
        entries
            .find_map(|(seq, entry)| matches!(entry, Entry::Frame(_)).then_some(*seq))
            .unwrap_or_default()
    }

    /// Commits frames of one generation; `false` when a number was taken, and then none of them stands.
    pub fn append(&mut self, frames: &[Frame]) -> Result<bool, Broken> {
        let Some(first) = frames.first() else {
            return Ok(true);
        };
        let run = &mut self.runs[first.generation_no as usize];
        let taken = |frame: &Frame| match run.log.get(&frame.seq) {
            None => false,
            Some(Entry::Frame(stored)) => stored != frame,
            Some(Entry::Seal) => true,
        };
        if frames.iter().any(taken) {
            return Ok(false);
        }
        for frame in frames {
            // An earlier try may have put it there, and a discard may have taken it away again.
            if frame.seq > run.length {
                if run.row.status.is_terminal() {
                    return Err(Broken(format!(
                        "frame {} of generation {} after its end",
                        frame.seq, run.row.no
                    )));
                }
                if frame.seq != run.length + 1 {
                    return Err(Broken(format!(
                        "frame {} of generation {} leaves a gap",
                        frame.seq, run.row.no
                    )));
                }
                run.length = frame.seq;
                run.history.push(frame.part, &frame.text);
            }
            run.log.insert(frame.seq, Entry::Frame(frame.clone()));
        }
        Ok(true)
    }

    /// The terminal transaction: seal, message, status, rev.
    pub fn finish(&mut self, finish: &Finish) -> Finished {
        let run = &mut self.runs[finish.no];
        let row = &mut run.row;
        if row.status.is_terminal() {
            return Finished::Over {
                won: false,
                status: row.status,
                last_seq: row.last_seq,
            };
        }
        if finish.seals {
            if run.log.contains_key(&(finish.last_seq + 1)) {
                return Finished::LogGoesOn;
            }
            run.log.insert(finish.last_seq + 1, Entry::Seal);
        }
        self.rev += 1;
        let (status, kept, error) = verdict(finish.ending, finish.last_seq > row.kept_frames);
        row.status = status;
        row.error = error;
        row.last_seq = finish.last_seq;
        row.ended_rev = self.rev;
        if let Some(kept) = kept {
            let message = page::replied(row, kept, &finish.strands);
            self.head = Some(message.id);
            self.messages.push((self.rev, message));
        } else if row.kind != GenerationKind::New {
            self.head = row.previous_head;
        }
        Finished::Over {
            won: true,
            status,
            last_seq: finish.last_seq,
        }
    }

    /// Drops the frames of ended generations; their seals stay and go on fencing.
    pub fn discard(&mut self) {
        let over = |run: &&mut Run| run.row.status.is_terminal();
        for run in self.runs.iter_mut().filter(over) {
            run.log.retain(|_, entry| matches!(entry, Entry::Seal));
        }
    }
}

/// The terminal state that an ending leads to: text of its own decides between the kept and the empty form.
fn verdict(
    ending: Ending,
    has_news: bool,
) -> (GenerationStatus, Option<MessageStatus>, Option<ProblemCode>) {
    use GenerationStatus::{Cancelled, Completed, Failed, Interrupted, Stopped};
    match (ending, has_news) {
        (Ending::Completed, true) => (Completed, Some(MessageStatus::Completed), None),
        (Ending::Completed, false) => (Failed, None, Some(ProblemCode::UpstreamEmpty)),
        (Ending::Stopped, true) => (Stopped, Some(MessageStatus::Stopped), None),
        (Ending::Stopped, false) => (Cancelled, None, None),
        (Ending::Broken(code), true) => (Interrupted, Some(MessageStatus::Interrupted), Some(code)),
        (Ending::Broken(code), false) => (Failed, None, Some(code)),
    }
}
