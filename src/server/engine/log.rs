//! The log of one generation in memory: what is committed, what waits for the writer, how it ended.

mod facts;
mod progress;

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use parlance_core::domain::{
    Message, Part, PartText, Stopped, Timestamp, Usage, event::Fare, limits,
};
use tokio::sync::{Notify, watch};

pub(super) use self::{facts::Facts, progress::Progress};
use super::ending::Ending;
use crate::port::{journal::Frame, llm::Model, store::GenerationRow};

/// Beyond this many bytes waiting for the writer the provider is read no further.
const PENDING_BYTES: usize = 64 * 1024;

/// One generation.
pub(super) struct Log {
    pub(super) row: GenerationRow,
    /// The model that came with the request and is known nowhere else.
    pub(super) inline: OnceLock<Arc<Model>>,
    /// Whether the writer has it on its list.
    pub(super) marked: AtomicBool,
    state: Mutex<State>,
    room: Notify,
    /// Where another instance is the writer: it may have written something.
    pub(super) hint: Notify,
    /// The same: one reader of the journal at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
    closed: watch::Sender<bool>,
    done: watch::Sender<Option<Stopped>>,
}

#[derive(Default)]
struct State {
    /// Committed text of all strands, in order of arrival.
    text: String,
    /// Where each frame ends in `text`; frame `n` is at index `n - 1`. There are about as many as tokens, and no text is
    /// near 4 GiB (`limits::REPLY_BYTES`).
    frames: Vec<(Part, u32)>,
    /// Runs of one strand that wait for the writer.
    pending: Vec<(Part, String)>,
    /// So many runs at the front of `pending` are whole frames: nothing is added to them.
    fixed: usize,
    /// Whether the model has said anything.
    news: bool,
    pending_bytes: usize,
    total_bytes: usize,
    ending: Option<Ending>,
    finishing: bool,
    progress: Option<Progress>,
    /// The writer cannot commit for now: whatever the model says, no text comes.
    held: bool,
    facts: Facts,
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
            inline: OnceLock::new(),
            marked: AtomicBool::new(false),
            state: Mutex::default(),
            room: Notify::new(),
            hint: Notify::new(),
            turn: tokio::sync::Mutex::default(),
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
        state.news = true;
        state.total_bytes += text.len();
        state.pending_bytes += text.len();
        let open = state.pending.len() > state.fixed;
        match state.pending.last_mut() {
            Some((last, run)) if open && *last == part => run.push_str(text),
            _ => state.pending.push((part, text.to_owned())),
        }
        if state.pending_bytes > PENDING_BYTES {
            Pushed::Full
        } else {
            Pushed::Taken
        }
    }

    /// Begins with the text of the reply that this one goes on from: one frame a strand, which is what
    /// `GenerationRow::kept_frames` counts.
    pub(super) fn keep(&self, kept: &Message) {
        let mut state = self.state();
        if state.ending.is_some() {
            return;
        }
        for (part, text) in kept.parts() {
            state.total_bytes += text.len();
            state.pending_bytes += text.len();
            state.pending.push((part, text.to_owned()));
        }
        state.fixed = state.pending.len();
    }

    /// Whether the model has said anything, committed or not.
    pub(super) fn has_news(&self) -> bool {
        self.state().news
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
        state.fixed = 0;
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
            let end = state.text.len() as u32;
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

    /// Whether it has an ending, stored or not.
    pub(super) fn is_closed(&self) -> bool {
        *self.closed.borrow()
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
                state.frames[index - 1].1 as usize
            };
            let text = &state.text[start..end as usize];
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

    /// Committed frames after `seq`, as the journal has them.
    pub(super) fn frames_after(&self, seq: u64) -> Vec<Frame> {
        let state = self.state();
        let from = usize::try_from(seq).unwrap_or(usize::MAX);
        let mut start = match from.checked_sub(1) {
            Some(last) => state
                .frames
                .get(last)
                .map_or(state.text.len(), |frame| frame.1 as usize),
            None => 0,
        };
        let tail = state.frames.iter().zip(1..).skip(from);
        tail.map(|(&(part, end), seq)| {
            let end = end as usize;
            let text = state.text[start..end].to_owned();
            start = end;
            Frame {
                generation_no: self.row.no,
                seq,
                part,
                text,
            }
        })
        .collect()
    }

    /// All committed text by strand, and the number of the last frame.
    pub(super) fn text_so_far(&self) -> (Vec<PartText>, u64) {
        let state = self.state();
        let mut parts: Vec<PartText> = Vec::new();
        let mut start = 0;
        for &(part, end) in &state.frames {
            let end = end as usize;
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

    /// What the configuration says about the model that is asked.
    pub(super) fn note_asked(&self, model: &Model) {
        let mut state = self.state();
        state.facts.model.clone_from(&model.name);
        state.facts.prices = model.prices;
    }

    pub(super) fn note_model(&self, model: String) {
        self.state().facts.model = Some(model);
    }

    pub(super) fn note_usage(&self, usage: Usage) {
        self.state().facts.usage = Some(usage);
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        let state = self.state();
        match state.progress {
            Some(progress) if state.held && progress.fare == Fare::Streaming => {
                Some(Progress::of(Fare::Saving))
            }
            progress => progress,
        }
    }

    /// Notes whether the writer can commit; `false` when it is no news.
    pub(super) fn hold(&self, held: bool) -> bool {
        std::mem::replace(&mut self.state().held, held) != held
    }

    /// `false` when it is no news.
    pub(super) fn set_progress(&self, progress: Progress) -> bool {
        self.state().progress.replace(progress) != Some(progress)
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
pub(super) mod tests;
