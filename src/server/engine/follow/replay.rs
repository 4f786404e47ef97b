//! Where a viewer stands, and the events that bring it from there to the present.
//!
//! An event's `id` never claims more than what was sent up to it: a connection may be cut after any
//! event, and the cursor that is left must find everything that is missing.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use parlance_core::domain::event::ConversationEvent;
use parlance_core::domain::{
    Cursor, Event, GenerationStatus, Hello, Message, MessageEvent, MessageId, Position, Resume,
    ShortId, digest,
};

use super::{
    Request, Sent,
    resume::{changes, resume},
};
use crate::{
    engine::{
        Inner,
        log::{Log, Progress},
    },
    port::store::{Changes, GenerationRow, LATEST_REV, StoreError},
};

pub(super) const PROTOCOL: u32 = 1;

type Outbox = VecDeque<Sent>;

/// What a viewer holds.
pub(super) struct Place {
    rev: u64,
    generation: Option<On>,
    told: Option<Told>,
}

/// Something durable that the viewer has not been told.
enum News {
    Stored(Message),
    Ended(GenerationRow),
}

/// What the viewer knows of the conversation itself.
#[derive(PartialEq)]
struct Told {
    title: String,
    head: Option<MessageId>,
}

/// The generation that the viewer's `seq` counts in.
struct On {
    row: GenerationRow,
    /// While it is in memory here.
    log: Option<Arc<Log>>,
    seq: u64,
    /// Whether the viewer holds the text up to `seq`.
    introduced: bool,
    progress: Option<Progress>,
}

/// What became of reading the store.
pub(super) enum Read {
    Done,
    /// More changed than is sent one by one: the viewer should come back and start anew.
    TooMuch,
    /// The conversation is no longer there for this viewer.
    Gone,
}

impl Place {
    /// Reads the present, greets, and sends what lies between the cursor and it. `None` when the
    /// conversation is not the owner's.
    pub(super) async fn join(
        inner: &Arc<Inner>,
        request: &Request,
        outbox: &mut Outbox,
    ) -> Result<Option<Self>, StoreError> {
        let since = request
            .cursor
            .map_or(LATEST_REV, |cursor| cursor.rev.min(LATEST_REV));
        let Some(mut changes) = changes(inner, request, since).await? else {
            return Ok(None);
        };
        let resume = resume(inner, request.cursor, &changes).await?;
        let held = request.cursor.filter(|_| resume == Resume::Exact);
        let mut rev = held.map_or(changes.conversation.rev, |cursor| cursor.rev);
        // Whoever starts anew is always told how the newest generation ended.
        if held.is_none()
            && let Some(newest) = changes
                .newest
                .as_ref()
                .filter(|row| row.status.is_terminal())
        {
            rev = newest.ended_rev.saturating_sub(1);
            let Some(again) = self::changes(inner, request, rev).await? else {
                return Ok(None);
            };
            changes = again;
        }
        let hello = Hello {
            protocol: PROTOCOL,
            rev: changes.conversation.rev,
            resume,
            heartbeat_ms: heartbeat_ms(inner),
            server_time: inner.clock.now().millis(),
        };
        outbox.push_back(sent(None, Event::Hello(hello)));
        let mut place = Self {
            rev,
            generation: held
                .zip(changes.newest.as_ref())
                .and_then(|(cursor, row)| On::held(cursor, row)),
            told: None,
        };
        place.apply(inner, changes, held.is_some(), outbox).await?;
        place.take_frames(inner, outbox).await?;
        Ok(Some(place))
    }

    /// Something durable changed: sends it.
    pub(super) async fn catch_up(
        &mut self,
        inner: &Arc<Inner>,
        request: &Request,
        outbox: &mut Outbox,
    ) -> Result<Read, StoreError> {
        match changes(inner, request, self.rev).await? {
            None => Ok(Read::Gone),
            Some(changes) if changes.truncated => Ok(Read::TooMuch),
            Some(changes) => {
                self.apply(inner, changes, true, outbox).await?;
                Ok(Read::Done)
            }
        }
    }

    /// Sends committed frames after the viewer's own.
    pub(super) async fn take_frames(
        &mut self,
        inner: &Arc<Inner>,
        outbox: &mut Outbox,
    ) -> Result<(), StoreError> {
        let rev = self.rev;
        let Some(on) = &mut self.generation else {
            return Ok(());
        };
        let log = match &on.log {
            Some(log) => log.clone(),
            None => match inner.reading(&on.row).await? {
                Some(log) => log,
                None => return Ok(()),
            },
        };
        on.log = Some(log.clone());
        match log.runs_after(on.seq).filter(|_| on.introduced) {
            Some(runs) => {
                for run in runs {
                    on.seq = run.seq;
                    let delta = MessageEvent::Delta {
                        g: ShortId::from(on.row.id).to_string(),
                        prev: run.prev,
                        seq: run.seq,
                        lane: on.row.lane,
                        part: run.part,
                        text: run.text,
                    };
                    let id = Cursor::on(rev, on.row.id, run.seq);
                    outbox.push_back(sent(Some(id), Event::Message(delta)));
                }
            }
            // A continuation is shown from its kept text on.
            None if log.tail() < on.row.kept_frames => return Ok(()),
            // The viewer was further already, with another instance or before the log left memory.
            None if on.introduced => return Ok(()),
            None => on.introduce(&log, rev, outbox),
        }
        let progress = log
            .progress()
            .filter(|progress| on.progress != Some(*progress) && !log.is_settled())
            .filter(|_| !on.row.status.is_terminal());
        if let Some(progress) = progress {
            on.progress = Some(progress);
            outbox.push_back(sent(None, Event::Status(progress.event(&on.row))));
        }
        Ok(())
    }

    /// The last frame that was sent.
    pub(super) fn seq(&self) -> u64 {
        self.generation.as_ref().map_or(0, |on| on.seq)
    }

    /// Whether a generation is under way.
    pub(super) fn is_live(&self) -> bool {
        self.generation
            .as_ref()
            .is_some_and(|on| !on.row.status.is_terminal())
    }

    async fn apply(
        &mut self,
        inner: &Arc<Inner>,
        changes: Changes,
        with_messages: bool,
        outbox: &mut Outbox,
    ) -> Result<(), StoreError> {
        let told = told(&changes);
        let Changes {
            conversation,
            head,
            messages,
            ended,
            newest,
            ..
        } = changes;
        let mut replies = HashMap::new();
        let mut news = Vec::new();
        for (rev, message) in messages {
            if ended.iter().any(|row| row.reply_message_id == message.id) {
                replies.insert(message.id, message);
            } else if with_messages {
                news.push((rev, News::Stored(message)));
            }
        }
        let ends = ended.into_iter().filter(|row| row.ended_rev > self.rev);
        news.extend(ends.map(|row| (row.ended_rev, News::Ended(row))));
        // As it happened: the reader's path grows link by link.
        news.sort_by_key(|(rev, _)| *rev);
        for (rev, news) in news {
            match news {
                News::Stored(message) => {
                    let id = Cursor {
                        rev,
                        ..self.cursor()
                    };
                    let upsert = MessageEvent::Upsert {
                        message: Box::new(message),
                    };
                    outbox.push_back(sent(Some(id), Event::Message(upsert)));
                }
                News::Ended(row) => {
                    // The rest of its text comes before its end, as long as the log is still here.
                    let held = self.generation.as_ref();
                    if held.is_some_and(|on| on.row.id == row.id) {
                        self.take_frames(inner, outbox).await?;
                    }
                    let reply = replies.remove(&row.reply_message_id);
                    let id = Cursor::on(row.ended_rev, row.id, row.last_seq);
                    outbox.push_back(sent(Some(id), Event::Message(ending(&row, reply))));
                    if let Some(on) = self.generation.as_mut().filter(|on| on.row.id == row.id) {
                        on.go_on(row);
                    }
                }
            }
        }
        self.rev = conversation.rev;
        if let Some(row) = newest {
            match &mut self.generation {
                Some(on) if on.row.id == row.id => on.go_on(row),
                generation => *generation = Some(On::new(row)),
            }
        }
        // Last, because its id claims the whole rev. Whoever is not yet on the newest generation gets
        // that claim with the snapshot instead.
        if self.told.as_ref() != Some(&told) {
            self.told = Some(told);
            let running = self
                .generation
                .as_ref()
                .filter(|on| !on.row.status.is_terminal());
            let event = ConversationEvent {
                id: conversation.id,
                rev: self.rev,
                title: conversation.title,
                head,
                status: conversation.status,
                generation_id: running.map(|on| on.row.id),
                compared: None,
                updated_at: conversation.updated_at,
            };
            let id = self
                .generation
                .as_ref()
                .is_none_or(|on| on.introduced)
                .then(|| self.cursor());
            outbox.push_back(sent(id, Event::Conversation(event)));
        }
        Ok(())
    }

    fn cursor(&self) -> Cursor {
        match &self.generation {
            Some(on) => Cursor::on(self.rev, on.row.id, on.seq),
            None => Cursor::idle(self.rev),
        }
    }
}

impl On {
    fn new(row: GenerationRow) -> Self {
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
    fn held(cursor: Cursor, row: &GenerationRow) -> Option<Self> {
        (cursor.generation == Some(ShortId::from(row.id))).then(|| Self {
            row: row.clone(),
            log: None,
            seq: cursor.seq,
            introduced: true,
            progress: None,
        })
    }

    /// Takes a later state in. What the log may still get is no news once the end was told.
    fn go_on(&mut self, row: GenerationRow) {
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

    /// Sends the whole text so far: the viewer holds none of it, or something else.
    fn introduce(&mut self, log: &Log, rev: u64, outbox: &mut Outbox) {
        let (parts, seq) = log.text_so_far();
        self.seq = seq;
        self.introduced = true;
        let snapshot = MessageEvent::Snapshot {
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
        };
        let id = Cursor::on(rev, self.row.id, seq);
        outbox.push_back(sent(Some(id), Event::Message(snapshot)));
    }
}

fn told(changes: &Changes) -> Told {
    Told {
        title: changes.conversation.title.clone(),
        head: changes.head,
    }
}

pub(super) fn heartbeat_ms(inner: &Inner) -> u64 {
    u64::try_from(inner.settings.times.stream_heartbeat.as_millis()).unwrap_or(u64::MAX)
}

fn sent(id: Option<Cursor>, event: Event) -> Sent {
    Sent {
        id: id.map(Position::from),
        ..Sent::of(event)
    }
}

fn ending(row: &GenerationRow, reply: Option<Message>) -> MessageEvent {
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
