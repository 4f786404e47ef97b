//! Reading along with a generation that another instance writes: one reader of the journal for all its viewers here.
//!
//! It fills a log like the writer's own, so viewers do not know the difference. Hints say when to look; without them it
//! looks now and then.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use parlance_core::domain::{ConversationId, StatusEvent, event::Fare};
use tokio::time::{sleep, timeout};

use super::{
    Inner,
    log::{Log, Progress},
};
use crate::port::store::{GenerationRow, StoreError};

/// Between two reads of one journal.
const PACE: Duration = Duration::from_millis(20);

impl Inner {
    /// The log of a generation under way, as fresh as the store; `None` when it is over, or this process's own and not
    /// begun yet.
    pub(super) async fn reading(
        self: &Arc<Self>,
        row: &GenerationRow,
    ) -> Result<Option<Arc<Log>>, StoreError> {
        // A log that somebody else has taken over tells nothing any more.
        let own = self.log(row.id);
        if let Some(log) = own.filter(|log| log.row.owner_boot == row.owner_boot) {
            return Ok(Some(log));
        }
        if !self.is_written_elsewhere(row) {
            return Ok(None);
        }
        let log = self.echo(row);
        read_on(self, &log).await?;
        Ok(Some(log))
    }

    /// Whether a generation of another instance has ended since its row was read: then its frames may be gone, and the
    /// row must be read again.
    pub(super) async fn is_over(&self, row: &GenerationRow) -> Result<bool, StoreError> {
        Ok(self.is_written_elsewhere(row) && !self.store.ended_among(&[row.id]).await?.is_empty())
    }

    /// The same of a generation of which nothing can be read: it may not have begun, or its frames may be gone.
    pub(super) async fn has_slipped_away(
        self: &Arc<Self>,
        row: &GenerationRow,
    ) -> Result<bool, StoreError> {
        let text = self.reading(row).await?;
        Ok(text.is_some_and(|log| log.tail() == 0) && self.is_over(row).await?)
    }

    fn is_written_elsewhere(&self, row: &GenerationRow) -> bool {
        self.settings.shared && !row.status.is_terminal() && row.owner_boot != self.owner.boot
    }

    fn echo(self: &Arc<Self>, row: &GenerationRow) -> Arc<Log> {
        let mut echoes = self.echoes();
        let lanes = echoes.entry(row.conversation_id).or_default();
        let mut known = lanes.iter().filter_map(Weak::upgrade);
        if let Some(log) = known.find(|log| log.row.id == row.id) {
            return log;
        }
        let log = Arc::new(Log::new(row.clone()));
        lanes.push(Arc::downgrade(&log));
        drop(echoes);
        tokio::spawn(follow(self.clone(), Arc::downgrade(&log)));
        log
    }

    /// Another instance has written something.
    pub(super) fn hint_written(&self, conversation: ConversationId) {
        let echoes = self.echoes_in(conversation);
        if echoes.is_empty() {
            self.hub.unread(conversation);
        }
        for log in echoes {
            log.hint.notify_one();
        }
    }

    /// Another instance tells how its reply fares. Of interest only to those who watch.
    pub(super) fn hint_faring(&self, conversation: ConversationId, status: StatusEvent) {
        let mut echoes = self.echoes_in(conversation).into_iter();
        let Some(log) = echoes.find(|log| log.row.id == status.generation_id) else {
            return;
        };
        let progress = Progress::told(status);
        // Old news, or of a process that does not know yet that another has taken the turn over.
        let late = log.tail() > log.row.kept_frames && progress.is_before_text();
        if !late && log.set_progress(progress) {
            self.hub.written(conversation);
        }
    }

    /// Hints may have been lost: everybody looks.
    pub(super) fn hint_everything(&self) {
        for log in self.echoes().values().flatten().filter_map(Weak::upgrade) {
            log.hint.notify_one();
        }
        self.hub.all();
    }

    /// What is read along with in a conversation.
    fn echoes_in(&self, conversation: ConversationId) -> Vec<Arc<Log>> {
        let echoes = self.echoes();
        let lanes = echoes.get(&conversation).into_iter().flatten();
        lanes.filter_map(Weak::upgrade).collect()
    }
}

/// Reads until the generation is over or nobody watches it any more.
async fn follow(inner: Arc<Inner>, echo: Weak<Log>) {
    while let Some(log) = echo.upgrade() {
        // An error means that the time is up: look without a hint.
        let _ = timeout(inner.settings.times.poll, log.hint.notified()).await;
        let before = log.tail();
        if let Err(error) = read_on(&inner, &log).await {
            tracing::warn!(%error, generation_id = %log.row.id, "the journal could not be read");
            continue;
        }
        if log.tail() != before {
            // Hints may come in a flood: one read for all that come within a moment.
            sleep(PACE).await;
            continue;
        }
        let over = inner.store.ended_among(&[log.row.id]).await;
        if over.is_ok_and(|over| !over.is_empty()) {
            inner.hub.stored(log.row.conversation_id, log.row.user_id);
            break;
        }
    }
    inner.echoes().retain(|_, lanes| {
        lanes.retain(|echo| echo.strong_count() > 0);
        !lanes.is_empty()
    });
}

/// Takes in what was written since.
async fn read_on(inner: &Inner, log: &Log) -> Result<(), StoreError> {
    let _turn = log.turn.lock().await;
    let frames = inner.journal.frames_after(log.row.no, log.tail()).await?;
    // A batch is committed whole and numbers are dense, so a gap can only be frames that a finished reply dropped.
    let whole = frames
        .iter()
        .zip(log.tail() + 1..)
        .take_while(|(frame, seq)| frame.seq == *seq)
        .count();
    if whole > 0 {
        log.commit(&frames[..whole]);
        if log.tail() > log.row.kept_frames {
            log.set_progress(Progress::of(Fare::Streaming));
        }
        inner.hub.written(log.row.conversation_id);
    }
    Ok(())
}
