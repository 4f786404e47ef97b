//! The log of one generation in memory: what is committed, what waits for the writer, how it ended.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use parlance_core::domain::event::Fare;
use parlance_core::domain::{Part, PartText, Stopped, Timestamp, Usage, limits};
use tokio::sync::{Notify, watch};

use super::ending::Ending;
use crate::port::{journal::Frame, store::GenerationRow};

/// Beyond this many bytes waiting for the writer the provider is read no further.
const PENDING_BYTES: usize = 64 * 1024;

/// One generation.
pub(super) struct Log {
    pub(super) row: GenerationRow,
    /// Whether the writer has it on its list.
    pub(super) marked: AtomicBool,
    state: Mutex<State>,
    room: Notify,
    closed: watch::Sender<bool>,
    done: watch::Sender<Option<Stopped>>,
}

#[derive(Default)]
struct State {
    /// Committed text of all strands, in order of arrival.
    text: String,
    /// Where each frame ends in `text`; frame `n` is at index `n - 1`.
    frames: Vec<(Part, usize)>,
    /// Runs of one strand that wait for the writer.
    pending: Vec<(Part, String)>,
    pending_bytes: usize,
    total_bytes: usize,
    ending: Option<Ending>,
    finishing: bool,
    fare: Option<Fare>,
    facts: Facts,
}

/// What is known about the reply beside its text.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) model: Option<String>,
    pub(super) usage: Option<Usage>,
    pub(super) first_token_at: Option<Timestamp>,
}

/// What became of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    Taken,
    /// Taken, but wait for [`Log::room`] before the next.
    Full,
    /// The reply is as long as replies may be; this piece was not taken.
    TooLong,
    /// The generation has ended; this piece was not taken.
    Closed,
}

/// Text of one strand over consecutive frames.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) part: Part,
    pub(super) prev: u64,
    pub(super) seq: u64,
    pub(super) text: String,
}

impl Log {
    pub(super) fn new(row: GenerationRow) -> Self {
        Self {
            row,
            marked: AtomicBool::new(false),
            state: Mutex::default(),
            room: Notify::new(),
            closed: watch::Sender::new(false),
            done: watch::Sender::new(None),
        }
    }

    pub(super) fn push(&self, part: Part, text: &str, now: impl FnOnce() -> Timestamp) -> Pushed {
        let mut state = self.state();
        if state.ending.is_some() {
            return Pushed::Closed;
        }
        if state.total_bytes + text.len() > limits::REPLY_BYTES {
            return Pushed::TooLong;
        }
        if state.facts.first_token_at.is_none() {
            state.facts.first_token_at = Some(now());
        }
        state.total_bytes += text.len();
        state.pending_bytes += text.len();
        match state.pending.last_mut() {
            Some((last, run)) if *last == part => run.push_str(text),
            _ => state.pending.push((part, text.to_owned())),
        }
        if state.pending_bytes > PENDING_BYTES {
            Pushed::Full
        } else {
            Pushed::Taken
        }
    }

    /// Waits until the writer has caught up, or the generation has ended.
    pub(super) async fn room(&self) {
        loop {
            let notified = self.room.notified();
            {
                let state = self.state();
                if state.pending_bytes <= PENDING_BYTES || state.ending.is_some() {
                    return;
                }
            }
            notified.await;
        }
    }

    /// Numbers what waits. The caller commits the frames and then calls [`Self::commit`]; only the one
    /// writer calls this, so numbers cannot be given twice.
    pub(super) fn cut(&self) -> Vec<Frame> {
        let mut state = self.state();
        let first = state.frames.len() as u64 + 1;
        std::mem::take(&mut state.pending)
            .into_iter()
            .zip(first..)
            .map(|((part, text), seq)| Frame {
                generation_no: self.row.no,
                seq,
                part,
                text,
            })
            .collect()
    }

    /// Makes committed frames visible.
    pub(super) fn commit(&self, frames: &[Frame]) {
        let mut state = self.state();
        for frame in frames {
            state.text.push_str(&frame.text);
            let end = state.text.len();
            state.frames.push((frame.part, end));
            state.pending_bytes = state.pending_bytes.saturating_sub(frame.text.len());
        }
        drop(state);
        self.room.notify_waiters();
    }

    /// Ends the generation; `false` when it had ended already.
    pub(super) fn close(&self, ending: Ending) -> bool {
        let mut state = self.state();
        if state.ending.is_some() {
            return false;
        }
        state.ending = Some(ending);
        drop(state);
        self.closed.send_replace(true);
        self.room.notify_waiters();
        true
    }

    /// Ends the generation because frames that were cut cannot be committed: what waits behind them must not be
    /// numbered as if they had been, and a reply that lacks them is not complete, whatever the model said.
    pub(super) fn give_up(&self, ending: Ending) {
        let mut state = self.state();
        state.pending.clear();
        if matches!(state.ending, None | Some(Ending::Completed { .. })) {
            state.ending = Some(ending);
        }
        drop(state);
        self.closed.send_replace(true);
        self.room.notify_waiters();
    }

    /// Waits for the end.
    pub(super) async fn closed(&self) {
        // An error would mean that the sender, which `self` holds, is gone.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Its ending, once, when nothing waits any more: then the terminal transaction may begin.
    pub(super) fn take_finish(&self) -> Option<Ending> {
        let mut state = self.state();
        if state.finishing || !state.pending.is_empty() {
            return None;
        }
        let ending = state.ending.clone()?;
        state.finishing = true;
        Some(ending)
    }

    /// Text after frame `after`, one run for each strand. `None` when `after` lies beyond the end.
    pub(super) fn runs_after(&self, after: u64) -> Option<Vec<Run>> {
        let state = self.state();
        let mut index = usize::try_from(after)
            .ok()
            .filter(|index| *index <= state.frames.len())?;
        let mut runs: Vec<Run> = Vec::new();
        while let Some(&(part, end)) = state.frames.get(index) {
            let start = if index == 0 {
                0
            } else {
                state.frames[index - 1].1
            };
            let text = &state.text[start..end];
            index += 1;
            match runs.last_mut() {
                Some(run) if run.part == part => {
                    run.text.push_str(text);
                    run.seq = index as u64;
                }
                _ => runs.push(Run {
                    part,
                    prev: index as u64 - 1,
                    seq: index as u64,
                    text: text.to_owned(),
                }),
            }
        }
        Some(runs)
    }

    /// All committed text by strand, and the number of the last frame.
    pub(super) fn text_so_far(&self) -> (Vec<PartText>, u64) {
        let state = self.state();
        let mut parts: Vec<PartText> = Vec::new();
        let mut start = 0;
        for &(part, end) in &state.frames {
            let text = &state.text[start..end];
            start = end;
            PartText::append(&mut parts, part, text);
        }
        (parts, state.frames.len() as u64)
    }

    pub(super) fn tail(&self) -> u64 {
        self.state().frames.len() as u64
    }

    pub(super) fn facts(&self) -> Facts {
        self.state().facts.clone()
    }

    pub(super) fn note_model(&self, model: String) {
        self.state().facts.model = Some(model);
    }

    pub(super) fn note_usage(&self, usage: Usage) {
        self.state().facts.usage = Some(usage);
    }

    pub(super) fn fare(&self) -> Option<Fare> {
        self.state().fare
    }

    pub(super) fn set_fare(&self, fare: Fare) {
        self.state().fare = Some(fare);
    }

    /// Tells those who wait that the end is stored.
    pub(super) fn settle(&self, end: Stopped) {
        self.done.send_replace(Some(end));
    }

    /// Waits until the end is stored.
    pub(super) async fn settled(&self) -> Option<Stopped> {
        let mut done = self.done.subscribe();
        done.wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|end| end.clone())
    }

    pub(super) fn is_settled(&self) -> bool {
        self.done.borrow().is_some()
    }

    pub(super) fn mark(&self) -> bool {
        !self.marked.swap(true, Ordering::AcqRel)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use parlance_core::domain::{
        ConversationId, GenerationId, GenerationStatus, MessageId, UserId,
    };
    use uuid::Uuid;

    pub(in crate::engine) fn row() -> GenerationRow {
        let id = Uuid::nil();
        GenerationRow {
            id: GenerationId(id),
            no: 1,
            conversation_id: ConversationId(id),
            user_id: UserId(id),
            user_message_id: MessageId(id),
            reply_message_id: MessageId(id),
            persona_id: None,
            owner_boot: id,
            status: GenerationStatus::Starting,
            error: None,
            last_seq: 0,
            ended_rev: 0,
            created_at: Timestamp(0),
        }
    }

    fn push(log: &Log, part: Part, text: &str) -> Pushed {
        log.push(part, text, || Timestamp(1))
    }

    #[test]
    fn nothing_is_visible_before_it_is_committed() {
        let log = Log::new(row());
        push(&log, Part::Reasoning, "hm ");
        push(&log, Part::Text, "a");
        push(&log, Part::Text, "b");
        let frames = log.cut();
        assert_eq!(
            frames
                .iter()
                .map(|f| (f.seq, f.text.as_str()))
                .collect::<Vec<_>>(),
            [(1, "hm "), (2, "ab")]
        );
        assert!(log.runs_after(0).unwrap().is_empty());
        log.commit(&frames);
        let runs = log.runs_after(0).unwrap();
        assert_eq!((runs.len(), runs[1].prev, runs[1].seq), (2, 1, 2));
        assert_eq!(log.runs_after(1).unwrap()[0].text, "ab");
        assert!(log.runs_after(3).is_none());
        assert_eq!(log.text_so_far().1, 2);
    }

    #[test]
    fn the_first_ending_wins_and_is_carried_out_once_everything_before_it_is_committed() {
        let log = Log::new(row());
        push(&log, Part::Text, "a");
        assert!(log.close(Ending::Stopped));
        assert!(!log.close(Ending::Completed {
            finish_reason: "stop".into()
        }));
        assert_eq!(push(&log, Part::Text, "late"), Pushed::Closed);
        assert_eq!(log.take_finish(), None);
        let frames = log.cut();
        log.commit(&frames);
        assert_eq!(log.take_finish(), Some(Ending::Stopped));
        assert_eq!(log.take_finish(), None);
    }

    #[test]
    fn what_waits_behind_lost_frames_is_lost_too_and_nothing_is_complete_without_it() {
        let log = Log::new(row());
        push(&log, Part::Text, "lost");
        log.cut();
        push(&log, Part::Text, "behind");
        log.close(Ending::Completed {
            finish_reason: "stop".into(),
        });
        let broken = Ending::Broken(parlance_core::domain::ProblemCode::JournalFailed);
        log.give_up(broken.clone());
        assert!(log.cut().is_empty());
        assert_eq!(log.take_finish(), Some(broken));
        assert_eq!(log.text_so_far().1, 0);
    }

    #[test]
    fn a_reply_has_a_longest_length() {
        let log = Log::new(row());
        assert_eq!(
            push(&log, Part::Text, &"x".repeat(limits::REPLY_BYTES)),
            Pushed::Full
        );
        assert_eq!(push(&log, Part::Text, "x"), Pushed::TooLong);
    }
}
