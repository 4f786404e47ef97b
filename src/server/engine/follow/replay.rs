//! Where a viewer stands, and the events that bring it from there to the present.
//!
//! An event's `id` never claims more than what was sent up to it: a connection may be cut after any
//! event, and the cursor that is left must find everything that is missing.

use std::{collections::VecDeque, sync::Arc};

use parlance_core::domain::event::{ConversationEvent, Fare, StatusEvent};
use parlance_core::domain::{
    Cursor, Event, GenerationStatus, Hello, Message, MessageEvent, Resume, ShortId, digest, limits,
};

use super::{HEARTBEAT_MS, Request, Sent};
use crate::{
    engine::{Inner, log::Log},
    port::store::{Changes, GenerationRow, LATEST_REV, StoreError},
};

const PROTOCOL: u32 = 1;

type Outbox = VecDeque<Sent>;

/// What a viewer holds.
pub(super) struct Place {
    rev: u64,
    generation: Option<On>,
    title: String,
}

/// The generation that the viewer's `seq` counts in.
struct On {
    row: GenerationRow,
    /// While it is in memory here.
    log: Option<Arc<Log>>,
    seq: u64,
    /// Whether the viewer holds the text up to `seq`.
    introduced: bool,
    fare: Option<Fare>,
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
        inner: &Inner,
        request: &Request,
        outbox: &mut Outbox,
    ) -> Result<Option<Self>, StoreError> {
        let since = request
            .cursor
            .map_or(LATEST_REV, |cursor| cursor.rev.min(LATEST_REV));
        let Some(mut changes) = changes(inner, request, since).await? else {
            return Ok(None);
        };
        let resume = resume(inner, request.cursor, &changes);
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
            heartbeat_ms: HEARTBEAT_MS,
            server_time: inner.clock.now().millis(),
        };
        outbox.push_back(Sent {
            id: None,
            event: Event::Hello(hello),
        });
        let current = held.is_some_and(|cursor| cursor.rev == changes.conversation.rev);
        let mut place = Self {
            rev,
            generation: held
                .zip(changes.newest.as_ref())
                .and_then(|(cursor, row)| On::held(cursor, row)),
            title: if current {
                changes.conversation.title.clone()
            } else {
                String::new()
            },
        };
        place.apply(inner, changes, held.is_some(), outbox);
        place.take_frames(inner, outbox);
        Ok(Some(place))
    }

    /// Something durable changed: sends it.
    pub(super) async fn catch_up(
        &mut self,
        inner: &Inner,
        request: &Request,
        outbox: &mut Outbox,
    ) -> Result<Read, StoreError> {
        match changes(inner, request, self.rev).await? {
            None => Ok(Read::Gone),
            Some(changes) if changes.truncated => Ok(Read::TooMuch),
            Some(changes) => {
                self.apply(inner, changes, true, outbox);
                Ok(Read::Done)
            }
        }
    }

    /// Sends committed frames after the viewer's own.
    pub(super) fn take_frames(&mut self, inner: &Inner, outbox: &mut Outbox) {
        let rev = self.rev;
        let Some(on) = &mut self.generation else {
            return;
        };
        let Some(log) = on.log.clone().or_else(|| inner.log(on.row.id)) else {
            return;
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
                        part: run.part,
                        text: run.text,
                    };
                    let id = Some(Cursor::on(rev, on.row.id, run.seq));
                    outbox.push_back(Sent {
                        id,
                        event: Event::Message(delta),
                    });
                }
            }
            None => on.introduce(&log, rev, outbox),
        }
        let fare = log
            .fare()
            .filter(|fare| on.fare != Some(*fare) && !log.is_settled());
        if let Some(fare) = fare {
            on.fare = Some(fare);
            let status = StatusEvent {
                generation_id: on.row.id,
                status: fare,
            };
            outbox.push_back(Sent {
                id: None,
                event: Event::Status(status),
            });
        }
    }

    /// Whether a generation is under way.
    pub(super) fn is_live(&self) -> bool {
        self.generation
            .as_ref()
            .is_some_and(|on| !on.row.status.is_terminal())
    }

    fn apply(&mut self, inner: &Inner, changes: Changes, with_messages: bool, outbox: &mut Outbox) {
        let Changes {
            conversation,
            messages,
            newest,
            ..
        } = changes;
        let news = newest
            .as_ref()
            .filter(|row| row.status.is_terminal() && row.ended_rev > self.rev);
        let reply_id = news.map(|row| row.reply_message_id);
        let mut reply = None;
        for (rev, message) in messages {
            if Some(message.id) == reply_id {
                reply = Some(message);
            } else if with_messages {
                let id = Some(Cursor {
                    rev,
                    ..self.cursor()
                });
                let upsert = MessageEvent::Upsert {
                    message: Box::new(message),
                };
                outbox.push_back(Sent {
                    id,
                    event: Event::Message(upsert),
                });
            }
        }
        if let Some(row) = news {
            // The rest of its text comes before its end, as long as the log is still here.
            if self
                .generation
                .as_ref()
                .is_some_and(|on| on.row.id == row.id)
            {
                self.take_frames(inner, outbox);
            }
            let id = Some(Cursor::on(row.ended_rev, row.id, row.last_seq));
            outbox.push_back(Sent {
                id,
                event: Event::Message(ending(row, reply)),
            });
        }
        self.rev = conversation.rev;
        if let Some(row) = newest {
            match &mut self.generation {
                Some(on) if on.row.id == row.id => on.row = row,
                generation => *generation = Some(On::new(row)),
            }
        }
        // Last, because its id claims the whole rev. Whoever is not yet on the newest generation gets
        // that claim with the snapshot instead.
        if self.title != conversation.title {
            self.title.clone_from(&conversation.title);
            let event = ConversationEvent {
                rev: self.rev,
                title: conversation.title,
            };
            let id = self
                .generation
                .as_ref()
                .is_none_or(|on| on.introduced)
                .then(|| self.cursor());
            outbox.push_back(Sent {
                id,
                event: Event::Conversation(event),
            });
        }
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
            fare: None,
        }
    }

    /// The viewer's own place, when its cursor is on this generation.
    fn held(cursor: Cursor, row: &GenerationRow) -> Option<Self> {
        (cursor.generation == Some(ShortId::from(row.id))).then(|| Self {
            row: row.clone(),
            log: None,
            seq: cursor.seq,
            introduced: true,
            fare: None,
        })
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
            status: if seq > 0 {
                GenerationStatus::Streaming
            } else {
                self.row.status
            },
            parts,
        };
        let id = Some(Cursor::on(rev, self.row.id, seq));
        outbox.push_back(Sent {
            id,
            event: Event::Message(snapshot),
        });
    }
}

async fn changes(
    inner: &Inner,
    request: &Request,
    since: u64,
) -> Result<Option<Changes>, StoreError> {
    inner
        .store
        .changes_since(request.owner, request.conversation, since, limits::CHANGES)
        .await
}

/// Whether the cursor can be continued without a gap.
fn resume(inner: &Inner, cursor: Option<Cursor>, changes: &Changes) -> Resume {
    let rev = changes.conversation.rev;
    let Some(cursor) = cursor else {
        return Resume::Snapshot;
    };
    if cursor.rev > rev {
        return Resume::Reset;
    }
    if changes.truncated {
        return Resume::Snapshot;
    }
    match (cursor.generation, &changes.newest) {
        (None, _) => Resume::Exact,
        (Some(held), Some(newest)) if held == ShortId::from(newest.id) => {
            let tail = if newest.status.is_terminal() {
                newest.last_seq
            } else {
                inner.log(newest.id).map_or(0, |log| log.tail())
            };
            if cursor.seq > tail {
                Resume::Reset
            } else {
                Resume::Exact
            }
        }
        // An earlier generation; its end, and all since, came with later revs.
        (Some(_), Some(_)) if cursor.rev < rev => Resume::Exact,
        (Some(_), _) => Resume::Snapshot,
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
        status: row.status,
        text_len: text.len() as u64,
        text_sha256: digest::sha256_hex(text),
        error: row.error.clone(),
        message: reply.map(Box::new),
    }
}
