//! The generations that this process answers for, each with its log.

use std::{
    collections::HashMap,
    sync::{Arc, MutexGuard, PoisonError, Weak},
};

use parlance_core::domain::{ConversationId, GenerationId, ModelConfigId, Stopped};

use super::{Inner, admission::Ticket, log::Log, run};
use crate::port::{llm::Model, store::GenerationRow};

/// Logs of other processes' generations, by conversation: a few of each, as it has lanes.
pub(super) type Echoes = HashMap<ConversationId, Vec<Weak<Log>>>;

/// The log of a generation that this process answers for.
pub(super) enum Adopted {
    /// Made just now: nobody runs it yet.
    New(Arc<Log>),
    Known(Arc<Log>),
    /// Over, or another process's.
    NotOurs,
}

impl Inner {
    pub(super) fn start(
        self: &Arc<Self>,
        row: GenerationRow,
        ticket: Ticket,
        inline: Option<Arc<Model>>,
    ) {
        let (conversation, user) = (row.conversation_id, row.user_id);
        if let Adopted::New(log) = self.adopt(row) {
            if let Some(model) = inline
                && log.row.model_config_id == Some(ModelConfigId::INLINE)
            {
                // It was made just now: nobody has set it.
                let _ = log.inline.set(model);
            }
            self.stored(conversation, user);
            run::spawn(self.clone(), log, ticket);
        }
    }

    /// Its log, made if this process shall answer for it.
    pub(super) fn adopt(&self, row: GenerationRow) -> Adopted {
        let mut logs = self.logs();
        if let Some(log) = logs.get(&row.id) {
            return Adopted::Known(log.clone());
        }
        if row.status.is_terminal() || row.owner_boot != self.owner.boot {
            return Adopted::NotOurs;
        }
        let log = Arc::new(Log::new(row));
        logs.insert(log.row.id, log.clone());
        Adopted::New(log)
    }

    pub(super) fn logs(&self) -> MutexGuard<'_, HashMap<GenerationId, Arc<Log>>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn echoes(&self) -> MutexGuard<'_, Echoes> {
        self.echoes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn log(&self, id: GenerationId) -> Option<Arc<Log>> {
        self.logs().get(&id).cloned()
    }

    /// Generations whose end is not stored yet.
    pub(super) fn running(&self) -> Vec<Arc<Log>> {
        let logs = self.logs();
        let running = logs.values().filter(|log| !log.is_settled());
        running.cloned().collect()
    }

    /// Lets go of a generation that has not begun: another process will begin it.
    pub(super) fn let_go(&self, log: &Log) {
        self.logs().remove(&log.row.id);
        log.settle(Stopped {
            status: log.row.status,
            seq: 0,
            message_id: None,
        });
    }
}
