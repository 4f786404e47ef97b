//! Keeping one of several replies that are compared.

use parlance_core::domain::{Conversation, MessageId};

use super::Messages;
use crate::{
    port::store::StoreError,
    service::{Error, Viewer},
};

impl Messages {
    /// Of the replies that are compared, this one: the others that are still being written are stopped, the path ends with
    /// it, and nothing is compared any more. One that is kept already stays so.
    ///
    /// # Errors
    /// `NotFound` for anything but a stored reply that is compared.
    pub async fn keep(&self, viewer: &Viewer, message: MessageId) -> Result<Conversation, Error> {
        let id = self.own(viewer, message).await?.conversation_id;
        let owner = viewer.user.id;
        let lanes = self.lanes(viewer, id).await?;
        let (head, is_open) = (lanes.head, lanes.compared.is_some());
        let conversation = lanes.conversation.clone();
        let rows = lanes.lanes();
        let is_among = rows.len() > 1 && rows.iter().any(|row| row.reply() == Some(message));
        match is_among {
            true if is_open => {}
            true if head == Some(message) => return Ok(conversation),
            _ => return Err(Error::NotFound),
        }
        let others = rows.iter().map(|row| row.reply_message_id);
        let others: Vec<_> = others.filter(|reply| *reply != message).collect();
        // First, so that a message which waits for the end of the others goes on from this one.
        let preferred = self.store.prefer_reply(owner, message, self.clock.now());
        match preferred.await {
            Ok(()) => {
                self.engine.stop_all(rows).await?;
                let kept = self.store.keep_reply(owner, message, self.clock.now());
                match kept.await {
                    Ok(()) => self.engine.wake(id, owner),
                    // Another request was faster, or the next message is being answered.
                    Err(StoreError::NotFound | StoreError::GenerationActive(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        let now = self.lanes(viewer, id).await?;
        match now.head {
            Some(head) if others.contains(&head) => Err(Error::NotFound),
            _ => Ok(now.conversation),
        }
    }
}
