//! Where a viewer stands, and the events that bring it from there to the present.
//!
//! An event's `id` never claims more than what was sent up to it: a connection may be cut after any
//! event, and the position that is left must find everything that is missing. So there is one rev for all lanes, whose
//! changes are told in its order, and for each lane the text that was sent of it. A lane of which nothing was sent has no
//! part in the id, and is begun anew by whoever comes back without one.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use parlance_core::domain::event::ConversationEvent;
use parlance_core::domain::{
    Cursor, Event, Hello, Lane, Message, MessageEvent, MessageId, Position, Resume, lane::FIRST,
};

use super::{
    Request, Sent,
    on::{On, ending},
    resume::{changes, resume},
};
use crate::{
    engine::Inner,
    port::store::{Changes, GenerationRow, LATEST_REV, StoreError},
};

pub(super) const PROTOCOL: u32 = 1;

type Outbox = VecDeque<Sent>;

/// What a viewer holds.
pub(super) struct Place {
    /// All durable changes up to this one, in every lane.
    rev: u64,
    first: Option<On>,
    /// The other lanes, as long as their replies are compared.
    beside: Vec<On>,
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
    compared: Option<MessageId>,
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
        let seen = request.position.unwrap_or_default();
        let since = seen.rev().map_or(LATEST_REV, |rev| rev.min(LATEST_REV));
        let Some(mut changes) = changes(inner, request, since).await? else {
            return Ok(None);
        };
        let rev = changes.conversation.rev;
        let resume = resume(inner, seen.of(FIRST), &changes).await?;
        let held = seen.of(FIRST).filter(|_| resume == Resume::Exact);
        let mut place = Self {
            rev: if held.is_some() { since } else { rev },
            first: held
                .zip(changes.newest.as_ref())
                .and_then(|(cursor, row)| On::held(cursor, row)),
            beside: Vec::new(),
            told: None,
        };
        for row in compared(&changes).filter(|_| held.is_some()) {
            let on = On::held_if_true(inner, seen.of(row.lane), row, rev).await?;
            place.beside.extend(on);
        }
        // Whoever starts anew in a lane is always told how its newest generation ended.
        let first = changes.newest.iter().filter(|_| held.is_none());
        let others = compared(&changes).filter(|row| place.on(row.lane).is_none());
        let ended = first.chain(others).filter(|row| row.status.is_terminal());
        if let Some(end) = ended.map(|row| row.ended_rev).min() {
            let before = end.saturating_sub(1);
            if held.is_none() {
                place.rev = before;
            }
            // What was cut short may not hold that end's reply.
            if before < since || changes.truncated {
                let Some(again) = self::changes(inner, request, before).await? else {
                    return Ok(None);
                };
                changes = again;
            }
        }
        let hello = Hello {
            protocol: PROTOCOL,
            rev: changes.conversation.rev,
            resume,
            heartbeat_ms: heartbeat_ms(inner),
            server_time: inner.clock.now().millis(),
        };
        outbox.push_back(sent(None, Event::Hello(hello)));
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
        self.take_from(FIRST, inner, outbox).await?;
        for place in 0..self.beside.len() {
            let lane = self.beside[place].row.lane;
            self.take_from(lane, inner, outbox).await?;
        }
        Ok(())
    }

    /// Those of one lane.
    async fn take_from(
        &mut self,
        lane: Lane,
        inner: &Arc<Inner>,
        outbox: &mut Outbox,
    ) -> Result<(), StoreError> {
        let rev = self.rev;
        let Some(on) = self.on_mut(lane) else {
            return Ok(());
        };
        let Some(log) = on.log(inner).await? else {
            return Ok(());
        };
        let generation = on.row.id;
        let Some(text) = on.text(&log) else {
            return Ok(());
        };
        let fares = on.fares(&log);
        let last = self.position();
        for (seq, event) in text {
            let id = last.map(|mut id| {
                id.set(lane, Some(Cursor::on(rev, generation, seq)));
                id
            });
            outbox.push_back(sent(id, Event::Message(event)));
        }
        outbox.extend(fares.map(|event| sent(None, event)));
        Ok(())
    }

    /// How much text was sent; it only tells whether more was.
    pub(super) fn text_seen(&self) -> u64 {
        self.lanes().map(|on| on.seq).sum()
    }

    /// Whether a generation is under way.
    pub(super) fn is_live(&self) -> bool {
        self.lanes().any(On::is_live)
    }

    async fn apply(
        &mut self,
        inner: &Arc<Inner>,
        changes: Changes,
        with_messages: bool,
        outbox: &mut Outbox,
    ) -> Result<(), StoreError> {
        let lanes: Vec<_> = compared(&changes).cloned().collect();
        let told = told(&changes);
        let Changes {
            conversation,
            head,
            messages,
            mut ended,
            newest,
            compared,
            ..
        } = changes;
        ended.retain(|row| self.is_news(row, &lanes));
        let mut replies = HashMap::new();
        let mut news = Vec::new();
        for (rev, message) in messages {
            if ended.iter().any(|row| row.reply_message_id == message.id) {
                replies.insert(message.id, message);
            } else if with_messages && rev > self.rev {
                news.push((rev, News::Stored(message)));
            }
        }
        news.extend(
            ended
                .into_iter()
                .map(|row| (row.ended_rev, News::Ended(row))),
        );
        // As it happened: the reader's path grows link by link.
        news.sort_by_key(|(rev, _)| *rev);
        for (rev, news) in news {
            let event = match news {
                News::Stored(message) => MessageEvent::Upsert {
                    message: Box::new(message),
                },
                News::Ended(row) => {
                    // The rest of its text comes before its end, as long as the log is still here.
                    if self.on(row.lane).is_some_and(|on| on.row.id == row.id) {
                        self.take_from(row.lane, inner, outbox).await?;
                    }
                    let reply = replies.remove(&row.reply_message_id);
                    let event = ending(&row, reply);
                    self.move_on(row);
                    event
                }
            };
            // What lies before the place is told again to a lane that begins anew.
            self.rev = self.rev.max(rev);
            outbox.push_back(sent(self.position(), Event::Message(event)));
        }
        self.rev = conversation.rev;
        self.beside
            .retain(|on| lanes.iter().any(|row| row.lane == on.row.lane));
        for row in newest.into_iter().chain(lanes) {
            self.move_on(row);
        }
        // Last, because its id claims the whole rev. Whoever is not yet on the newest generation gets
        // that claim with the snapshot instead.
        if self.told.as_ref() != Some(&told) {
            self.told = Some(told);
            let running = self.lanes().find(|on| on.is_live());
            let event = ConversationEvent {
                id: conversation.id,
                rev: self.rev,
                title: conversation.title,
                head,
                status: conversation.status,
                generation_id: running.map(|on| on.row.id),
                compared,
                updated_at: conversation.updated_at,
            };
            outbox.push_back(sent(self.position(), Event::Conversation(event)));
        }
        Ok(())
    }

    /// Whether the end of a generation is to be told as such. That of a lane which is no longer compared is, to those
    /// who were following it.
    fn is_news(&self, row: &GenerationRow, compared: &[GenerationRow]) -> bool {
        let later = row.ended_rev > self.rev;
        if row.lane == FIRST {
            return later;
        }
        match self.on(row.lane).filter(|on| on.row.id == row.id) {
            Some(_) => later,
            None => compared.iter().any(|known| known.id == row.id),
        }
    }

    /// The generation that the viewer stands on in its lane, in its present state.
    fn move_on(&mut self, row: GenerationRow) {
        let lane = row.lane;
        match self.on_mut(lane) {
            Some(on) if on.row.id == row.id => on.go_on(row),
            Some(on) => *on = On::new(row),
            None if lane == FIRST => self.first = Some(On::new(row)),
            None => self.beside.push(On::new(row)),
        }
    }

    fn lanes(&self) -> impl Iterator<Item = &On> {
        self.first.iter().chain(&self.beside)
    }

    fn on(&self, lane: Lane) -> Option<&On> {
        self.lanes().find(|on| on.row.lane == lane)
    }

    fn on_mut(&mut self, lane: Lane) -> Option<&mut On> {
        let mut lanes = self.first.iter_mut().chain(&mut self.beside);
        lanes.find(|on| on.row.lane == lane)
    }

    /// What the viewer holds after all that was sent to it. `None` between the beginning of a generation and the first
    /// of its text: then the position that it had still holds.
    fn position(&self) -> Option<Position> {
        let mut position = match &self.first {
            Some(on) => Position::from(on.cursor(self.rev)?),
            None => Position::from(Cursor::idle(self.rev)),
        };
        for on in &self.beside {
            position.set(on.row.lane, on.cursor(self.rev));
        }
        Some(position)
    }
}

/// The lanes beside the first, as long as their replies are compared.
fn compared(changes: &Changes) -> impl Iterator<Item = &GenerationRow> {
    let compared = changes.compared;
    let beside = changes.beside.iter();
    beside.filter(move |row| Some(row.user_message_id) == compared)
}

fn told(changes: &Changes) -> Told {
    Told {
        title: changes.conversation.title.clone(),
        head: changes.head,
        compared: changes.compared,
    }
}

pub(super) fn heartbeat_ms(inner: &Inner) -> u64 {
    u64::try_from(inner.settings.times.stream_heartbeat.as_millis()).unwrap_or(u64::MAX)
}

fn sent(id: Option<Position>, event: Event) -> Sent {
    Sent {
        id,
        ..Sent::of(event)
    }
}
