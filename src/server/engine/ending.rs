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
    Broken(Problem),
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
    /// A fault that its code says all about.
    pub(super) fn broken(code: ProblemCode) -> Self {
        Self::Broken(Problem::new(code))
    }

    /// Whether it was the process that ended, and not the reply: then it may be taken up again by itself.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Broken(problem)
            if matches!(problem.code, ProblemCode::ServerRestart | ProblemCode::OwnerLost))
    }

    /// Text of its own decides between the kept and the empty form of each end.
    pub(super) fn verdict(&self, has_news: bool) -> Verdict {
        let verdict = |status, message, error: Option<Problem>| Verdict {
            status,
            message,
            error,
        };
        match (self, has_news) {
            (Self::Completed { .. }, true) => verdict(
                GenerationStatus::Completed,
                Some(MessageStatus::Completed),
                None,
            ),
            (Self::Completed { finish_reason }, false) if finish_reason == "content_filter" => {
                verdict(
                    GenerationStatus::Failed,
                    None,
                    Some(Problem::new(ProblemCode::ContentFiltered)),
                )
            }
            (Self::Completed { .. }, false) => verdict(
                GenerationStatus::Failed,
                None,
                Some(Problem::new(ProblemCode::UpstreamEmpty)),
            ),
            (Self::Stopped, true) => verdict(
                GenerationStatus::Stopped,
                Some(MessageStatus::Stopped),
                None,
            ),
            (Self::Stopped, false) => verdict(GenerationStatus::Cancelled, None, None),
            (Self::Broken(problem), true) => verdict(
                GenerationStatus::Interrupted,
                Some(MessageStatus::Interrupted),
                Some(problem.clone()),
            ),
            (Self::Broken(problem), false) => {
                verdict(GenerationStatus::Failed, None, Some(problem.clone()))
            }
        }
    }
}
