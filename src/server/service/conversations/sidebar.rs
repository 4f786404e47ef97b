//! The list beside every page: what is on it, and what of it has been seen.

use parlance_core::domain::{ConversationId, ConversationSort, limits};

use super::{Conversations, page};
pub use crate::port::store::Listed;
use crate::service::{Error, Viewer};

/// A page of the list, last used first.
#[derive(Clone, Debug)]
pub struct ListedPage {
    pub items: Vec<Listed>,
    /// Opaque; `None` on the last page.
    pub next_cursor: Option<String>,
}

impl Conversations {
    /// A page of what the viewer has, last used first. Cursors are those of [`Self::list`] in that order.
    ///
    /// # Errors
    /// `Invalid` (`cursor`).
    pub async fn sidebar(
        &self,
        viewer: &Viewer,
        cursor: Option<&str>,
    ) -> Result<ListedPage, Error> {
        const LIMIT: u32 = limits::PAGE_ITEMS_DEFAULT;
        let sort = ConversationSort::Updated;
        let after = page::after(sort, cursor)?;
        let mut items = self
            .store
            .list_sidebar(viewer.user.id, after, LIMIT + 1)
            .await?;
        let more = items.len() > LIMIT as usize;
        items.truncate(LIMIT as usize);
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|row| page::key_after(sort, &row.conversation));
        Ok(ListedPage { items, next_cursor })
    }

    /// The viewer has read what is there: a mark on the row goes, in every tab.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn mark_seen(&self, viewer: &Viewer, id: ConversationId) -> Result<(), Error> {
        let owner = viewer.user.id;
        if self.store.mark_seen(owner, id, self.clock.now()).await? {
            self.engine.wake(id, owner);
        }
        Ok(())
    }
}
