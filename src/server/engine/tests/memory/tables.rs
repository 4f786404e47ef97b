//! The rows, and the transactions on them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use parlance_core::domain::{
    Conversation, ConversationId, ConversationStatus, GenerationId, GenerationKind,
    GenerationStatus, Message, MessageId, ModelConfigId, Role, SessionId, UserId, WhenBusy,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::port::{
    journal::Frame,
    store::{Ask, Begin, Begun, Finish, Finished, GenerationRow, Owner, StoreError},
};

/// Everything that is stored.
#[derive(Default)]
pub(in super::super) struct Tables {
    pub(in super::super) conversations:
        HashMap<ConversationId, (UserId, Conversation, Option<MessageId>)>,
    pub(in super::super) messages: Vec<(u64, Message)>,
    pub(in super::super) generations: Vec<(GenerationRow, Owner)>,
    pub(in super::super) frames: BTreeMap<(i64, u64), Option<Frame>>,
    pub(in super::super) beats: HashMap<Uuid, (Instant, bool)>,
    pub(in super::super) ended_sessions: HashSet<SessionId>,
    pub(in super::super) waiting: Vec<Begin>,
    pub(in super::super) compared: HashMap<ConversationId, MessageId>,
    previous_head: HashMap<GenerationId, Option<MessageId>>,
}

impl Tables {
    pub(in super::super) fn active(&self, conversation: ConversationId) -> Option<GenerationId> {
        self.generations
            .iter()
            .find(|(row, _)| row.conversation_id == conversation && !row.status.is_terminal())
            .map(|(row, _)| row.id)
    }

    pub(in super::super) fn begin(&mut self, begin: Begin) -> Result<Begun, StoreError> {
        let id = begin.conversation_id;
        let conversation = |user| Conversation {
            id,
            title: begin.title.clone(),
            persona_id: None,
            model_config_id: None,
            parameters: Default::default(),
            compare_with: Vec::new(),
            status: ConversationStatus::Active,
            rev: 0,
            when_busy: WhenBusy::Reject,
            created_at: begin.now,
            updated_at: user,
        };
        if begin.create && !self.conversations.contains_key(&id) {
            let row = (begin.user_id, conversation(begin.now), None);
            self.conversations.insert(id, row);
        }
        if let Some(active) = self.active(id) {
            let queues = self.conversations[&id].1.when_busy == WhenBusy::Queue;
            let (true, Ask::Message { id: message_id, .. }) = (queues, &begin.ask) else {
                return Err(StoreError::GenerationActive(active));
            };
            let waiting = Begun::Waiting {
                message_id: *message_id,
                reply_message_id: begin.reply_message_id,
                generation_id: begin.generation_id,
                rev: self.conversations[&id].1.rev,
            };
            self.waiting.push(begin);
            return Ok(waiting);
        }
        let (_, conversation, head) = self
            .conversations
            .get_mut(&id)
            .ok_or(StoreError::NotFound)?;
        conversation.rev += 1;
        let rev = conversation.rev;
        let previous_head = *head;
        let (kind, user_message_id, continues, kept_frames) = match begin.ask {
            Ask::Message {
                id: message_id,
                content,
                ..
            } => {
                let message = Message {
                    parent_id: *head,
                    ..Message::said(id, message_id, Role::User, content, begin.now)
                };
                *head = Some(message_id);
                self.messages.push((rev, message));
                (GenerationKind::New, message_id, None, 0)
            }
            Ask::Again(_) => return Err(StoreError::NotFound),
            Ask::Further(reply) => {
                let found = self
                    .messages
                    .iter()
                    .find(|(_, message)| message.id == reply);
                let message = &found.ok_or(StoreError::NotFound)?.1;
                let user_message = message.parent_id.ok_or(StoreError::NotFound)?;
                *head = Some(user_message);
                let strands = u64::from(!message.content.is_empty())
                    + u64::from(
                        message
                            .reasoning
                            .as_ref()
                            .is_some_and(|text| !text.is_empty()),
                    );
                (GenerationKind::Continue, user_message, Some(reply), strands)
            }
        };
        match begin.beside.is_empty() {
            true => self.compared.remove(&id),
            false => self.compared.insert(id, user_message_id),
        };
        let status = |queued| match queued {
            true => GenerationStatus::Queued,
            false => GenerationStatus::Starting,
        };
        let row = GenerationRow {
            id: begin.generation_id,
            no: self.generations.len() as i64 + 1,
            conversation_id: id,
            user_id: begin.user_id,
            user_message_id,
            reply_message_id: begin.reply_message_id,
            persona_id: None,
            model_config_id: begin.model,
            parameters: begin.parameters,
            kind,
            continues_message_id: continues,
            kept_frames,
            lane: 0,
            owner_boot: begin.owner.boot,
            status: status(begin.queued),
            error: None,
            last_seq: 0,
            ended_rev: 0,
            created_at: begin.now,
        };
        self.previous_head.insert(row.id, previous_head);
        self.generations.push((row.clone(), begin.owner));
        let mut beside = Vec::new();
        for (lane, one) in (1..).zip(begin.beside) {
            let row = GenerationRow {
                id: one.generation_id,
                no: self.generations.len() as i64 + 1,
                reply_message_id: one.reply_message_id,
                model_config_id: Some(one.model).filter(|id| *id != ModelConfigId::INSTALLATION),
                status: status(one.queued),
                lane,
                ..row.clone()
            };
            self.generations.push((row.clone(), begin.owner));
            beside.push(row);
        }
        Ok(Begun::Started {
            generation: row,
            beside,
            rev,
        })
    }

    pub(in super::super) fn finish(&mut self, finish: Finish) -> Result<Finished, StoreError> {
        let row = &mut self
            .generations
            .iter_mut()
            .find(|(row, _)| row.id == finish.generation.id)
            .ok_or(StoreError::NotFound)?
            .0;
        if row.status.is_terminal() {
            let row = row.clone();
            let found = self
                .messages
                .iter()
                .find(|(_, message)| message.id == row.reply_message_id);
            return Ok(Finished {
                won: false,
                compared: false,
                rev: row.ended_rev,
                message: found.map(|(_, message)| message.clone()),
                generation: row,
            });
        }
        let seal = (row.no, finish.last_seq + 1);
        if self.frames.contains_key(&seal) {
            return Err(StoreError::Unavailable("the log goes on".into()));
        }
        self.frames.insert(seal, None);
        let compared = self.compared.get(&row.conversation_id) == Some(&row.user_message_id);
        let (_, conversation, head) = self
            .conversations
            .get_mut(&row.conversation_id)
            .ok_or(StoreError::NotFound)?;
        conversation.rev += 1;
        row.status = finish.status;
        row.error.clone_from(&finish.error);
        row.last_seq = finish.last_seq;
        row.ended_rev = conversation.rev;
        let message = finish.reply.map(|reply| Message {
            id: row.reply_message_id,
            conversation_id: row.conversation_id,
            parent_id: Some(row.user_message_id),
            continues_message_id: row.continues_message_id,
            role: Role::Assistant,
            content: reply.content,
            reasoning: reply.reasoning,
            status: reply.status,
            finish_reason: finish.finish_reason,
            error: finish.error,
            model: finish.model,
            model_config_id: row.model_config_id,
            persona_id: None,
            usage: finish.usage,
            cost_micros: finish.cost_micros,
            first_token_ms: None,
            response_ms: None,
            created_at: finish.ended_at,
        });
        match &message {
            Some(message) => {
                if !compared {
                    *head = Some(message.id);
                }
                self.messages.push((conversation.rev, message.clone()));
            }
            None if row.kind != GenerationKind::New => *head = self.previous_head[&row.id],
            None => {}
        }
        let row = row.clone();
        if compared && self.active(row.conversation_id).is_none() {
            let lanes = self.generations.iter().map(|(row, _)| row);
            let mut turn = lanes.filter(|one| one.user_message_id == row.user_message_id);
            let first = turn.find_map(GenerationRow::reply);
            let (_, _, head) = self
                .conversations
                .get_mut(&row.conversation_id)
                .ok_or(StoreError::NotFound)?;
            *head = first.or(*head);
        }
        Ok(Finished {
            won: true,
            rev: row.ended_rev,
            generation: row,
            message,
            compared,
        })
    }

    pub(in super::super) fn alive(&self, boot: Uuid, ttl: Duration) -> bool {
        self.beats
            .get(&boot)
            .is_some_and(|(heard, _)| heard.elapsed() <= ttl)
    }
}
