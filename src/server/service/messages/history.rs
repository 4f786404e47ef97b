//! Reading messages beside the open conversation: its last ones, and those of the past by page.

use parlance_core::domain::{ConversationId, FieldCode, Message, MessagePage, limits};

use super::Messages;
use crate::{
    port::store::Past,
    service::{Error, Viewer},
};

/// Messages in a page of the past when the caller does not say.
const PAGE_ITEMS: u32 = 20;

/// A page of the past.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The newest first.
    pub items: Vec<Message>,
    /// Messages on all pages together.
    pub total: u64,
    /// From 1.
    pub page: u32,
}

impl Messages {
    /// The end of the path that the viewer reads.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` (`limit`).
    pub async fn latest(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
        limit: Option<u32>,
    ) -> Result<MessagePage, Error> {
        let limit = checked(limit, limits::PAGE_ITEMS_DEFAULT)?;
        let opened = self
            .store
            .open_conversation(viewer.user.id, conversation, None, limit)
            .await?
            .ok_or(Error::NotFound)?;
        Ok(MessagePage {
            items: opened.messages,
            branches: opened.branches,
            earlier: opened.earlier,
        })
    }

    /// Messages of one conversation or of all, whatever their branch.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` (`page`, `limit`).
    pub async fn history(
        &self,
        viewer: &Viewer,
        conversation: Option<ConversationId>,
        page: Option<u32>,
        limit: Option<u32>,
    ) -> Result<HistoryPage, Error> {
        let limit = checked(limit, PAGE_ITEMS)?;
        let page = page.unwrap_or(1);
        if page == 0 {
            return Err(Error::field("page", FieldCode::Malformed));
        }
        let offset = u64::from(page - 1) * u64::from(limit);
        let Past { items, total } = self
            .store
            .history(viewer.user.id, conversation, offset, limit)
            .await?;
        Ok(HistoryPage { items, total, page })
    }
}

fn checked(limit: Option<u32>, default: u32) -> Result<u32, Error> {
    let limit = limit.unwrap_or(default);
    if (1..=limits::PAGE_ITEMS).contains(&limit) {
        Ok(limit)
    } else {
        Err(Error::field("limit", FieldCode::Malformed))
    }
}
