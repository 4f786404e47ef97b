//! The rules of the server: as they are, and with one of them broken.

use std::fmt;

/// Which rules the servers of a world obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    Recommended,
    /// A frame is shown when it is cut, not when it is committed.
    PublishBeforeCommit,
    /// A viewer reads the log first and subscribes afterwards, to what comes from then on.
    ReadThenSubscribe,
    /// The number in a cursor is applied to whatever generation is the newest.
    BareCursor,
    /// Frames are pushed into a queue for each viewer, and dropped when it is full.
    DroppingQueue,
    /// Whoever ends a dead owner's generation stores the end but leaves the log open.
    EndWithoutSeal,
    /// The owner stores what it has heard instead of what it has committed.
    TextFromMemory,
    /// The owner calls a cursor too far when it is ahead of its memory, though the journal has those frames.
    JudgeByMemory,
    /// Frames that an instance learns of after it has told a viewer of the end are still sent.
    TextAfterEnd,
}

impl Rules {
    pub const BROKEN: [Self; 8] = [
        Self::PublishBeforeCommit,
        Self::ReadThenSubscribe,
        Self::BareCursor,
        Self::DroppingQueue,
        Self::EndWithoutSeal,
        Self::TextFromMemory,
        Self::JudgeByMemory,
        Self::TextAfterEnd,
    ];

    /// Within so many seeds it must show that the rule is broken. The last two need three things to meet: a commit that
    /// one instance has not heard of yet, another that has, and a viewer that changes over or is told of the end.
    pub fn patience(self) -> u64 {
        match self {
            Self::JudgeByMemory | Self::TextAfterEnd => 500,
            _ => 100,
        }
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recommended => "recommended rules",
            Self::PublishBeforeCommit => "publish before commit",
            Self::ReadThenSubscribe => "read the log, then subscribe",
            Self::BareCursor => "cursor without generation id",
            Self::DroppingQueue => "bounded push queue that drops",
            Self::EndWithoutSeal => "end a dead owner's run without sealing the log",
            Self::TextFromMemory => "final text from the producer's memory",
            Self::TextAfterEnd => "frames after the end",
            Self::JudgeByMemory => "judge a cursor by the owner's memory alone",
        })
    }
}
