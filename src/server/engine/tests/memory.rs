//! A store and a journal in memory: one conversation's worth of rules, enough for the engine. Instances share it like a
//! database; its clock is tokio's, so that tests can turn it.

mod tables;

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parlance_core::domain::{
    ConversationId, GenerationId, GenerationStatus, Message, MessageId, ModelConfigId, Timestamp,
    UserId,
};
use uuid::Uuid;

use self::tables::Tables;

use crate::port::{
    clock::Clock,
    journal::{Frame, Journal},
    store::{
        Begin, Begun, Change, Changes, Finish, Finished, GenerationRow, Owner, PathEnd, StoreError,
        Summary,
    },
};

/// Everything that is stored.
#[derive(Default)]
pub(super) struct Memory {
    tables: Mutex<Tables>,
    /// While set, nothing can be written to the journal.
    pub(super) journal_fails: AtomicBool,
    /// While set, no heartbeat gets through, and nobody can look for the dead.
    pub(super) is_away: AtomicBool,
    /// While set, whoever stores an end panics.
    pub(super) ends_panic: AtomicBool,
}

/// A clock that stands still, and ids that count up.
pub(super) struct Counter(pub(super) AtomicU64);

impl Clock for Counter {
    fn now(&self) -> Timestamp {
        Timestamp(1_763_664_000_000_000)
    }

    fn new_id(&self) -> Uuid {
        let number = u128::from(self.0.fetch_add(1, Ordering::Relaxed));
        // Spread over all bits, as random ones would be.
        Uuid::from_u128(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
    }
}

impl Memory {
    pub(super) fn here(&self) -> Result<(), StoreError> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("away".to_owned()));
        }
        Ok(())
    }

    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }

    pub(super) fn frames_of(&self, no: i64) -> Vec<Frame> {
        let tables = self.tables();
        let range = tables.frames.range((no, 0)..(no + 1, 0));
        range.filter_map(|(_, frame)| frame.clone()).collect()
    }

    pub(super) fn generation_row(&self, id: GenerationId) -> GenerationRow {
        let tables = self.tables();
        let found = tables.generations.iter().find(|(row, _)| row.id == id);
        found.expect("stored").0.clone()
    }

    pub(super) fn message_of(&self, id: MessageId) -> Option<Message> {
        let tables = self.tables();
        let found = tables.messages.iter().find(|(_, message)| message.id == id);
        found.map(|(_, message)| message.clone())
    }
}

#[async_trait]
impl Journal for Memory {
    async fn append(&self, frames: &[Frame]) -> Result<Vec<i64>, StoreError> {
        // A commit takes a moment.
        tokio::time::sleep(Duration::from_micros(500)).await;
        if self.journal_fails.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("no space left on device".into()));
        }
        let mut tables = self.tables();
        let mut fenced = Vec::new();
        for frame in frames {
            let key = (frame.generation_no, frame.seq);
            match tables.frames.get(&key) {
                None if !fenced.contains(&frame.generation_no) => {
                    tables.frames.insert(key, Some(frame.clone()));
                }
                Some(Some(stored)) if stored == frame => {}
                _ => fenced.push(frame.generation_no),
            }
        }
        Ok(fenced)
    }

    async fn frames_after(&self, no: i64, after: u64) -> Result<Vec<Frame>, StoreError> {
        let mut frames = self.frames_of(no);
        frames.retain(|frame| frame.seq > after);
        Ok(frames)
    }

    async fn tails(&self, nos: &[i64]) -> Result<HashMap<i64, u64>, StoreError> {
        let last = |no: &i64| Some((*no, self.frames_of(*no).last()?.seq));
        Ok(nos.iter().filter_map(last).collect())
    }

    async fn discard(&self, nos: &[i64]) -> Result<(), StoreError> {
        let keep =
            |(no, _): &(i64, u64), frame: &mut Option<Frame>| frame.is_none() || !nos.contains(no);
        self.tables().frames.retain(keep);
        Ok(())
    }

    async fn sweep(&self, _: &[i64]) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The verbs that the engine uses; `store.rs` puts them behind the traits.
impl Memory {
    pub(super) fn begin_turn(&self, begin: Begin) -> Result<Begun, StoreError> {
        self.tables().begin(begin)
    }

    pub(super) fn next_model(&self, conversation: ConversationId) -> Option<Option<ModelConfigId>> {
        let tables = self.tables();
        let begin = tables
            .waiting
            .iter()
            .find(|begin| begin.conversation_id == conversation)?;
        Some(begin.model)
    }

    pub(super) fn begin_waiting(
        &self,
        conversation: ConversationId,
        queued: bool,
        owner: Owner,
    ) -> Option<(GenerationRow, u64)> {
        let mut tables = self.tables();
        let place = tables
            .waiting
            .iter()
            .position(|begin| begin.conversation_id == conversation)?;
        if tables.active(conversation).is_some() {
            return None;
        }
        let begin = tables.waiting.remove(place);
        match tables.begin(Begin {
            queued,
            owner,
            ..begin
        }) {
            Ok(Begun::Started {
                generation, rev, ..
            }) => Some((generation, rev)),
            _ => None,
        }
    }

    pub(super) fn start_generation(&self, id: GenerationId, boot: Uuid) -> bool {
        let mut tables = self.tables();
        let found = tables.generations.iter_mut().find(|(row, _)| row.id == id);
        let Some((row, _)) = found else { return false };
        let mine = row.status == GenerationStatus::Queued && row.owner_boot == boot;
        if mine {
            row.status = GenerationStatus::Starting;
        }
        mine
    }

    pub(super) fn path_to(&self, message: MessageId) -> PathEnd {
        let mut path = Vec::new();
        let mut next = Some(message);
        while let Some(message) = next.and_then(|id| self.message_of(id)) {
            next = message.parent_id;
            path.push(message);
        }
        path.reverse();
        PathEnd {
            messages: path,
            earlier: false,
        }
    }

    pub(super) fn finish_generation(&self, finish: Finish) -> Result<Finished, StoreError> {
        assert!(!self.ends_panic.load(Ordering::Relaxed), "scripted");
        self.tables().finish(finish)
    }

    pub(super) fn orphans(&self, owner: Owner, ttl: Duration) -> Vec<GenerationRow> {
        let tables = self.tables();
        let orphaned = |row: &GenerationRow| {
            !row.status.is_terminal()
                && row.owner_boot != owner.boot
                && !tables.alive(row.owner_boot, ttl)
        };
        let rows = tables.generations.iter().map(|(row, _)| row);
        rows.filter(|row| orphaned(row)).cloned().collect()
    }

    pub(super) fn adopt(&self, id: GenerationId, from: Uuid, owner: Owner) -> bool {
        let mut tables = self.tables();
        let found = tables.generations.iter_mut().find(|(row, _)| row.id == id);
        let Some((row, holder)) = found else {
            return false;
        };
        if row.status != GenerationStatus::Queued || row.owner_boot != from {
            return false;
        }
        row.owner_boot = owner.boot;
        *holder = owner;
        true
    }

    pub(super) fn handed_over(&self) -> Vec<GenerationRow> {
        let tables = self.tables();
        let draining = |boot| {
            tables
                .beats
                .get(&boot)
                .is_some_and(|(_, draining)| *draining)
        };
        let rows = tables.generations.iter().map(|(row, _)| row);
        rows.filter(|row| row.status == GenerationStatus::Queued && draining(row.owner_boot))
            .cloned()
            .collect()
    }

    pub(super) fn changes(&self, owner: UserId, id: ConversationId, since: u64) -> Option<Changes> {
        let tables = self.tables();
        let (user, conversation, head) = tables.conversations.get(&id)?;
        if *user != owner {
            return None;
        }
        let messages = tables.messages.iter();
        let rows = tables.generations.iter().rev().map(|(row, _)| row);
        let rows = rows.filter(|row| row.conversation_id == id);
        let newest = rows.clone().find(|row| row.lane == 0).cloned();
        let beside = |row: &&GenerationRow| {
            let turn = newest.as_ref().map(|newest| newest.user_message_id);
            row.lane > 0 && Some(row.user_message_id) == turn
        };
        let mut beside: Vec<_> = rows.filter(beside).cloned().collect();
        beside.reverse();
        let compared = tables.compared.get(&id).copied();
        // The first lane's own.
        let first = newest.as_ref().and_then(GenerationRow::reply);
        Some(Changes {
            conversation: conversation.clone(),
            head: compared.map_or(*head, |asked| Some(first.unwrap_or(asked))),
            compared,
            beside,
            messages: messages
                .filter(|(rev, message)| *rev > since && message.conversation_id == id)
                .cloned()
                .collect(),
            truncated: false,
            ended: tables
                .generations
                .iter()
                .map(|(row, _)| row)
                .filter(|row| {
                    row.conversation_id == id && row.status.is_terminal() && row.ended_rev > since
                })
                .cloned()
                .collect(),
            newest,
        })
    }

    pub(super) fn changed(&self, owner: UserId) -> Vec<Change> {
        let tables = self.tables();
        let rows = tables.conversations.values();
        rows.filter(|(user, _, _)| *user == owner)
            .map(|(_, conversation, head)| Change {
                conversation: conversation.clone(),
                head: *head,
                compared: None,
                running: tables.active(conversation.id),
            })
            .collect()
    }

    pub(super) fn summary(&self) -> Option<Summary> {
        None
    }
}
