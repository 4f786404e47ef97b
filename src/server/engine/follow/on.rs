//! Where a viewer stands in one lane: on which generation, and how much of its text it holds.

use std::sync::Arc;

use parlance_core::domain::{
    Cursor, Event, GenerationStatus, Message, MessageEvent, ShortId, digest,
};

use super::resume::holds;
use crate::{
    engine::{
        Inner,
        log::{Log, Progress},
    },
    port::store::{GenerationRow, StoreError},
};

/// The generation that a lane's `seq` counts in.
pub(super) struct On {
    pub(super) row: GenerationRow,
    /// While it is in memory here.
    log: Option<Arc<Log>>,
    pub(super) seq: u64,
    /// Whether the viewer holds the text up to `seq`.
    pub(super) introduced: bool,
    progress: Option<Progress>,
}

impl On {
    pub(super) fn new(row: GenerationRow) -> Self {
        let over = row.status.is_terminal();
        Self {
            seq: if over { row.last_seq } else { 0 },
            introduced: over,
            row,
            log: None,
            progress: None,
        }
    }

    /// The viewer's own place, when its cursor is on this generation.
    pub(super) fn held(cursor: Cursor, row: &GenerationRow) -> Option<Self> {
        (cursor.generation == Some(ShortId::from(row.id))).then(|| Self {
            row: row.clone(),
            log: None,
            seq: cursor.seq,
            introduced: true,
            progress: None,
        })
    }

    /// The same, if the generation has as many frames as the cursor says, and no more was seen than there is.
    pub(super) async fn held_if_true(
        inner: &Arc<Inner>,
        cursor: Option<Cursor>,
        row: &GenerationRow,
        rev: u64,
    ) -> Result<Option<Self>, StoreError> {
        let Some(cursor) = cursor.filter(|cursor| cursor.rev <= rev) else {
            return Ok(None);
        };
        match Self::held(cursor, row) {
            Some(on) if holds(inner, row, cursor.seq).await? => Ok(Some(on)),
            _ => Ok(None),
        }
    }

    /// What the viewer holds of the lane; `None` as long as that is nothing.
    pub(super) fn cursor(&self, rev: u64) -> Option<Cursor> {
        self.introduced
            .then(|| Cursor::on(rev, self.row.id, self.seq))
    }

    pub(super) fn is_live(&self) -> bool {
        !self.row.status.is_terminal()
    }

    /// Takes a later state in. What the log may still get is no news once the end was told.
    pub(super) fn go_on(&mut self, row: GenerationRow) {
        if row.owner_boot != self.row.owner_boot {
            // Another process has taken the turn over: its text is in another log.
            self.log = None;
        }
        if row.status.is_terminal() {
            self.seq = row.last_seq;
            self.introduced = true;
        }
        self.row = row;
    }

    /// The log, as long as there is one to be read here.
    pub(super) async fn log(&mut self, inner: &Arc<Inner>) -> Result<Option<Arc<Log>>, StoreError> {
        if self.log.is_none() {
            self.log = inner.reading(&self.row).await?;
        }
        Ok(self.log.clone())
    }

    /// Committed text after the viewer's own, each piece with the number of its last frame. `None` when nothing can be
    /// said yet.
    pub(super) fn text(&mut self, log: &Log) -> Option<Vec<(u64, MessageEvent)>> {
        Some(match log.runs_after(self.seq).filter(|_| self.introduced) {
            Some(runs) => {
                let mut text = Vec::new();
                for run in runs {
                    self.seq = run.seq;
                    let delta = MessageEvent::Delta {
                        g: ShortId::from(self.row.id).to_string(),
                        prev: run.prev,
                        seq: run.seq,
                        lane: self.row.lane,
                        part: run.part,
                        text: run.text,
                    };
                    text.push((run.seq, delta));
                }
                text
            }
            // A continuation is shown from its kept text on.
            None if log.tail() < self.row.kept_frames => return None,
            // The viewer was further already, with another instance or before the log left memory.
            None if self.introduced => return None,
            None => {
                let snapshot = self.introduce(log);
                vec![(self.seq, snapshot)]
            }
        })
    }

    /// The whole text so far: the viewer holds none of it, or something else.
    fn introduce(&mut self, log: &Log) -> MessageEvent {
        let (parts, seq) = log.text_so_far();
        self.seq = seq;
        self.introduced = true;
        MessageEvent::Snapshot {
            generation_id: self.row.id,
            g: ShortId::from(self.row.id).to_string(),
            message_id: self.row.reply_message_id,
            user_message_id: self.row.user_message_id,
            seq,
            lane: self.row.lane,
            status: if seq > 0 {
                GenerationStatus::Streaming
            } else {
                self.row.status
            },
            kind: self.row.kind,
            continues_message_id: self.row.continues_message_id,
            parts,
        }
    }

    /// How it fares, if the viewer does not know yet.
    pub(super) fn fares(&mut self, log: &Log) -> Option<Event> {
        let progress = log
            .progress()
            .filter(|progress| self.progress != Some(*progress) && !log.is_settled())
            .filter(|_| self.is_live())?;
        self.progress = Some(progress);
        Some(Event::Status(progress.event(&self.row)))
    }
}

/// How a generation ended, with what was stored of it.
pub(super) fn ending(row: &GenerationRow, reply: Option<Message>) -> MessageEvent {
    let text = reply
        .as_ref()
        .map_or("", |message| message.content.as_str());
    MessageEvent::Final {
        generation_id: row.id,
        g: ShortId::from(row.id).to_string(),
        user_message_id: row.user_message_id,
        lane: row.lane,
        status: row.status,
        text_len: text.len() as u64,
        text_sha256: digest::sha256_hex(text),
        error: row.error.clone(),
        message: reply.map(Box::new),
    }
}
