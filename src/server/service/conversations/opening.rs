//! Opening a conversation: its rows as one read finds them, and of every reply under way the text that the cursor covers.

use parlance_core::domain::{
    ActiveGeneration, Beside, ConversationId, Cursor, GenerationFailure, GenerationStatus, Message,
    OpenConversation, PartText, Position, lane::FIRST, limits,
};

use super::Conversations;
use crate::{
    port::store::{GenerationRow, LATEST_REV, Opened},
    service::{Error, Owned, Viewer},
};

impl Conversations {
    /// The conversation with the end of the path that the viewer reads, or with `since_rev` all
    /// that came later, and the cursor to go on from.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn open(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        since_rev: Option<u64>,
    ) -> Result<OpenConversation, Error> {
        let since = since_rev.map(|rev| rev.min(LATEST_REV));
        let read = |owner| {
            self.store
                .open_conversation(owner, id, since, limits::OPEN_MESSAGES)
        };
        let mut opened = Owned::find(viewer, read).await?;
        if self.has_slipped_away(&opened).await? {
            opened = Owned::find(viewer, read).await?;
        }
        let Opened {
            conversation,
            head,
            messages,
            branches,
            earlier,
            newest,
            compared,
            beside,
        } = opened.into_inner();
        let rev = conversation.rev;
        let mut position = Position::from(Cursor::idle(rev));
        let mut open = OpenConversation {
            conversation,
            messages,
            branches,
            earlier,
            head,
            deleted: Vec::new(),
            active: None,
            failure: None,
            compared,
            beside: Vec::new(),
            cursor: String::new(),
        };
        if let Some(newest) = newest {
            let (active, cursor) = self.standing(&newest, rev).await?;
            position.set(FIRST, Some(cursor));
            open.active = active;
            let asked = Some(newest.user_message_id);
            // Of another reply that did not come, too: the earlier one stands. But not where one of several was kept.
            let answered = open.messages.iter().any(|reply| reply.parent_id == asked);
            let kept_another = compared.is_none() && !beside.is_empty();
            if (answered || asked == head) && !kept_another {
                open.failure = failure(newest);
            }
        }
        for row in beside.into_iter().filter(|_| compared.is_some()) {
            let (active, cursor) = self.standing(&row, rev).await?;
            position.set(row.lane, Some(cursor));
            let message = match row.reply() {
                Some(reply) => self.store.message(row.user_id, reply).await?,
                None => None,
            };
            open.messages.retain(|held| held.id != row.reply_message_id);
            open.beside.push(Beside {
                lane: row.lane,
                model_config_id: row.model_config_id,
                message,
                active,
                failure: failure(row),
            });
        }
        open.cursor = position.to_string();
        Ok(open)
    }

    async fn has_slipped_away(&self, opened: &Opened) -> Result<bool, Error> {
        for row in opened.newest.iter().chain(&opened.beside) {
            if self.engine.has_slipped_away(row).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A generation as far as it has come, and the cursor that says how far that is.
    async fn standing(
        &self,
        row: &GenerationRow,
        rev: u64,
    ) -> Result<(Option<ActiveGeneration>, Cursor), Error> {
        if row.status.is_terminal() {
            return Ok((None, Cursor::on(rev, row.id, row.last_seq)));
        }
        let (active, seq) = self.active(row).await?;
        let cursor = if seq < row.kept_frames {
            // The text is the kept one, which is not in the log yet: the stream begins with all of it.
            Cursor::idle(rev)
        } else {
            Cursor::on(rev, row.id, seq)
        };
        Ok((Some(active), cursor))
    }

    /// The reply being written, as far as it is committed. The log in memory may be ahead of what the
    /// transaction saw, never behind: the cursor that goes with it says how far it reaches.
    async fn active(&self, row: &GenerationRow) -> Result<(ActiveGeneration, u64), Error> {
        let (mut parts, seq) = self.engine.text_so_far(row).await?;
        if let Some(kept) = row.continues_message_id.filter(|_| seq < row.kept_frames) {
            let kept = self.store.message(row.user_id, kept).await?;
            parts.clear();
            for (kind, text) in kept.iter().flat_map(Message::parts) {
                PartText::append(&mut parts, kind, text);
            }
        }
        let active = ActiveGeneration {
            generation_id: row.id,
            message_id: row.reply_message_id,
            user_message_id: row.user_message_id,
            status: if seq > 0 {
                GenerationStatus::Streaming
            } else {
                row.status
            },
            kind: row.kind,
            continues_message_id: row.continues_message_id,
            parts,
        };
        Ok((active, seq))
    }
}

fn failure(row: GenerationRow) -> Option<GenerationFailure> {
    matches!(
        row.status,
        GenerationStatus::Failed | GenerationStatus::Cancelled
    )
    .then_some(GenerationFailure {
        generation_id: row.id,
        user_message_id: row.user_message_id,
        status: row.status,
        error: row.error,
    })
}
