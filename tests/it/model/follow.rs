//! One stream on its instance: subscribe, read what lies after the cursor, then read again whenever something changed.
//! The same decisions as `engine::follow`, on the model's store.

use std::collections::VecDeque;

use parlance_core::domain::{
    Cursor, Event, Hello, Message, MessageEvent, MessageId, Problem, Resume, ShortId, digest,
};
use parlance_server::port::journal::Frame;

use super::{
    instance::{Beat, Instance},
    page,
    rules::Rules,
    store::{Changes, Row, Store, Strands},
};

/// What a queue of the broken rule holds.
const QUEUE: usize = 3;

/// One event as it goes over the wire.
pub struct Line {
    /// Empty when it moves nothing.
    pub id: String,
    pub json: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    /// One of subscribing and reading is done.
    Half,
    Live,
}

/// A stream.
pub struct Connection {
    pub at: usize,
    cursor: Option<Cursor>,
    stage: Stage,
    seen: Beat,
    rev: u64,
    on: Option<On>,
    /// The head of the path that the viewer was told of.
    told: Option<Option<MessageId>>,
    pub outbox: VecDeque<Line>,
    /// The cursor was ahead of what the owner remembers.
    pub was_ahead: bool,
}

/// The generation that the viewer's number counts in.
struct On {
    row: Row,
    seq: u64,
    /// Whether the viewer holds the text up to `seq`.
    introduced: bool,
}

impl Connection {
    pub fn new(at: usize, cursor: Option<Cursor>) -> Self {
        Self {
            at,
            cursor,
            stage: Stage::New,
            seen: Beat::default(),
            rev: 0,
            on: None,
            told: None,
            outbox: VecDeque::new(),
            was_ahead: false,
        }
    }

    pub fn is_live(&self) -> bool {
        self.stage == Stage::Live
    }

    /// Whether a step would do anything.
    pub fn has_reason(&self, instance: &Instance) -> bool {
        self.stage != Stage::Live || self.seen != instance.beat
    }

    /// The next step of joining; once joined: reads what changed. Pulls only when everything was taken.
    pub fn step(&mut self, store: &Store, instance: &mut Instance, rules: Rules) {
        match (self.stage, rules) {
            (Stage::New, Rules::ReadThenSubscribe) => {
                self.join(store, instance, rules);
                self.stage = Stage::Half;
            }
            (Stage::New, _) => {
                self.seen = instance.beat;
                self.stage = Stage::Half;
            }
            (Stage::Half, Rules::ReadThenSubscribe) => {
                self.subscribe_from_now_on(store, instance, rules);
                self.stage = Stage::Live;
            }
            (Stage::Half, _) => {
                self.join(store, instance, rules);
                self.stage = Stage::Live;
            }
            (Stage::Live, _) if self.outbox.is_empty() || rules == Rules::DroppingQueue => {
                self.read(store, instance, rules);
            }
            (Stage::Live, _) => {}
        }
    }

    fn read(&mut self, store: &Store, instance: &Instance, rules: Rules) {
        let stored = instance.beat.stored != self.seen.stored;
        self.seen = instance.beat;
        if stored {
            self.apply(instance, store.changes_since(self.rev), true, rules);
        }
        self.take_frames(instance, rules);
    }

    /// The broken rule: whatever came between reading and this moment passes by.
    fn subscribe_from_now_on(&mut self, store: &Store, instance: &Instance, rules: Rules) {
        self.seen = instance.beat;
        self.rev = store.rev;
        self.on = store.newest().map(|row| On {
            seq: tail(store, instance, row, 0, rules),
            introduced: true,
            row: row.clone(),
        });
    }

    fn join(&mut self, store: &Store, instance: &mut Instance, rules: Rules) {
        let mut changes = store.changes_since(self.cursor.map_or(store.rev, |cursor| cursor.rev));
        if let Some(row) = &changes.newest {
            instance.refresh(store, row);
        }
        let resume = self.resume(store, instance, &changes, rules);
        let held = self.cursor.filter(|_| resume == Resume::Exact);
        self.rev = held.map_or(changes.rev, |cursor| cursor.rev);
        if held.is_none()
            && let Some(newest) = changes
                .newest
                .as_ref()
                .filter(|row| row.status.is_terminal())
        {
            self.rev = newest.ended_rev.saturating_sub(1);
            changes = store.changes_since(self.rev);
        }
        let hello = Hello {
            protocol: 1,
            rev: changes.rev,
            resume,
            heartbeat_ms: 10_000,
            server_time: 0,
        };
        self.push(None, &Event::Hello(hello), rules);
        self.on = held.zip(changes.newest.as_ref()).and_then(|(cursor, row)| {
            names(cursor, row, rules).then(|| On {
                row: row.clone(),
                seq: cursor.seq,
                introduced: true,
            })
        });
        self.apply(instance, changes, held.is_some(), rules);
        self.take_frames(instance, rules);
    }

    /// Whether the cursor can be continued without a gap.
    fn resume(
        &mut self,
        store: &Store,
        instance: &Instance,
        changes: &Changes,
        rules: Rules,
    ) -> Resume {
        let Some(cursor) = self.cursor else {
            return Resume::Snapshot;
        };
        if cursor.rev > changes.rev {
            return Resume::Reset;
        }
        match &changes.newest {
            _ if cursor.generation.is_none() => Resume::Exact,
            Some(newest) if names(cursor, newest, rules) => {
                let remembered = tail(store, instance, newest, 0, rules);
                let there = tail(store, instance, newest, cursor.seq, rules);
                self.was_ahead = cursor.seq > remembered;
                if cursor.seq > there {
                    Resume::Reset
                } else {
                    Resume::Exact
                }
            }
            // An earlier generation; its end, and all since, came with later revs.
            Some(_) if cursor.rev < changes.rev => Resume::Exact,
            _ => Resume::Snapshot,
        }
    }

    fn apply(&mut self, instance: &Instance, changes: Changes, with_messages: bool, rules: Rules) {
        let news = changes
            .newest
            .as_ref()
            .filter(|row| row.status.is_terminal() && row.ended_rev > self.rev);
        let reply_id = news.map(|row| row.reply_message_id);
        let mut reply = None;
        for (rev, message) in changes.messages {
            if Some(message.id) == reply_id {
                reply = Some(message);
            } else if with_messages {
                let id = Cursor {
                    rev,
                    ..self.position()
                };
                let message = Box::new(message);
                let upsert = Event::Message(MessageEvent::Upsert { message });
                self.push(Some(id), &upsert, rules);
            }
        }
        if let Some(row) = news {
            if self.on.as_ref().is_some_and(|on| on.row.no == row.no) {
                self.take_frames(instance, rules);
            }
            let id = Cursor::on(row.ended_rev, row.id, row.last_seq);
            self.push(Some(id), &ending(row, reply), rules);
        }
        self.rev = changes.rev;
        if let Some(row) = changes.newest {
            match &mut self.on {
                Some(on) if on.row.no == row.no => {
                    // Its end says all: frames that this process learns of later are old by then.
                    if row.status.is_terminal() && rules != Rules::TextAfterEnd {
                        on.seq = row.last_seq;
                        on.introduced = true;
                    }
                    on.row = row;
                }
                on => {
                    let over = row.status.is_terminal();
                    *on = Some(On {
                        seq: if over { row.last_seq } else { 0 },
                        introduced: over,
                        row,
                    });
                }
            }
        }
        // Last, because its id claims the whole rev.
        if self.told != Some(changes.head) {
            self.told = Some(changes.head);
            let running = self.on.as_ref().filter(|on| !on.row.status.is_terminal());
            let event = page::news(changes.rev, changes.head, running.map(|on| on.row.id));
            let introduced = self.on.as_ref().is_none_or(|on| on.introduced);
            let id = introduced.then(|| self.position());
            self.push(id, &event, rules);
        }
    }

    /// Sends visible frames after the viewer's own.
    fn take_frames(&mut self, instance: &Instance, rules: Rules) {
        let rev = self.rev;
        let Some(on) = &mut self.on else {
            return;
        };
        let Some(frames) = instance.log(on.row.no, rules) else {
            return;
        };
        let id = on.row.id;
        if !on.introduced && (frames.len() as u64) < on.row.kept_frames {
            // A continuation is shown from its kept text on.
            return;
        }
        if !on.introduced {
            on.introduced = true;
            on.seq = frames.len() as u64;
            let snapshot = page::snapshot(&on.row, &Strands::of(frames.iter()), on.seq);
            let position = Cursor::on(rev, id, on.seq);
            self.push(Some(position), &snapshot, rules);
            return;
        }
        // Ahead of what this process remembers: it will learn of those frames, until then there is nothing to say.
        let new = frames.get(on.seq as usize..).unwrap_or_default();
        on.seq = on.seq.max(frames.len() as u64);
        // A queue holds frames one by one; who pulls gets what has gathered.
        let joins = |a: &Frame, b: &Frame| a.part == b.part && rules != Rules::DroppingQueue;
        for run in new.chunk_by(joins) {
            let (first, last) = (&run[0], &run[run.len() - 1]);
            let delta = Event::Message(MessageEvent::Delta {
                g: ShortId::from(id).to_string(),
                prev: first.seq - 1,
                seq: last.seq,
                lane: 0,
                part: first.part,
                text: run.iter().map(|frame| frame.text.as_str()).collect(),
            });
            self.push(Some(Cursor::on(rev, id, last.seq)), &delta, rules);
        }
    }

    fn push(&mut self, id: Option<Cursor>, event: &Event, rules: Rules) {
        if rules == Rules::DroppingQueue && self.outbox.len() >= QUEUE {
            return;
        }
        self.outbox.push_back(Line {
            id: id.map_or_else(String::new, |id| id.to_string()),
            json: serde_json::to_string(event).unwrap(),
        });
    }

    fn position(&self) -> Cursor {
        match &self.on {
            Some(on) => Cursor::on(self.rev, on.row.id, on.seq),
            None => Cursor::idle(self.rev),
        }
    }
}

/// Number of the last visible frame. Whoever asks for a later one is answered from the journal.
fn tail(store: &Store, instance: &Instance, row: &Row, asked: u64, rules: Rules) -> u64 {
    if row.status.is_terminal() {
        return row.last_seq;
    }
    let remembered = instance
        .log(row.no, rules)
        .map_or(0, |log| log.len() as u64);
    if asked > remembered && rules != Rules::JudgeByMemory {
        store.tail(row.no)
    } else {
        remembered
    }
}

/// Whether the cursor counts in this generation.
fn names(cursor: Cursor, row: &Row, rules: Rules) -> bool {
    cursor.generation == Some(ShortId::from(row.id)) || rules == Rules::BareCursor
}

fn ending(row: &Row, reply: Option<Message>) -> Event {
    let text = reply
        .as_ref()
        .map_or("", |message| message.content.as_str());
    Event::Message(MessageEvent::Final {
        generation_id: row.id,
        g: ShortId::from(row.id).to_string(),
        user_message_id: row.user_message_id,
        lane: 0,
        status: row.status,
        text_len: text.len() as u64,
        text_sha256: digest::sha256_hex(text),
        error: row.error.map(Problem::new),
        message: reply.map(Box::new),
    })
}
