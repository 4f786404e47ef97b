//! How a generation ends, and what that makes of it.

use parlance_core::domain::{GenerationStatus, MessageStatus, Problem, ProblemCode};

/// Why no more text comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The model said that it was done, with its word for why.
    Completed { finish_reason: String },
    /// The person ended it.
    Stopped,
    /// A fault ended it.
    Broken(ProblemCode),
}

/// The terminal state that an ending leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) status: GenerationStatus,
    /// `None` when there is nothing to store.
    pub(super) message: Option<MessageStatus>,
    pub(super) error: Option<Problem>,
}

impl Ending {
    /// Text decides between the kept and the empty form of each end.
    pub(super) fn verdict(&self, has_frames: bool) -> Verdict {
        let verdict = |status, message, code: Option<ProblemCode>| Verdict {
            status,
            message,
            error: code.map(Problem::new),
        };
        match (self, has_frames) {
            (Self::Completed { .. }, true) => verdict(
                GenerationStatus::Completed,
                Some(MessageStatus::Completed),
                None,
            ),
            (Self::Completed { finish_reason }, false) if finish_reason == "content_filter" => {
                verdict(
                    GenerationStatus::Failed,
                    None,
                    Some(ProblemCode::ContentFiltered),
                )
            }
            (Self::Completed { .. }, false) => verdict(
                GenerationStatus::Failed,
                None,
                Some(ProblemCode::UpstreamEmpty),
            ),
            (Self::Stopped, true) => verdict(
                GenerationStatus::Stopped,
                Some(MessageStatus::Stopped),
                None,
            ),
            (Self::Stopped, false) => verdict(GenerationStatus::Cancelled, None, None),
            (Self::Broken(code), true) => verdict(
                GenerationStatus::Interrupted,
                Some(MessageStatus::Interrupted),
                Some(*code),
            ),
            (Self::Broken(code), false) => verdict(GenerationStatus::Failed, None, Some(*code)),
        }
    }
}
